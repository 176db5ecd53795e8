"""The frame of the card on a page: where each part of its layout lies.

No region of the layout is fixed: pitch and place of the rows vary between printings, and a long address pushes all
rows below it down. Where enough labels can be read the layout is fitted to them, wherever the card lies; on a page cut
out along the card's edge the page itself is the frame. Either way the rows are found by the grid.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from worker.ktp.labels import is_blood_label, starts_with_header
from worker.ktp.layout import (
    BLOOD_LABEL_X,
    CARD_RATIO,
    CITY_Y,
    HEADER_X,
    ROW_PITCH,
    ROW_Y,
    VALUE_MAX_X,
    VALUE_X,
    Row,
    label_x,
)
from worker.pipeline.anchors import Anchor, find_anchors, left_middle, right_middle, upright_axes
from worker.pipeline.geometry import UNIT, invert, map_points, scaling
from worker.pipeline.grid import RowGrid, fit_rows
from worker.pipeline.ink import measure_ink
from worker.pipeline.pieces import gather_bands, place_line
from worker.pipeline.types import Homography, Page, Quad, TextLine

MIN_LABELS = 4
"""So many labels in their places make a page a KTP. Forms and other cards share some words, but not their places."""

PRIOR_U, PRIOR_WEIGHT = 0.9, 0.5
"""The card's proportions count as one point at this u with this weight, so that few labels still give a width."""


TABLE_TOP = (CITY_Y + ROW_Y[Row.NIK]) / 2
LEAST_RISES = 4
"""So many lines make a slant; fewer may be noise."""


@dataclass(frozen=True)
class CardFrame:
    """How the layout lies on the page: `to_card` maps pixels to fractions (u, v) of the card's width and height.

    `anchors` are the labels that agree on it, if it was fitted to labels.
    """

    to_card: Homography
    anchors: tuple[Anchor, ...]
    grid: RowGrid

    def card_quad(self) -> Quad:
        """The card's corners in pixels of the page, in the card's own order."""
        return map_points(invert(self.to_card), UNIT)


def fit_frame(lines: tuple[TextLine, ...], page: Page) -> CardFrame | None:
    """The frame that the labels among `lines` agree on; None if fewer than MIN_LABELS do: that is no KTP.

    The header counts as one label.
    """
    anchors = find_anchors(lines)
    headers = _header_lines(anchors, lines)
    if len(anchors) + bool(headers) < MIN_LABELS:
        return None
    to_card = _fit_card(anchors, headers, lines)
    return CardFrame(to_card, anchors, _fit_grid(lines, to_card, page))


def page_to_card(page: Page) -> Homography:
    """Maps the pixels of a page that was cut out along the edge of an upright card to the card's fractions."""
    height, width = page.pixels.shape[:2]
    return np.array([[1.0, 0.0, 0.5], [0.0, 1.0, 0.5], [0.0, 0.0, 1.0]]) @ invert(scaling(width, height))


def frame_page(lines: tuple[TextLine, ...], page: Page) -> CardFrame:
    """The frame of a page that was cut out along the card's edge, whatever of its labels can be read.

    The card fills the page, its text along the rows of pixels; upside down or mirrored, if the lines run so.
    """
    to_card = page_to_card(page)
    if lines:
        axes = upright_axes(lines)
        turn = np.diag([-1.0 if axes[0, 0] < 0 else 1.0, -1.0 if axes[1, 1] < 0 else 1.0, 1.0])
        turn[:2, 2] = turn.diagonal()[:2] < 0
        to_card = turn @ to_card
    pieces = [place_line(line, to_card) for line in lines]
    long = [piece for piece in pieces if piece.is_level and piece.end - piece.start > 0.1]
    if len(long) >= LEAST_RISES:
        slope = float(np.median([piece.rise / (piece.end - piece.start) for piece in long]))
        to_card = np.array([[1.0, 0.0, 0.0], [-slope, 1.0, slope * VALUE_X], [0.0, 0.0, 1.0]]) @ to_card
    return CardFrame(to_card, (), _fit_grid(lines, to_card, page))


def _fit_grid(lines: tuple[TextLine, ...], to_card: Homography, page: Page) -> RowGrid:
    pieces = [place_line(line, to_card) for line in lines]
    bands = gather_bands([piece for piece in pieces if piece.v > TABLE_TOP])
    return fit_rows(bands, measure_ink(page, to_card))


