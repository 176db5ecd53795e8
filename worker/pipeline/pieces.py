"""Text lines in the card's own fractions, and those of one height gathered into printed bands."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from worker.ktp.layout import COLON_X, LABEL_X, ROW_PITCH, VALUE_MAX_X, VALUE_X
from worker.pipeline.anchors import left_middle, right_middle
from worker.pipeline.geometry import map_points
from worker.pipeline.types import Homography, TextLine

SAME_LINE = 0.4
"""How far apart, in rows, two boxes of one printed line may be."""

DIAGONAL = 0.7
"""A line that rises or falls by so many rows between its ends is no print of the card but lies across it."""


@dataclass(frozen=True)
class Piece:
    """A line's text on the card: u from `start` to `end` of the card's width, v at its middle, both as fractions."""

    text: str
    start: float
    end: float
    v: float
    rise: float
    line: TextLine

    @property
    def is_level(self) -> bool:
        """Whether it is printed along the rows."""
        return abs(self.rise) <= DIAGONAL * ROW_PITCH

    @property
    def is_in_right_column(self) -> bool:
        """Whether it belongs to the photo or to the issuing city and date, which are centred below it."""
        middle = (self.start + self.end) / 2
        return self.start > VALUE_MAX_X - 0.02 or (middle > VALUE_MAX_X and self.start > VALUE_MAX_X - 0.12)

    @property
    def is_label(self) -> bool:
        """Whether it begins where labels do, with or without a value behind it."""
        return self.start < LABEL_X + 0.15

    @property
    def reaches_values(self) -> bool:
        """Whether it ends where values stand."""
        return self.end > VALUE_X + 0.02


@dataclass(frozen=True)
class Band:
    """One printed line of the table at height `v`: what stands in the labels' column, and in that of the values.

    Of a box that holds both, `label` is all of it.
    """

    v: float
    label: str
    value: str


def place_line(line: TextLine, to_card: Homography) -> Piece:
    """The line in the card's fractions."""
    ends = map_points(to_card, np.concatenate([left_middle(line), right_middle(line)]))
    (start, start_v), (end, end_v) = ends.tolist()
    return Piece(line.text.strip(), start, end, (start_v + end_v) / 2, end_v - start_v, line)


def group_lines(pieces: list[Piece]) -> list[list[Piece]]:
    """The pieces of each printed line from left to right, the lines from top to bottom."""
    printed: list[list[Piece]] = []
    for piece in sorted(pieces, key=lambda each: each.v):
        if printed and piece.v - printed[-1][0].v <= SAME_LINE * ROW_PITCH:
            printed[-1].append(piece)
        else:
            printed.append([piece])
    return [sorted(line, key=lambda each: each.start) for line in printed]


def gather_bands(pieces: list[Piece]) -> list[Band]:
    """The printed lines of the table among `pieces`, from top to bottom; what is not of the table is left out."""
    table = [piece for piece in pieces if piece.is_level and not piece.is_in_right_column]
    bands = []
    for line in group_lines(table):
        # A lone colon says where a line is, but it is no text of either column.
        label = " ".join(piece.text for piece in line if piece.is_label)
        value = " ".join(piece.text for piece in line if not piece.is_label and piece.end > COLON_X + 0.02)
        bands.append(Band(float(np.median([piece.v for piece in line])), label, value))
    return bands
