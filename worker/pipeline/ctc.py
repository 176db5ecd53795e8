"""What a line reader saw step by step (CTC), asked other questions: how likely is this text, which are the likeliest?

After A. Graves et al., "Connectionist temporal classification", 2006: a text is read by every path of classes that
gives it once repeated classes and those of no character are dropped, and its probability is the sum over these paths.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from worker.pipeline.characters import BLANK
from worker.pipeline.types import LogProbabilities

_NEVER = -1e30
_SURELY_BLANK = -1e-3
_HOPELESS = -12.0
_BEHIND = 12.0
_NOTHING_ADDED = 40.0
"""Log probabilities: of a blank, above which a step adds no character, and of a character, below which it is not
tried; by how much less than the likeliest a beginning may be; and by how much one of two is more than what the other
can add to."""


def drop_idle_steps(log_probabilities: LogProbabilities) -> LogProbabilities:
    """Without the steps that surely read nothing, but for one of each run of them: it keeps repeated letters apart.

    Most of a strip is empty, and what is asked of it costs time for every step.
    """
    idle = log_probabilities[:, BLANK] > _SURELY_BLANK
    return log_probabilities[~(idle & np.concatenate([[False], idle[:-1]]))] if len(idle) else log_probabilities


def log_likelihoods(log_probabilities: LogProbabilities, texts: Sequence[Sequence[int]]) -> NDArray[np.float64]:
    """Logarithm of the probability that the steps read each of `texts` (classes of its characters), shape (texts,).

    A text that needs more steps than there are has about -1e30. All texts go through the steps together.
    """
    longest = max((len(text) for text in texts), default=0)
    if not texts or not len(log_probabilities):
        return np.full(len(texts), _NEVER)
    # Each text with a BLANK before, between and behind its characters: the states that a path goes through.
    states = np.full((len(texts), 2 * longest + 1), BLANK)
    for index, text in enumerate(texts):
        states[index, 1 : 2 * len(text) : 2] = text
    jumps = np.zeros(states.shape, dtype=bool)
    jumps[:, 3::2] = states[:, 3::2] != states[:, 1:-2:2]
    steps = drop_idle_steps(log_probabilities).astype(np.float64)
    reached = np.full(states.shape, _NEVER)
    reached[:, :2] = steps[0][states[:, :2]]
    for step in steps[1:]:
        before = np.full_like(reached, _NEVER)
        before[:, 1:] = reached[:, :-1]
        skipped = np.full_like(reached, _NEVER)
        skipped[:, 2:] = reached[:, :-2]
        total = np.logaddexp(reached, before)
        total = np.where(jumps, np.logaddexp(total, skipped), total)
        reached = np.maximum(total + step[states], _NEVER)
    ends = np.array([2 * len(text) for text in texts])
    rows = np.arange(len(texts))
    last = reached[rows, ends]
    return np.where(ends > 0, np.logaddexp(last, reached[rows, np.maximum(ends - 1, 0)]), last)


def likeliest_texts(
    log_probabilities: LogProbabilities,
    classes: Sequence[int],
    *,
    beam: int = 32,
    length: int | None = None,
    favour: Callable[[tuple[int, ...]], float] | None = None,
) -> list[tuple[tuple[int, ...], float]]:
    """The likeliest texts of `classes` alone (BLANK not among them) with their log likelihood, the best first.

    Prefix beam search that keeps `beam` beginnings at each step; with `length`, only texts of so many characters.
    Likelihoods are those of the paths that were kept, so a little less than true. `favour`: how much likelier than by
    the steps alone a beginning is, in nats: it decides with them which ones are kept, and is not in the likelihoods.
    """
    beams: dict[tuple[int, ...], tuple[float, float]] = {(): (0.0, _NEVER)}
    favours: dict[tuple[int, ...], float] = {}
    for step in drop_idle_steps(log_probabilities).astype(np.float64).tolist():
        blank = step[BLANK]
        following: dict[tuple[int, ...], tuple[float, float]] = {}
        letters: list[tuple[int, float]] = []
        if blank < _SURELY_BLANK:
            letters = [(each, step[each]) for each in classes if step[each] > _HOPELESS]
        for text, (by_blank, by_letter) in beams.items():
            both = _add_logs(by_blank, by_letter)
            _add(following, text, both + blank, by_letter + step[text[-1]] if text else _NEVER)
            for letter, probability in letters:
                if length is not None and len(text) >= length:
                    break
                repeated = bool(text) and text[-1] == letter
                _add(following, (*text, letter), _NEVER, (by_blank if repeated else both) + probability)
        worth = {text: _add_logs(*ends) for text, ends in following.items()}
        if favour is not None and letters:
            for text in worth.keys() - favours.keys():
                favours[text] = favour(text)
            worth = {text: each + favours[text] for text, each in worth.items()}
        least = max(worth.values()) - _BEHIND
        kept = sorted((text for text, each in worth.items() if each >= least), key=worth.__getitem__, reverse=True)
        beams = {text: following[text] for text in kept[:beam]}
    whole = [(text, _add_logs(*ends)) for text, ends in beams.items() if length in (None, len(text))]
    return sorted(whole, key=lambda each: -each[1])


def _add(
    beams: dict[tuple[int, ...], tuple[float, float]], text: tuple[int, ...], by_blank: float, by_letter: float
) -> None:
    """Adds paths to `text` that end in a blank, and in its last letter."""
    held = beams.get(text)
    if held is not None:
        by_blank, by_letter = _add_logs(held[0], by_blank), _add_logs(held[1], by_letter)
    beams[text] = max(by_blank, _NEVER), max(by_letter, _NEVER)


def _add_logs(one: float, other: float) -> float:
    """Logarithm of the sum of two numbers given by theirs; twenty times faster than NumPy's for a pair."""
    high, low = (one, other) if one >= other else (other, one)
    return high if high - low > _NOTHING_ADDED else high + math.log1p(math.exp(low - high))