def _header_lines(anchors: tuple[Anchor, ...], lines: tuple[TextLine, ...]) -> tuple[TextLine, ...]:
    """The lines above all labels that name province or regency; the issuing regency below the photo is none."""
    if not anchors:
        return ()
    to_upright = upright_axes(lines)
    top = min(float(map_points(to_upright, left_middle(each.line))[0, 1]) for each in anchors)
    named = (line for line in lines if starts_with_header(line.text))
    return tuple(line for line in named if map_points(to_upright, right_middle(line))[0, 1] < top)


def _fit_card(anchors: tuple[Anchor, ...], headers: tuple[TextLine, ...], lines: tuple[TextLine, ...]) -> Homography:
    """An affine map from pixels to (u, v): first from the labels alone, then from the values' edges as well."""
    to_upright = upright_axes(lines)
    lefts = np.concatenate([map_points(to_upright, left_middle(each.line)) for each in anchors])
    u = np.array([label_x(each.match.row) for each in anchors])
    v = _unfolded_heights(anchors, lefts[:, 1])
    height, top = np.polyfit(v, lefts[:, 1], 1).tolist()
    width = height * CARD_RATIO
    left = float(np.median(lefts[:, 0] - u * width))

    # x = left + width u + shear v and y = top + slant u + height v, each from points of known u and v, with a weight.
    of_x = [(x, each_u, each_v, 1.0) for (x, _), each_u, each_v in zip(lefts.tolist(), u, v, strict=True)]
    of_y = [(y, each_u, each_v, 1.0) for (_, y), each_u, each_v in zip(lefts.tolist(), u, v, strict=True)]
    middle = float(v.mean())
    of_x.append((left + width * PRIOR_U, PRIOR_U, middle, PRIOR_WEIGHT))
    of_y.append((top + height * middle, PRIOR_U, middle, PRIOR_WEIGHT))
    labels = {id(each.line) for each in anchors}
    for line in lines:
        start = map_points(to_upright, left_middle(line))[0]
        end = map_points(to_upright, right_middle(line))[0]
        start_u, middle_u = (start[0] - left) / width, ((start[0] + end[0]) / 2 - left) / width
        line_v = (start[1] - top) / height
        if any(line is header for header in headers):
            of_x.append(((start[0] + end[0]) / 2, HEADER_X, line_v, 2.0))
        elif is_blood_label(line.text) and abs(start_u - BLOOD_LABEL_X) < 0.06:
            of_x.append((start[0], BLOOD_LABEL_X, line_v, 2.0))
        if id(line) in labels or not 0.2 < start_u < VALUE_MAX_X:
            continue
        near = int(np.argmin(np.abs(lefts[:, 1] - start[1])))
        if abs(lefts[near, 1] - start[1]) < 0.4 * ROW_PITCH * height:
            of_y.append(((start[1] + end[1]) / 2, middle_u, v[near], 1.0))
            if abs(start_u - VALUE_X) < 0.035 and v[near] > ROW_Y[Row.NIK]:
                of_x.append((start[0], VALUE_X, v[near], 1.0))
    x_fit, y_fit = _solve(of_x), _solve(of_y)
    to_page = np.array([[x_fit[1], x_fit[2], x_fit[0]], [y_fit[1], y_fit[2], y_fit[0]], [0.0, 0.0, 1.0]])
    return np.asarray(invert(to_page) @ to_upright)


def _unfolded_heights(anchors: tuple[Anchor, ...], y: NDArray[np.float64]) -> NDArray[np.float64]:
    """The layout's v of each label at pixels `y`, plus one row for each further line that a value above it takes."""
    v = np.array([ROW_Y[each.match.row] for each in anchors])
    steps, gaps = np.diff(v) / ROW_PITCH, np.diff(y)
    # Most neighbours have nothing folded between them, so the median is the pitch of single rows.
    pitch = float(np.median(gaps / steps))
    folds = np.clip(np.rint(gaps / max(pitch, 1e-6) - steps), 0, 3)
    return v + ROW_PITCH * np.concatenate([[0.0], np.cumsum(folds)])


def _solve(known: list[tuple[float, float, float, float]]) -> list[float]:
    """The constant and the factors of u and v that fit (value, u, v, weight) best; factors that go wild are curbed."""
    table = np.array(known)
    weight = np.sqrt(table[:, 3])[:, None]
    terms = np.column_stack([np.ones(len(table)), table[:, 1], table[:, 2]]) * weight
    fit, *_ = np.linalg.lstsq(terms, table[:, 0] * weight[:, 0], rcond=None)
    return [float(each) for each in fit]
