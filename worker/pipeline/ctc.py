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

_NEVER = -1e30
SURELY_BLANK = -1e-3
"""Log probability of a blank above which a step adds no character."""


def drop_idle_steps(log_probabilities: LogProbabilities) -> LogProbabilities:
    """Without the steps that surely read nothing, but for one of each run of them: it keeps repeated letters apart.

    Most of a strip is empty, and what is asked of it costs time for every step.
    """
    idle = log_probabilities[:, BLANK] > SURELY_BLANK
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
