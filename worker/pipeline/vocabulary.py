"""How usual a word is in names and addresses: one that is listed, or one whose letters follow each other as in those.

A reader that is torn between two letters takes the one that makes a word. What it is sure of is never weighed at all.
"""

from __future__ import annotations

import math
from collections import Counter
from functools import cache
from pathlib import Path

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
    threes, twos, ones = _count_letters()
    total, padded = 0.0, f"{_EDGE}{_EDGE}{word}{_EDGE}"
    for index in range(2, len(padded)):
        before, last, letter = padded[index - 2 : index], padded[index - 1], padded[index]
        by_last = (twos[last + letter] + _SMOOTHING / _KINDS) / (ones[last] + _SMOOTHING)
        total += math.log((threes[before + letter] + _SMOOTHING * by_last) / (threes[before] + _SMOOTHING))
    return total


@cache
def _count_letters() -> tuple[Counter[str], Counter[str], Counter[str]]:
    """How often listed words have three letters in a row (and two of which a third follows), two, and one before
    another; edges count as letters."""
    threes: Counter[str] = Counter()
    twos: Counter[str] = Counter()
    ones: Counter[str] = Counter()
    for word in list_words():
        padded = f"{_EDGE}{_EDGE}{word}{_EDGE}"
        for index in range(2, len(padded)):
            threes[padded[index - 2 : index + 1]] += 1
            threes[padded[index - 2 : index]] += 1
            twos[padded[index - 1 : index + 1]] += 1
            ones[padded[index - 1]] += 1
    return threes, twos, ones
