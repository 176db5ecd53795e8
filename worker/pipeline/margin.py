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

from worker.pipeline.geometry import map_points
from worker.pipeline.strips import PrintedLine
from worker.pipeline.types import Homography

_USUAL = 0.0227
"""Widths of the card from the edge of a strip of values to its first letter, as the line reader has it: the median. A
single line has 0.0125 to 0.0343 (5th and 95th percentile of 24,313 lines of cards in place)."""

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
    indents = np.array(
        [
            (line.v, _indent(line, to_card))
            for line in lines
            if line.text.characters and line.text.characters[0].probability >= _PROBABLE
        ]
    )
    if len(indents) < _FEWEST:
        return None
    start, slope = _fit_line(*indents.T)
    off = start + slope * np.array([indents[:, 0].min(), indents[:, 0].max()]) - _USUAL
    if off.min() >= -slack.left and off.max() <= slack.right:
        return None
    move = _USUAL - start + (_BEYOND if off.min() < -_LOST else 0.0)
    return np.array([[1.0, -slope, move], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]) @ to_card


def _fit_line(heights: NDArray[np.float64], indents: NDArray[np.float64]) -> tuple[float, float]:
    """Indent at height 0 and its change over the card's height: the medians (Theil and Sen), for single lines err."""
    first, second = np.triu_indices(len(heights), 1)
    apart = heights[second] - heights[first]
    far = np.abs(apart) > _APART
    slope = float(np.median((indents[second] - indents[first])[far] / apart[far])) if far.any() else 0.0
    return float(np.median(indents - slope * heights)), slope


def _indent(line: PrintedLine, to_card: Homography) -> float:
    """From the edge of the strip to its first letter, in widths of the card."""
    (left, _), (right, _) = map_points(to_card, line.quad)[:2]
    return float((right - left) * line.text.characters[0].left / line.width)
