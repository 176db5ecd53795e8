"""Quads of text lines → what they say."""

from __future__ import annotations

import re

import cv2
import numpy as np

from worker.pipeline.geometry import frame_quad, map_quad, quad_height, quad_width
from worker.pipeline.types import OrientedText, Page, Pixels, Quad, TextEngine, TextLine

CROP_HEIGHT = 48
"""Height that the recognizers work at: a crop of it is resampled once only."""

MARGIN = 0.2
"""What a crop shows above and below its box, in heights of the box. The boxes as they are cost 43 of 799 lines a blank
or a dot (GG.MAWAR, IKOMANG); of 230 lines with the hard ones among them, margins of 0.08, 0.12, 0.16 and 0.2 left 20,
18, 8 and 6 wrong. Less width makes it cheaper, too."""

SECOND_LOOKS = (
    (re.compile(r"\.(?=[A-Z0-9])|,(?=[A-Z])|\bI(?=[A-Z]{3})|\bNO(?=\d)|[IVX]{2}(?=\d)"), 0.4),
    (re.compile(r"[A-Z]{2}[AI]I\b"), 0.1),
)
"""Where the recognizers drop a blank (NO.1, IKOMANG) or an apostrophe (SYAFII), and the margin that brings it back
more often than not. Cards print such words without either as well, so only the picture can tell."""

LEAST_SCORE = 0.5
"""What is read with less is no text but a pattern or a smear, and a value that is not read is better than that."""

MAX_CROP_WIDTH = 1600
MAX_LINES = 90
"""Most lines that are read on one page; a KTP has about 35, and a page full of print is none."""


def read_lines(text: OrientedText, engine: TextEngine) -> tuple[TextLine, ...]:
    """All lines of the page, read; what is no text is left out, and of too many lines the largest are taken."""
    unread = sorted(text.unread, key=lambda quad: -quad_height(quad))[: max(0, MAX_LINES - len(text.read))]
    lines = text.read + recognize_quads(text.page, unread, engine)
    legible = tuple(line for line in lines if line.text.strip() and line.score >= LEAST_SCORE)
    for suspicious, margin in SECOND_LOOKS:
        legible = _look_again(text.page, legible, engine, suspicious, margin)
    return legible


def recognize_quads(page: Page, quads: list[Quad], engine: TextEngine, margin: float = MARGIN) -> tuple[TextLine, ...]:
    """One line for each quad of `page`, in the same order; quads are in the text's own order."""
    found = engine.recognize([crop_line(page.pixels, quad, margin) for quad in quads])
    return tuple(TextLine(each.text, each.score, quad) for each, quad in zip(found, quads, strict=True))


def _look_again(
    page: Page, lines: tuple[TextLine, ...], engine: TextEngine, suspicious: re.Pattern[str], margin: float
) -> tuple[TextLine, ...]:
    """The lines, the suspicious ones read again with `margin`; that counts if it only adds blanks and apostrophes."""
    doubtful = [index for index, line in enumerate(lines) if suspicious.search(line.text)]
    again = recognize_quads(page, [lines[index].quad for index in doubtful], engine, margin)
    result = list(lines)
    for index, line in zip(doubtful, again, strict=True):
        first, second = result[index].text.strip(), line.text.strip()
        if len(second) > len(first) and _without_gaps(second) == _without_gaps(first):
            result[index] = line
    return tuple(result)


def _without_gaps(text: str) -> str:
    """The text without blanks and apostrophes, the smallest things that a line has."""
    return re.sub(r"[ '\u2019`]", "", text)


def crop_line(pixels: Pixels, quad: Quad, margin: float = MARGIN) -> Pixels:
    """The text in `quad` and a margin, straightened, CROP_HEIGHT pixels high, its first letter on the left."""
    down = margin * (quad[3] - quad[0] + quad[2] - quad[1]) / 2
    quad = quad + np.array([-down, -down, down, down])
    width = quad_width(quad) * CROP_HEIGHT / max(1.0, quad_height(quad))
    width = min(MAX_CROP_WIDTH, max(CROP_HEIGHT // 2, round(width)))
    to_crop = map_quad(quad, frame_quad(width, CROP_HEIGHT))
    crop = cv2.warpPerspective(
        pixels, to_crop, (width, CROP_HEIGHT), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(crop, dtype=np.uint8)
