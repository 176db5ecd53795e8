"""How usual a word is in names and addresses: one that is listed, or one whose letters follow each other as in those.

A reader that is torn between two letters takes the one that makes a word. What it is sure of is never weighed at all.
"""

from __future__ import annotations

import math
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from worker.ktp.regions import common_words
from worker.pipeline.names import read_names

_LISTED = 0.75
"""Share of the words of cards that are taken to be listed: another card has other names."""

_SHORTEST_REGION = 4
_SMOOTHING = 4.0
_EDGE = "^"
_KINDS = 27
"""Letters, and the end of the word."""


@cache
def weigh_word(word: str) -> float:
    """Natural logarithm of the probability of a word of letters A to Z among those of names and addresses."""
    spelt = math.log(1 - _LISTED) + _weigh_spelling(word)
    return max(spelt, math.log(_LISTED / len(list_words()))) if word in list_words() else spelt


@cache
def list_words() -> frozenset[str]:
    """Words that names are made of, common words of addresses, and what the names of regions have in common."""
    path = Path(__file__).parents[1] / "ktp" / "common_words.txt"
    return read_names() | frozenset(path.read_text(encoding="ascii").split()) | common_words(_SHORTEST_REGION)


def _weigh_spelling(word: str) -> float:
    """By each letter's two predecessors, in so far as listed words have these; else by the last, else alike."""
    threes, begun, twos, ones = _count_letters()
    total, letters = 0.0, _number(f"{_EDGE}{_EDGE}{word}{_EDGE}").tolist()
    for first, last, letter in zip(letters, letters[1:], letters[2:], strict=False):
        by_last = (twos[last, letter] + _SMOOTHING / _KINDS) / (ones[last] + _SMOOTHING)
        total += math.log((threes[first, last, letter] + _SMOOTHING * by_last) / (begun[first, last] + _SMOOTHING))
    return total


def _number(text: str) -> NDArray[np.intp]:
    """The letters A to Z as 1 to 26, the edge as 0."""
    codes = np.frombuffer(text.encode("ascii"), dtype=np.uint8).astype(np.intp)
    return np.where(codes == ord(_EDGE), 0, codes - ord("A") + 1)


@cache
def _count_letters() -> tuple[NDArray[np.float64], ...]:
    """How often listed words have three letters in a row, shape (27, 27, 27), two and a third behind them, two behind
    another, and one between two; edges count as letters."""
    text = _number("".join(f"{_EDGE}{_EDGE}{word}{_EDGE}" for word in list_words()))
    rows = np.stack([text[:-2], text[1:-1], text[2:]])
    # Where one word ends and the next begins there are two edges in the end.
    within = rows[:, (rows[1] != 0) | (rows[2] != 0)]
    threes = np.zeros((_KINDS, _KINDS, _KINDS))
    np.add.at(threes, tuple(within), 1)
    return threes, threes.sum(axis=2), threes.sum(axis=0), threes.sum(axis=(0, 2))
