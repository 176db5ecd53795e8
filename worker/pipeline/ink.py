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
from worker.pipeline.geometry import UNIT, invert, map_points, signed_area
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

HEADER = (0.08, 0.92)
"""Where province and city stand."""

_SHARE, _BESIDE = 0.15, 0.04
"""Of its darkest stroke so much is print of the same line, be it in glare; and so much of the card's width is left
beside it: two capitals. With a quarter and one capital a date lost its last digit."""

_GROUND, _GROUND_FROM, _ABOVE, _MOST_GROUND = 75, 0.65, 1.3, 0.4
"""The lines of the ground are as dark as this percentile of the end of the column of values, from so much of its width
on, where most lines have no print. Print is darker by this factor; but whatever the ground, so much of a line's darkest
stroke is. Of 3,900 legible lines on 334 development cards this cut off 2 more than _SHARE alone, and the mean strip is
0.31 instead of 0.40 of the card's width long (0.24 would be enough)."""

_EMPTY_LINE, _FAR_LIGHTER, _LOOK = 1.15, 0.4, 0.16
"""A line whose darkest stroke is no darker than so many times the ground (the faintest of those legible lines had 1.2
times), and than such a share of the darkest lines', has no print; a look at so much of its beginning is enough."""

_HALF_A_LINE = 7
"""Pixels of the picture."""

_TABLE = slice(round(0.3 * _HEIGHT), round(0.86 * _HEIGHT))
"""Heights of the rows."""

_LEAST_CONTRAST = 1.0
"""Levels of brightness between empty and full below which a column says nothing."""

UNKNOWN = 0.5
"""Ink where nothing can be told."""


@dataclass(frozen=True)
class InkProfile:
    """Ink at each of n heights from 0 to 1 of the card, shape (n,), about 0 (none) to 1 (a line of text).

    `edge` is where labels begin that are not indented, `labels` where all labels have letters, `values` where values
    begin; `ends` is where print ends in the column of values, and `header`, shape (n, 2), where it begins and ends in
    the header, in widths of the card.
    """

    edge: NDArray[np.float64]
    labels: NDArray[np.float64]
    values: NDArray[np.float64]
    ends: NDArray[np.float64]
    header: NDArray[np.float64]

    def at(self, v: float) -> tuple[float, float, float]:
        """Ink of the three columns at height `v`."""
        place = self._place(v)
        return float(self.edge[place]), float(self.labels[place]), float(self.values[place])

    def end_at(self, v: float) -> float:
        """Where a line of values at height `v` has no more print."""
        return float(self.ends[self._place(v)])

    def header_at(self, v: float) -> tuple[float, float]:
        """Where a line of the header at height `v` begins and ends."""
        first, last = self.header[self._place(v)].tolist()
        return first, last

    def _place(self, v: float) -> int:
        return min(len(self.edge) - 1, max(0, round(v * len(self.edge))))


Strokes: TypeAlias = NDArray[np.float32]
"""How much darker than what is around it each point of the card is, in levels, shape (_HEIGHT, _WIDTH)."""


def measure_ink(page: Page, to_card: Homography) -> InkProfile:
    """The profile of the card that `to_card` places on the page."""
    return profile_strokes(draw_strokes(page, to_card))


def profile_strokes(strokes: Strokes) -> InkProfile:
    """The profile of the card with these strokes."""
    edge, labels, values = (_profile(strokes, *zone) for zone in (_EDGE, _LABELS, _VALUES))
    window = np.ones((2 * _HALF_A_LINE + 1, 3), dtype=np.uint8)
    darkest = np.asarray(cv2.dilate(cv2.blur(strokes, (2, 2)), window), dtype=np.float32)
    column = _columns(darkest, _PRINT)[_TABLE]
    ground = float(np.percentile(column[:, round(_GROUND_FROM * column.shape[1]) :], _GROUND))
    return InkProfile(edge, labels, values, _ends(darkest, ground), _spans(darkest, HEADER, ground))


def draw_strokes(page: Page, to_card: Homography) -> Strokes:
    """The strokes on the card that `to_card` places on the page."""
    grey = page.grey
    to_picture = np.diag([_WIDTH, _HEIGHT, 1.0]) @ to_card
    shrunk = abs(signed_area(map_points(invert(to_card), UNIT))) / (_WIDTH * _HEIGHT)
    if shrunk > 2:
        # Warping alone would alias: halve first what is to become less than half.
        spread = min(_MOST_SPREAD, 0.35 * shrunk**0.5)
        grey = np.asarray(cv2.GaussianBlur(grey, (0, 0), spread))
    picture = cv2.warpPerspective(grey, to_picture, (_WIDTH, _HEIGHT), borderMode=cv2.BORDER_REPLICATE)
    return cv2.morphologyEx(picture, cv2.MORPH_BLACKHAT, np.ones(_STROKE, dtype=np.uint8)).astype(np.float32)


def _profile(strokes: Strokes, left: float, right: float) -> NDArray[np.float64]:
    column = _columns(strokes, (left, right)).mean(axis=1, dtype=np.float64)
    smooth = cv2.GaussianBlur(column[:, None], (0, 0), sigmaX=0.1, sigmaY=3.0)[:, 0]
    table = smooth[_TABLE]
    empty, full = np.percentile(table, (_EMPTY, _FULL))
    if full - empty < _LEAST_CONTRAST:
        return np.full(_HEIGHT, UNKNOWN)
    return np.asarray(np.clip((smooth - empty) / (full - empty), 0.0, 1.2))


def _ends(darkest: Strokes, ground: float) -> NDArray[np.float64]:
    """Where the print of a line at each height ends; a little behind the column's beginning where there is none, and at
    its end where nothing is dark or the ground is as dark as print."""
    ends = _spans(darkest, _PRINT, ground)[:, 1]
    peak = _columns(darkest, _PRINT).max(axis=1)
    most = min(_EMPTY_LINE * ground, _FAR_LIGHTER * float(np.percentile(peak[_TABLE], _FULL)))
    return np.where((peak >= _FAINT) & (peak < most), _PRINT[0] + _LOOK, ends)


def _spans(darkest: Strokes, zone: tuple[float, float], ground: float) -> NDArray[np.float64]:
    """Where the print of a line at each height begins and ends in a zone, with what is left beside it; all of the zone
    where nothing is dark. `darkest`: the darkest stroke within half a line of each point."""
    columns = _columns(darkest, zone)
    peak = columns.max(axis=1)
    least = np.maximum(_SHARE * peak, np.minimum(_ABOVE * ground, _MOST_GROUND * peak))
    printed = columns >= least[:, None]
    width = columns.shape[1]
    first = zone[0] + np.argmax(printed, axis=1) / _WIDTH - _BESIDE
    last = zone[0] + (width - np.argmax(printed[:, ::-1], axis=1)) / _WIDTH + _BESIDE
    spans = np.stack([np.maximum(first, zone[0]), np.minimum(last, zone[1])], axis=1)
    return np.where((peak >= _FAINT)[:, None], spans, np.array(zone))


def _columns(strokes: Strokes, zone: tuple[float, float]) -> Strokes:
    """What lies between two widths of the card."""
    return strokes[:, round(zone[0] * _WIDTH) : round(zone[1] * _WIDTH)]
