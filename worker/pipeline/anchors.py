"""The labels on a page that stand where the card's layout has them, seen from one another."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np

from worker.ktp.labels import LabelMatch, match_label
from worker.ktp.layout import CARD_RATIO, ROW_PITCH, ROW_Y, Row, label_x
from worker.pipeline.geometry import Points, map_points
from worker.pipeline.types import Homography, TextLine

MAX_STRAY = 1.6
"""How far a label may lie from where the others expect it, in rows: each further line of a value moves it by one."""

MAX_STRAY_X = 0.07
"""The same to the left or right, in widths of the card."""


@dataclass(frozen=True)
class Anchor:
    """A label found in its place: the line it stands in, and what it says."""

    line: TextLine
    match: LabelMatch


def find_anchors(lines: tuple[TextLine, ...]) -> tuple[Anchor, ...]:
    """The largest set of labels among `lines`, one a row, that lie as the layout has them; in the rows' order.

    Fewer than two labels agree with nothing, and give none.
    """
    found = [Anchor(line, match) for line in lines if (match := match_label(line.text))]
    if len(found) < 2:
        return ()
    to_upright = upright_axes(lines)
    points = np.concatenate([map_points(to_upright, left_middle(each.line)) for each in found])
    v = np.array([ROW_Y[each.match.row] for each in found])
    u = np.array([label_x(each.match.row) for each in found])
    doubt = np.array([1 - each.match.similarity for each in found])
    best: list[int] = []
    best_rank = (1, 0.0)
    for one, two in itertools.combinations(range(len(found)), 2):
        if v[one] == v[two]:
            continue
        height = (points[two, 1] - points[one, 1]) / (v[two] - v[one])
        if height <= 0:
            continue
        stray = np.abs(points[:, 1] - points[one, 1] - height * (v - v[one])) / (height * ROW_PITCH)
        x = points[:, 0] - u * height * CARD_RATIO
        stray_x = np.abs(x - (x[one] + x[two]) / 2) / (height * CARD_RATIO)
        kept: dict[Row, int] = {}
        for index in np.argsort(stray + doubt).tolist():
            if stray[index] <= MAX_STRAY and stray_x[index] <= MAX_STRAY_X:
                kept.setdefault(found[index].match.row, index)
        rank = (len(kept), -float(sum(stray[index] for index in kept.values())))
        if rank > best_rank:
            best, best_rank = list(kept.values()), rank
    return tuple(sorted((found[index] for index in best), key=lambda each: ROW_Y[each.match.row]))


def upright_axes(lines: tuple[TextLine, ...]) -> Homography:
    """Maps the page's pixels so that text runs along x and lines follow each other along y, mirrored pages included."""
    vectors = np.array([line.quad[1] + line.quad[2] - line.quad[0] - line.quad[3] for line in lines]) @ [1, 1j]
    # The median about the sum: one long line across the card must not turn the rows.
    total = np.sum(vectors)
    rough = total / abs(total) if abs(total) > 1e-9 else 1.0
    angle = float(np.angle(rough) + np.median(np.angle(vectors / rough)))
    along = np.array([math.cos(angle), math.sin(angle)])
    down = np.array([-along[1], along[0]])
    if sum(float(np.dot(line.quad[3] - line.quad[0], down)) for line in lines) < 0:
        down = -down
    return np.array([[*along, 0.0], [*down, 0.0], [0.0, 0.0, 1.0]])


def left_middle(line: TextLine) -> Points:
    """Shape (1, 2): the middle of the line's left end, in pixels of the page."""
    return np.asarray((line.quad[:1] + line.quad[3:]) / 2)


def right_middle(line: TextLine) -> Points:
    """Shape (1, 2): the middle of the line's right end, in pixels of the page."""
    return np.asarray((line.quad[1:2] + line.quad[2:3]) / 2)
