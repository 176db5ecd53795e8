"""Text lines and the frame fitted to their labels → what is printed in the header and behind each label."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from worker.ktp.labels import COLON, cut_blood_type, is_blood_label, match_row_label
from worker.ktp.layout import BLOOD_LABEL_X, COLON_X, LABEL_X, ROW_PITCH, VALUE_MAX_X, VALUE_X, Row
from worker.pipeline.anchors import left_middle, right_middle
from worker.pipeline.frame import CardFrame
from worker.pipeline.geometry import map_points
from worker.pipeline.types import TextLine

SAME_ROW = 0.55
"""How far off its row a value may lie, in rows; beyond that it is a second line of the row above."""

SAME_LINE = 0.4
"""The same for two boxes of one printed line."""

DIAGONAL = 0.7
"""A line that rises or falls by so many rows between its ends is no print of the card but lies across it."""

WILD_LABEL = 0.45
"""Least similarity of a label where its row is known by its place."""

COLON_WIDTH = 0.012
"""A box that ends so close to where values begin holds the colon alone, whatever it was read as."""

COLON_READINGS = "1lIi|!2"


@dataclass(frozen=True)
class RowText:
    """What stands behind one label: one string for each printed line."""

    row: Row
    lines: tuple[str, ...]


@dataclass(frozen=True)
class CardText:
    """The header's printed lines, and the rows that have a value."""

    header: tuple[str, ...]
    rows: tuple[RowText, ...]

    def behind(self, row: Row) -> tuple[str, ...]:
        """The printed lines of the value of `row`; empty if there are none."""
        return next((each.lines for each in self.rows if each.row is row), ())


@dataclass(frozen=True)
class _Piece:
    """A line's text in the frame: u from `start` to `end` of the card's width, v at its middle."""

    text: str
    start: float
    end: float
    v: float
    rise: float


def collect_rows(lines: tuple[TextLine, ...], frame: CardFrame) -> CardText:
    """Sort `lines` into the header and the rows of the card; the right column and what lies across are left out."""
    anchored = {id(anchor.line): anchor for anchor in frame.anchors}
    header: list[_Piece] = []
    values: dict[Row, list[_Piece]] = {}
    for line in lines:
        piece = _place(line, frame)
        anchor = anchored.get(id(line))
        if anchor:
            if anchor.match.rest:
                rest = _Piece(anchor.match.rest, max(piece.start, VALUE_X), piece.end, piece.v, piece.rise)
                values.setdefault(anchor.match.row, []).append(rest)
        elif abs(piece.rise) > DIAGONAL * ROW_PITCH:
            continue
        elif piece.v < frame.row_v[Row.NIK] - ROW_PITCH:
            if 0.1 < (piece.start + piece.end) / 2 < 0.9 and piece.v > -ROW_PITCH:
                header.append(piece)
        elif not _in_right_column(piece):
            row = _row_at(piece.v, frame)
            value = _value_part(piece, row) if row else None
            if row and value:
                values.setdefault(row, []).append(value)
    rows = tuple(RowText(row, _printed_lines(pieces)) for row, pieces in values.items())
    return CardText(_printed_lines(header), rows)


def _place(line: TextLine, frame: CardFrame) -> _Piece:
    """The line in the card's fractions."""
    ends = map_points(frame.to_card, np.concatenate([left_middle(line), right_middle(line)]))
    (start, start_v), (end, end_v) = ends.tolist()
    return _Piece(line.text.strip(), start, end, (start_v + end_v) / 2, end_v - start_v)


def _in_right_column(piece: _Piece) -> bool:
    """Whether the piece belongs to the photo or to the issuing city and date, which are centred below it."""
    middle = (piece.start + piece.end) / 2
    return piece.start > VALUE_MAX_X - 0.02 or (middle > VALUE_MAX_X and piece.start > VALUE_MAX_X - 0.12)


def _row_at(v: float, frame: CardFrame) -> Row | None:
    """The row at height `v`, or the one above it if `v` lies between two; None below the last and above the first."""
    nearest = min(frame.row_v, key=lambda row: abs(frame.row_v[row] - v))
    if abs(frame.row_v[nearest] - v) <= SAME_ROW * ROW_PITCH:
        return nearest
    above = [row for row in Row if frame.row_v[row] < v]
    if not above or above[-1] is Row.VALID_UNTIL:
        return None
    return above[-1]


def _value_part(piece: _Piece, row: Row) -> _Piece | None:
    """The piece without a damaged label, its colon or the blood type; None if nothing of a value is left."""
    text = piece.text
    if row is Row.GENDER:
        if is_blood_label(text) or piece.start > BLOOD_LABEL_X - 0.03:
            return None
        text = cut_blood_type(text)
    if piece.end < VALUE_X + COLON_WIDTH and len(text) <= 2:
        return None
    if piece.start < LABEL_X + 0.15:
        match = match_row_label(text, row, WILD_LABEL)
        if piece.end < VALUE_X + 0.02 or not (match or ":" in text):
            return None
        text = match.rest if match else text.split(":", 1)[1]
    elif piece.start < COLON_X and len(text) > 1 and text[0] in COLON_READINGS and row is not Row.NIK:
        text = text[1:]
    text = COLON.sub("", text) if not set(text) <= set("- ") else text
    return _Piece(text, piece.start, piece.end, piece.v, piece.rise) if text else None


def _printed_lines(pieces: list[_Piece]) -> tuple[str, ...]:
    """The texts of the pieces, those side by side joined from left to right, from top to bottom."""
    printed: list[list[_Piece]] = []
    for piece in sorted(pieces, key=lambda each: each.v):
        if printed and piece.v - printed[-1][0].v <= SAME_LINE * ROW_PITCH:
            printed[-1].append(piece)
        else:
            printed.append([piece])
    return tuple(" ".join(each.text for each in sorted(line, key=lambda each: each.start)) for line in printed)
