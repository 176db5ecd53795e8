"""Where each field stands in the image as sent: the part of its strips in which its characters were seen."""

from __future__ import annotations

import numpy as np

from worker.ktp.labels import BLOOD_LABEL
from worker.ktp.layout import FIELD_ROWS, Row
from worker.pipeline.fields import DATE
from worker.pipeline.geometry import UNIT, map_points, map_quad, quad_height, quad_width
from worker.pipeline.strips import PrintedLine
from worker.pipeline.table import CardTable
from worker.pipeline.types import Homography, Quad

PRINT_SHARE = 0.62
"""Height of the print in heights of its strip, accents and tails included."""

HALF_A_LETTER = 0.3
"""More than half the width of any letter, in heights of the strip."""

MARGIN = 0.15
"""What a box shows left and right of its characters, in heights of the strip."""


def locate_fields(table: CardTable, to_photo: Homography) -> dict[str, Quad]:
    """Quads in pixels of the image as sent, to which `to_photo` leads; only of fields of which something was read.

    Of a value on several lines the quad spans them all.
    """
    boxes: dict[str, Quad | None] = {name: _span_lines(table.rows[row]) for name, row in FIELD_ROWS.items()}
    boxes["province"], boxes["city"] = (_span(line, 0, len(line.text.text)) for line in table.header)
    birth, gender = table.rows[Row.BIRTH][0], table.rows[Row.GENDER][0]
    date = DATE.search(birth.text.text)
    end = date.start() if date else len(birth.text.text)
    boxes["birth_place"] = _span(birth, 0, len(birth.text.text[:end].rstrip(" ,.")))
    boxes["birth_date"] = _span(birth, date.start(), len(birth.text.text)) if date else None
    blood = BLOOD_LABEL.search(gender.text.text)
    boxes["gender"] = _span(gender, 0, len(gender.text.text[: blood.start() if blood else None].rstrip()))
    return {name: map_points(to_photo, quad) for name, quad in boxes.items() if quad is not None}


def span_text(line: PrintedLine) -> Quad:
    """The quad, in pixels of the page, of all that was read in the line, or of all of it where that is nothing."""
    quad = _span(line, 0, len(line.text.text))
    return _cut_quad(line.quad, 0.0, 1.0) if quad is None else quad


def _span(line: PrintedLine, start: int, end: int) -> Quad | None:
    """The quad, in pixels of the page, of the characters from `start` to `end` of the line's text."""
    characters = line.text.characters[start:end]
    if not characters:
        return None
    tall = quad_height(line.quad)
    # A strip is cut at a height of its own, but its proportions are those of its quad.
    across = quad_width(line.quad) / max(1e-6, line.width)
    # Where a character is seen says little of how wide it is: at least half of what one takes belongs to it.
    half = (characters[-1].centre - characters[0].centre) / max(1, len(characters) - 1) / 2
    half = min(half, HALF_A_LETTER * tall / across)
    left = min(characters[0].left, characters[0].centre - half) * across - MARGIN * tall
    right = max(characters[-1].right, characters[-1].centre + half) * across + MARGIN * tall
    first, last = np.clip(np.array([left, right]) / quad_width(line.quad), 0, 1).tolist()
    return _cut_quad(line.quad, first, last)


def _cut_quad(strip: Quad, first: float, last: float) -> Quad:
    """Of the quad of a strip the height of its print, between two shares of its width."""
    edge = (1 - PRINT_SHARE) / 2
    part = np.array([(first, edge), (last, edge), (last, 1 - edge), (first, 1 - edge)])
    return map_points(map_quad(UNIT, strip), part)


def _span_lines(lines: tuple[PrintedLine, ...]) -> Quad | None:
    """The quad around all characters of the lines, which stand below one another."""
    quads = [quad for line in lines if (quad := _span(line, 0, len(line.text.text))) is not None]
    if len(quads) < 2:
        return quads[0] if quads else None
    along = quads[0][1] - quads[0][0]
    along = along / max(1e-6, float(np.linalg.norm(along)))
    left = min(float((quad[[0, 3]] @ along).min()) for quad in quads)
    right = max(float((quad[[1, 2]] @ along).max()) for quad in quads)
    first, last = quads[0], quads[-1]
    return np.array(
        [
            first[0] + along * (left - first[0] @ along),
            first[1] + along * (right - first[1] @ along),
            last[2] + along * (right - last[2] @ along),
            last[3] + along * (left - last[3] @ along),
        ]
    )
