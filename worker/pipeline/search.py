"""The likeliest texts of what a line reader saw step by step: a beam search over their beginnings.

After A. Graves et al., "Connectionist temporal classification", 2006, section 3.2, with a weight of the caller's own on
what a beginning says. It is the costliest piece of Python in the reading of a doubtful line, so its inner loop is
written out.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from worker.pipeline.characters import ALPHABET, BLANK
from worker.pipeline.ctc import SURELY_BLANK, drop_idle_steps
from worker.pipeline.types import LogProbabilities

_NEVER = -1e30
_HOPELESS, _BEHIND = 7.0, 9.0
"""Nats by which a character may be less likely than the likeliest at its step, and a beginning than the likeliest, to
be followed up. On development lines twelve of either gave the same names, addresses and numbers in twice the time."""

_NOTHING_ADDED = 40.0
"""By so many nats one of two is more than what the other can add to."""

Favour = Callable[[str], float]
"""How much likelier than by the steps alone a beginning is, in nats."""

_Ends = tuple[float, float]
"""Logarithms of the sums over the paths of a beginning that end in no character, and in its last one."""


def likeliest_texts(
    log_probabilities: LogProbabilities,
    characters: str,
    *,
    beam: int = 32,
    length: int | None = None,
    favour: Favour | None = None,
) -> list[tuple[str, float]]:
    """The likeliest texts of `characters` alone with their log likelihood, the best first.

    Keeps `beam` beginnings at each step; with `length`, only texts of so many characters. Likelihoods are those of the
    paths that were kept, so a little less than true. `favour` decides with them which beginnings are kept, and is not
    in the likelihoods.
    """
    classes = {each: ALPHABET.index(each) for each in characters}
    beams: dict[str, _Ends] = {"": (0.0, _NEVER)}
    favours: dict[str, float] = {}
    for step in drop_idle_steps(log_probabilities).astype(float).tolist():
        shown = {each: step[index] for each, index in classes.items()} if step[BLANK] < SURELY_BLANK else {}
        following = _follow(beams, step[BLANK], shown, length)
        worth = {text: _add_logs(*ends) for text, ends in following.items()}
        if favour is not None and shown:
            for text in worth.keys() - favours.keys():
                favours[text] = favour(text)
            worth = {text: each + favours[text] for text, each in worth.items()}
        least = max(worth.values()) - _BEHIND
        kept = sorted((text for text, each in worth.items() if each >= least), key=worth.__getitem__, reverse=True)
        beams = {text: following[text] for text in kept[:beam]}
    whole = [(text, _add_logs(*ends)) for text, ends in beams.items() if length in (None, len(text))]
    return sorted(whole, key=lambda each: -each[1])


def _follow(beams: dict[str, _Ends], blank: float, shown: dict[str, float], length: int | None) -> dict[str, _Ends]:
    """What the beginnings become in one step, which shows no character with log probability `blank` and others as in
    `shown`; those that are hopeless there are left out."""
    least = max(blank, *shown.values(), _NEVER) - _HOPELESS
    letters = [each for each in shown.items() if each[1] > least]
    following: dict[str, _Ends] = {}
    for text, (by_blank, by_letter) in beams.items():
        both = _add_logs(by_blank, by_letter)
        last = text[-1:]
        again = shown.get(last, _NEVER)
        whole = len(text) == length
        if blank > least or again > least or whole:
            ends = both + blank, by_letter + again
            held = following.get(text)
            following[text] = ends if held is None else (_add_logs(held[0], ends[0]), _add_logs(held[1], ends[1]))
        if whole:
            continue
        for letter, probability in letters:
            longer = text + letter
            path = (by_blank if letter == last else both) + probability
            held = following.get(longer)
            following[longer] = (_NEVER, path) if held is None else (held[0], _add_logs(held[1], path))
    return following


def _add_logs(one: float, other: float) -> float:
    """Logarithm of the sum of two numbers given by theirs; twenty times faster than NumPy's for a pair."""
    high, low = (one, other) if one >= other else (other, one)
    return high if high - low > _NOTHING_ADDED else high + math.log1p(math.exp(low - high))
