"""How far aside of their place the values begin on a card whose corners were found a little off, told by their text.

A strip whose first letter stands at its very edge may have lost another before it, and nothing in what was read tells:
THOLIK for KATHOLIK, GEDE for I GEDE. So the card is moved, and sheared where that grows from row to row, until its
values begin where they should. Of 2,361 development scenes that won 45 fields and cost 3.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from worker.pipeline.strips import PrintedLine, text_start
from worker.pipeline.types import Homography

_USUAL = 0.2847
"""Where values begin, in widths of the card, as the line reader has it: the median. A single line begins at 0.2745 to
0.2963 (5th and 95th percentile of 24,313 lines of cards in place); strips begin at 0.262."""

_LOST, _BEYOND = 0.0067, 0.015
"""Text so much further left may have lost letters, and then it is not known how many: the card is moved so much more,
and back the next time."""

_PROBABLE, _FEWEST = 0.5, 5
"""Least probability of a first letter, and the lines that it takes to tell."""

_APART = 0.09
"""Heights of the card from which on two lines tell how the margin changes: about two rows."""


@dataclass(frozen=True)
class Slack:
    """How far to the left and to the right of their place values may begin, in widths of the card."""

    left: float
    right: float


def follow_margin(lines: Iterable[PrintedLine], to_card: Homography, slack: Slack) -> Homography | None:
    """`to_card`, moved so that `lines`, strips of values, begin where they should; None where they do within `slack` or
    too few of them tell."""
    starts = np.array(
        [
            (line.v, text_start(line, to_card))
            for line in lines
            if line.text.characters and line.text.characters[0].probability >= _PROBABLE
        ]
    )
    if len(starts) < _FEWEST:
        return None
    start, slope = _fit_line(*starts.T)
    off = start + slope * np.array([starts[:, 0].min(), starts[:, 0].max()]) - _USUAL
    if off.min() >= -slack.left and off.max() <= slack.right:
        return None
    move = _USUAL - start + (_BEYOND if off.min() < -_LOST else 0.0)
    return np.array([[1.0, -slope, move], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]) @ to_card


def _fit_line(heights: NDArray[np.float64], starts: NDArray[np.float64]) -> tuple[float, float]:
    """Where values begin at height 0, and how that changes down to 1: medians (Theil and Sen), for single lines err."""
    first, second = np.triu_indices(len(heights), 1)
    apart = heights[second] - heights[first]
    far = np.abs(apart) > _APART
    slope = float(np.median((starts[second] - starts[first])[far] / apart[far])) if far.any() else 0.0
    return float(np.median(starts - slope * heights)), slope
