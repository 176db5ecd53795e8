"""What a line reader saw step by step (CTC), asked another question: how likely is this text?

After A. Graves et al., "Connectionist temporal classification", 2006: a text is read by every path of classes that
gives it once repeated classes and those of no character are dropped, and its probability is the sum over these paths.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from worker.pipeline.characters import BLANK
from worker.pipeline.types import LogProbabilities

_NEVER, _LEAST = -1e30, 1e-290
"""A log probability, and a probability, of what cannot be."""

_UNSCALED_STEPS = 8
"""After so many steps at most, none of which is less likely than the 1e-12 of the reader, all is scaled to 1 again."""

SURELY_BLANK = -1e-3
"""Log probability of a blank above which a step adds no character."""


def drop_idle_steps(log_probabilities: LogProbabilities) -> LogProbabilities:
    """Without the steps that surely read nothing, but for one of each run of them: it keeps repeated letters apart.

    Most of a strip is empty, and what is asked of it costs time for every step.
    """
    idle = log_probabilities[:, BLANK] > SURELY_BLANK
    return log_probabilities[~(idle & np.concatenate([[False], idle[:-1]]))] if len(idle) else log_probabilities


def log_likelihoods(views: Sequence[LogProbabilities], texts: Sequence[Sequence[int]]) -> NDArray[np.float64]:
    """Logarithm of the probability that each of `views` (steps of a line each) reads each of `texts` (classes of its
    characters), shape (views, texts).

    A text that needs more steps than there are, or is hundreds of nats away, has about -1e30. All go through the steps
    together, as probabilities that are scaled now and then: a fifth of the time of adding up logarithms.
    """
    if not texts or not views:
        return np.full((len(views), len(texts)), _NEVER)
    # Each text with a BLANK before, between and behind its characters: the states that a path goes through.
    states = np.full((len(texts), 2 * max(map(len, texts)) + 1), BLANK)
    for index, text in enumerate(texts):
        states[index, 1 : 2 * len(text) : 2] = text
    jumps = states[:, 2:] != states[:, :-2]
    shares = _align(views)[:, :, states]
    reached = np.zeros(shares.shape[1:])
    reached[..., :2] = shares[0, ..., :2]
    scales = np.zeros(reached.shape[:2])
    for number, share in enumerate(shares[1:], start=1):
        following = reached.copy()
        following[..., 1:] += reached[..., :-1]
        following[..., 2:] += reached[..., :-2] * jumps
        reached = following * share
        if number % _UNSCALED_STEPS == 0:
            highest = np.maximum(reached.max(axis=2), _LEAST)
            reached /= highest[..., None]
            scales += np.log(highest)
    rows, ends = np.arange(len(texts)), np.array([2 * len(text) for text in texts])
    total = reached[:, rows, ends] + np.where(ends > 0, reached[:, rows, np.maximum(ends - 1, 0)], 0.0)
    total[[not len(view) for view in views]] = 0.0
    return np.where(total > _LEAST, np.log(np.maximum(total, _LEAST)) + scales, _NEVER)


def _align(views: Sequence[LogProbabilities]) -> NDArray[np.float64]:
    """Probabilities at the steps that are not idle, shape (steps, views, classes); a view that has fewer than another
    goes on with steps that are surely blank, which change no text's."""
    kept = [np.exp(drop_idle_steps(view).astype(np.float64)) for view in views]
    shares = np.zeros((max(1, *map(len, kept)), len(kept), kept[0].shape[1]))
    shares[:, :, BLANK] = 1.0
    for index, steps in enumerate(kept):
        shares[: len(steps), index] = steps
    return shares
