"""How much ink each height of the table has in the columns of its labels and values, told by the pixels alone.

Where no text can be recognized the rows can still be counted: an indented label leaves the left edge empty, and a
further line of a value leaves the whole column of labels empty.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from worker.ktp.layout import COLON_X, INDENTED_LABEL_X, LABEL_X, VALUE_MAX_X, VALUE_X
from worker.pipeline.geometry import invert
from worker.pipeline.types import Homography, Page

_WIDTH, _HEIGHT = 512, 400
"""Pixels of the picture of the card that is measured; a row is 18 high in it."""

_STROKE = (9, 9)
"""What is wider and taller than this, in these pixels, is no stroke of a letter."""

_MOST_SPREAD = 20.0
"""Pixels by which a page is smoothed at most: a frame that is far larger than its page took minutes."""

_MARGIN = 0.006
_EDGE = (LABEL_X - _MARGIN, INDENTED_LABEL_X - _MARGIN)
_LABELS = (INDENTED_LABEL_X, COLON_X - 2 * _MARGIN)
_VALUES = (VALUE_X, VALUE_X + 0.12)
_EMPTY, _FULL = 15, 90
"""Percentiles of a column's heights that count as empty and as full of ink."""


_PRINT, _FAINT = (VALUE_X, VALUE_MAX_X), 6.0
"""Where values stand, and levels below which the darkest stroke of a line is none."""

_SHARE, _BEHIND = 0.15, 0.04
"""Of its darkest stroke so much is print of the same line, be it in glare; and so much of the card's width is left
behind it: two capitals. With a quarter and one capital a date lost its last digit."""

_HALF_A_LINE = 7
"""Pixels of the picture."""

_LEAST_CONTRAST = 1.0
"""Levels of brightness between empty and full below which a column says nothing."""

UNKNOWN = 0.5
"""Ink where nothing can be told."""


@dataclass(frozen=True)
class InkProfile:
    """Ink at each of n heights from 0 to 1 of the card, shape (n,), about 0 (none) to 1 (a line of text).

    `edge` is where labels begin that are not indented, `labels` where all labels have letters, `values` where values
    begin; `ends` is where print ends in the column of values, in widths of the card.
    """

    edge: NDArray[np.float64]
    labels: NDArray[np.float64]
    values: NDArray[np.float64]
    ends: NDArray[np.float64]

    def at(self, v: float) -> tuple[float, float, float]:
        """Ink of the three columns at height `v`."""
        place = self._place(v)
        return float(self.edge[place]), float(self.labels[place]), float(self.values[place])

    def end_at(self, v: float) -> float:
        """Where a line of values at height `v` has no more print."""
        return float(self.ends[self._place(v)])

    def _place(self, v: float) -> int:
        return min(len(self.edge) - 1, max(0, round(v * len(self.edge))))


Strokes: TypeAlias = NDArray[np.float64]
"""How much darker than what is around it each point of the card is, in levels, shape (_HEIGHT, _WIDTH)."""


def measure_ink(page: Page, to_card: Homography) -> InkProfile:
    """The profile of the card that `to_card` places on the page."""
    return profile_strokes(draw_strokes(page, to_card))


def profile_strokes(strokes: Strokes) -> InkProfile:
    """The profile of the card with these strokes."""
    edge, labels, values = (_profile(strokes, *zone) for zone in (_EDGE, _LABELS, _VALUES))
    return InkProfile(edge, labels, values, _ends(strokes))


def draw_strokes(page: Page, to_card: Homography) -> Strokes:
    """The strokes on the card that `to_card` places on the page."""
    grey = cv2.cvtColor(page.pixels, cv2.COLOR_BGR2GRAY)
    size = np.diag([_WIDTH, _HEIGHT, 1.0])
    to_picture = size @ to_card
    if abs(np.linalg.det(to_picture[:2, :2])) < 0.5:
        # Warping alone would alias: halve first what is to become less than half.
        spread = min(_MOST_SPREAD, 0.35 * abs(np.linalg.det(invert(to_picture)[:2, :2])) ** 0.5)
        grey = np.asarray(cv2.GaussianBlur(grey, (0, 0), spread))
    picture = cv2.warpPerspective(grey, to_picture, (_WIDTH, _HEIGHT), borderMode=cv2.BORDER_REPLICATE)
    return cv2.morphologyEx(picture, cv2.MORPH_BLACKHAT, np.ones(_STROKE, dtype=np.uint8)).astype(np.float64)


def _profile(strokes: Strokes, left: float, right: float) -> NDArray[np.float64]:
    column = strokes[:, round(left * _WIDTH) : round(right * _WIDTH)].mean(axis=1)
    smooth = cv2.GaussianBlur(column[:, None], (0, 0), sigmaX=0.1, sigmaY=3.0)[:, 0]
    table = smooth[round(0.3 * _HEIGHT) : round(0.86 * _HEIGHT)]
    empty, full = np.percentile(table, (_EMPTY, _FULL))
    if full - empty < _LEAST_CONTRAST:
        return np.full(_HEIGHT, UNKNOWN)
    return np.asarray(np.clip((smooth - empty) / (full - empty), 0.0, 1.2))


def _ends(strokes: Strokes) -> NDArray[np.float64]:
    """Where the print of a line at each height ends; at the end of the column where the ground is as dark as print."""
    first, last = (round(edge * _WIDTH) for edge in _PRINT)
    window = np.ones((2 * _HALF_A_LINE + 1, 3), dtype=np.uint8)
    darkest = cv2.dilate(cv2.blur(strokes, (2, 2)), window)[:, first:last]
    peak = darkest.max(axis=1)
    printed = darkest >= _SHARE * peak[:, None]
    ends = (last - np.argmax(printed[:, ::-1], axis=1)) / _WIDTH + _BEHIND
    return np.where(peak >= _FAINT, np.minimum(ends, _PRINT[1]), _PRINT[1])
