"""The second reading: paddleocr is shown the lines of doubtful fields, where the line reader saw their characters.

It reads each of them alone, without the lines that are sure and without text detection: what it adds is a second look
at a few lines, and a whole page of them took half of the time of a card.
"""

from __future__ import annotations

from collections.abc import Collection

from worker.ktp.layout import FIELD_ROWS, Row
from worker.pipeline.boxes import span_text
from worker.pipeline.frame import CardFrame
from worker.pipeline.lines import read_lines
from worker.pipeline.parse import parse_lines
from worker.pipeline.readings import FieldReading
from worker.pipeline.regions import LEVELS
from worker.pipeline.strips import PrintedLine
from worker.pipeline.table import CardTable
from worker.pipeline.types import OrientedText, Page, TextEngine

_ROWS = FIELD_ROWS | {"birth_place": Row.BIRTH, "birth_date": Row.BIRTH, "gender": Row.GENDER}


def read_again(
    fields: Collection[str], table: CardTable, page: Page, frame: CardFrame, engine: TextEngine
) -> dict[str, FieldReading]:
    """The `fields`, as `engine` reads their lines; regions are read together, since each tells of the others."""
    quads = tuple(span_text(line) for line in _lines_of(fields, table))
    read = parse_lines(read_lines(OrientedText(page, quads, ()), engine), frame)
    return {name: read[name] for name in fields}


def _lines_of(fields: Collection[str], table: CardTable) -> list[PrintedLine]:
    rows = {_ROWS[name] for name in fields if name in _ROWS}
    lines: list[PrintedLine] = []
    if not set(LEVELS).isdisjoint(fields):
        rows |= {Row.VILLAGE, Row.DISTRICT}
        lines += table.header
    return lines + [line for row in Row if row in rows for line in table.rows[row]]
