"""Cuts the printed lines of the card out of its page: strips of a fixed place, for the line reader.

They need no text detection: the frame says where each line is. A strip is some two capitals higher than the capitals of
its line, so that the reader sees what is above and below and can tell a slip of the frame from a letter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from worker.ktp.labels import BLOOD_LABEL
from worker.ktp.layout import BLOOD_LABEL_X, CITY_Y, PROVINCE_Y, VALUE_MAX_X
from worker.pipeline.geometry import frame_quad, invert, map_points, map_quad, quad_height, quad_width
from worker.pipeline.ink import HEADER
from worker.pipeline.types import Grey, Homography, LineReader, Quad, StripText

_VALUES = (0.262, 0.722)
_NIK = (0.238, 0.668)
_ISSUE = (0.715, 0.955)
_BIRTH_MAX_X, _NEAR_PHOTO = 0.8, 0.02
_ROW_TALL, _NIK_TALL, _HEADER_TALL = 0.061, 0.078, 0.074
"""Heights of the strips in heights of the card: capitals are 0.0275, 0.042 and 0.038 high."""

_BESIDE_BLOOD = BLOOD_LABEL_X - 0.008
"""Right end of the gender; beside it, in the same row, stands the blood type's label."""

MIN_HEIGHT, MAX_HEIGHT, MAX_WIDTH = 40, 64, 2400
"""Pixels of a strip. What is smaller in the picture is enlarged to the first, the reader's own height, as it is cut;
the last is more than the reader looks at."""


HEADER_Y = (PROVINCE_Y, CITY_Y)
ISSUE_Y = (0.756, 0.806)
"""Heights of province and city, and of the city and date of issue under the photo, where the NIK is in its place."""


@dataclass(frozen=True)
class PrintedLine:
    """A strip at height `v` of the card, `width` pixels wide, and what it says; `quad` is it in pixels of the page."""

    v: float
    quad: Quad
    width: int
    text: StripText


def read_strips(grey: Grey, reader: LineReader, places: Sequence[tuple[float, Quad]]) -> list[PrintedLine]:
    """What is printed at each of `places`: heights v of the card, and quads in pixels of the page, here in `grey`."""
    strips = [cut_strip(grey, quad) for _, quad in places]
    return [
        PrintedLine(v, quad, strip.shape[1], text)
        for (v, quad), strip, text in zip(places, strips, reader.read(strips), strict=True)
    ]


def header_quad(v: float, to_card: Homography, span: tuple[float, float] = HEADER) -> Quad:
    """Of a line of the header at height `v` between two widths, in pixels of the page and in the text's own order, as
    all of these."""
    return _quad(span, v, _HEADER_TALL, to_card)


def nik_quad(v: float, to_card: Homography) -> Quad:
    """Of the NIK."""
    return _quad(_NIK, v, _NIK_TALL, to_card)


def value_quad(v: float, to_card: Homography, end: float = VALUE_MAX_X) -> Quad:
    """Of a line of values whose print ends at `end`, a width on the card."""
    left, right = _VALUES
    return _quad((left, min(right, end + right - VALUE_MAX_X)), v, _ROW_TALL, to_card)


def birth_quad(v: float, to_card: Homography) -> Quad:
    """Of a place and date of birth that run into the photo: a long place pushes the date as far."""
    return _quad((_VALUES[0], _BIRTH_MAX_X), v, _ROW_TALL, to_card)


def text_start(line: PrintedLine, to_card: Homography) -> float:
    """Where the text of `line`, which says something, begins, a width on the card."""
    return _on_card(line, to_card, line.text.characters[0].left)


def text_end(line: PrintedLine, to_card: Homography) -> float:
    """Where the text of `line` ends, a width on the card; 0 where it says nothing."""
    return _on_card(line, to_card, line.text.characters[-1].right) if line.text.characters else 0.0


def reaches_photo(line: PrintedLine, to_card: Homography) -> bool:
    """Whether the text of `line`, of values, ends where the photo begins, and so perhaps not there."""
    return text_end(line, to_card) > VALUE_MAX_X - _NEAR_PHOTO


def gender_share(gender: PrintedLine, nik: PrintedLine) -> float:
    """Share of the strip `gender`, which may be cut where its print ends, that lies left of the blood type's label:
    where that was read, or else about where it should be; the strip of the NIK is always as wide."""
    label = BLOOD_LABEL.search(gender.text.text)
    if label:
        return min(1.0, max(0.0, gender.text.characters[label.start()].left / gender.width))
    card_width = quad_width(nik.quad) / (_NIK[1] - _NIK[0])
    return min(1.0, (_BESIDE_BLOOD - _VALUES[0]) * card_width / max(1.0, quad_width(gender.quad)))


def issue_quad(v: float, to_card: Homography) -> Quad:
    """Of a line of the issuing note."""
    return _quad(_ISSUE, v, _ROW_TALL, to_card)


def cut_strip(grey: Grey, quad: Quad) -> Grey:
    """What lies in `quad`, straightened, at the page's own detail within these bounds."""
    height = max(MIN_HEIGHT, min(MAX_HEIGHT, round(quad_height(quad))))
    width = min(MAX_WIDTH, max(1, round(quad_width(quad) * height / max(1.0, quad_height(quad)))))
    matrix = map_quad(quad, frame_quad(width, height))
    strip = cv2.warpPerspective(grey, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(strip, dtype=np.uint8)


def _on_card(line: PrintedLine, to_card: Homography, x: float) -> float:
    """The width on the card of a pixel of the strip."""
    (left, _), (right, _) = map_points(to_card, line.quad)[:2]
    return float(left + (right - left) * x / line.width)


def _quad(span: tuple[float, float], v: float, tall: float, to_card: Homography) -> Quad:
    (left, right), top, bottom = span, v - tall / 2, v + tall / 2
    corners = np.array([(left, top), (right, top), (right, bottom), (left, bottom)])
    return map_points(invert(to_card), corners)
