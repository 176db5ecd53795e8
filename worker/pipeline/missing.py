"""Reads the rows in which text detection has found no value: strips of the page, cut where the grid has them."""

from __future__ import annotations

import numpy as np

from worker.ktp.layout import CITY_Y, NIK_VALUE_X, PROVINCE_Y, ROW_Y, VALUE_MAX_X, VALUE_X, Row
from worker.pipeline.frame import CardFrame
from worker.pipeline.geometry import invert, map_points
from worker.pipeline.lines import LEAST_SCORE, recognize_quads
from worker.pipeline.rows import collect_rows
from worker.pipeline.types import Page, Quad, TextEngine, TextLine

NIK_MAX_X = 0.66
TALL, NIK_TALL, HEADER_TALL = 0.036, 0.05, 0.05
"""Heights of the strips without the margin that every crop gets, in heights of the card."""

LEFT = 0.004
HEADER = 0.15, 0.85


def read_missing(page: Page, lines: tuple[TextLine, ...], frame: CardFrame, engine: TextEngine) -> tuple[TextLine, ...]:
    """What stands in the header and behind the labels where `lines` have nothing."""
    quads = missing_quads(lines, frame)
    return tuple(line for line in recognize_quads(page, quads, engine) if line.score >= LEAST_SCORE)


def missing_quads(lines: tuple[TextLine, ...], frame: CardFrame) -> list[Quad]:
    """Quads in pixels of the page, in the text's own order, of the printed lines that should be there and are not."""
    text = collect_rows(lines, frame)
    boxes = []
    for row in Row:
        if row is not Row.VALID_UNTIL and not text.behind(row):
            v = frame.grid.row_v[row]
            if row is Row.NIK:
                boxes.append((NIK_VALUE_X - LEFT, NIK_MAX_X, v, NIK_TALL))
            else:
                boxes.append((VALUE_X - LEFT, VALUE_MAX_X, v, TALL))
    if not text.header:
        shift = frame.grid.row_v[Row.NIK] - ROW_Y[Row.NIK]
        boxes += [(*HEADER, v + shift, HEADER_TALL) for v in (PROVINCE_Y, CITY_Y)]
    to_page = invert(frame.to_card)
    return [map_points(to_page, _corners(*box)) for box in boxes]


def _corners(left: float, right: float, v: float, tall: float) -> Quad:
    top, bottom = v - tall / 2, v + tall / 2
    return np.array([(left, top), (right, top), (right, bottom), (left, bottom)])
