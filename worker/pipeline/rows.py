"""Text lines and the frame fitted to their labels → what is printed in the header and behind each label."""

from __future__ import annotations

from dataclasses import dataclass, replace

from worker.ktp.labels import COLON, cut_blood_type, is_blood_label, match_row_label
from worker.ktp.layout import BLOOD_LABEL_X, COLON_X, ROW_PITCH, VALUE_X, Row
from worker.pipeline.frame import CardFrame
from worker.pipeline.grid import RowGrid
from worker.pipeline.pieces import Piece, group_lines, place_line
from worker.pipeline.types import TextLine

SAME_ROW = 0.55
"""How far off its row a value may lie, in rows; beyond that it is a second line of the row above."""

WILD_LABEL = 0.45
"""Least similarity of a label where its row is known by its place."""

COLON_WIDTH = 0.012
"""A box that ends so close to where values begin holds the colon alone, whatever it was read as."""

COLON_READINGS = "1lIi|!2"


@dataclass(frozen=True)
class RowText:
    """What stands behind one label: one string for each printed line, and the least score of its boxes."""

    row: Row
    lines: tuple[str, ...]
    score: float


@dataclass(frozen=True)
class CardText:
    """The header's printed lines, the least score of these, and the rows that have a value."""

    header: tuple[str, ...]
    header_score: float
    rows: tuple[RowText, ...]

    def score(self, row: Row) -> float:
        """The score of the value of `row`; 0 if there is none."""
        return next((each.score for each in self.rows if each.row is row), 0.0)

    def behind(self, row: Row) -> tuple[str, ...]:
        """The printed lines of the value of `row`; empty if there are none."""
        return next((each.lines for each in self.rows if each.row is row), ())


def collect_rows(lines: tuple[TextLine, ...], frame: CardFrame) -> CardText:
    """Sort `lines` into the header and the rows of the card; the right column and what lies across are left out."""
    anchored = {id(anchor.line): anchor for anchor in frame.anchors}
    header: list[Piece] = []
    values: dict[Row, list[Piece]] = {}
    for line in lines:
        piece = place_line(line, frame.to_card)
        anchor = anchored.get(id(line))
        if anchor:
            if anchor.match.rest:
                rest = replace(piece, text=anchor.match.rest, start=max(piece.start, VALUE_X))
                values.setdefault(anchor.match.row, []).append(rest)
        elif not piece.is_level:
            continue
        elif piece.v < frame.grid.row_v[Row.NIK] - frame.grid.pitch:
            if 0.1 < (piece.start + piece.end) / 2 < 0.9 and piece.v > -ROW_PITCH:
                header.append(piece)
        elif not piece.is_in_right_column:
            row = _row_at(piece.v, frame.grid)
            value = _value_part(piece, row) if row else None
            if row and value:
                values.setdefault(row, []).append(value)
    rows = tuple(RowText(row, _printed_lines(pieces), _least_score(pieces)) for row, pieces in values.items())
    return CardText(_printed_lines(header), _least_score(header), rows)


def _row_at(v: float, grid: RowGrid) -> Row | None:
    """The row at height `v`, or the one above it if `v` lies between two; None below the last and above the first."""
    nearest = min(grid.row_v, key=lambda row: abs(grid.row_v[row] - v))
    if abs(grid.row_v[nearest] - v) <= SAME_ROW * grid.pitch:
        return nearest
    above = [row for row in Row if grid.row_v[row] < v]
    if not above or above[-1] is Row.VALID_UNTIL:
        return None
    return above[-1]


def _value_part(piece: Piece, row: Row) -> Piece | None:
    """The piece without a damaged label, its colon or the blood type; None if nothing of a value is left."""
    text = piece.text
    if row is Row.GENDER:
        if is_blood_label(text) or piece.start > BLOOD_LABEL_X - 0.03:
            return None
        text = cut_blood_type(text)
    if piece.end < VALUE_X + COLON_WIDTH and len(text) <= 2:
        return None
    if piece.is_label:
        match = match_row_label(text, row, WILD_LABEL)
        if not piece.reaches_values or not (match or ":" in text):
            return None
        text = match.rest if match else text.split(":", 1)[1]
    elif piece.start < COLON_X and len(text) > 1 and text[0] in COLON_READINGS and row is not Row.NIK:
        text = text[1:]
    text = COLON.sub("", text) if not set(text) <= set("- ") else text
    return replace(piece, text=text) if text else None


def _least_score(pieces: list[Piece]) -> float:
    return min((piece.line.score for piece in pieces), default=0.0)


def _printed_lines(pieces: list[Piece]) -> tuple[str, ...]:
    """The texts of the pieces, those side by side joined from left to right, from top to bottom."""
    return tuple(" ".join(piece.text for piece in line) for line in group_lines(pieces))
