"""From a drawn distance to the edge of a card to the quad whose sides lie on that edge."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from worker.pipeline.geometry import is_mirrored
from worker.pipeline.types import Quad

Distances = NDArray[np.float32]
"""Distance to the card's edge, in cells of STRIDE pixels, positive inside; shape (height / STRIDE, width / STRIDE)."""

STRIDE = 4
REACH = 4.0
"""Cells up to which the networks measure the distance; beyond they only say inside or outside."""

_LEAST_CELLS = 6
_BAND = 2.0
_FITS = 2


def outline(distances: Distances) -> Quad | None:
    """The rectangle around the largest patch of positive distance, pixels of the input, a long side first."""
    contours, _ = cv2.findContours((distances > 0).astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    largest = max(contours, key=cv2.contourArea, default=None)
    if largest is None or cv2.contourArea(largest) < _LEAST_CELLS:
        return None
    cells = largest.astype(np.float32) * STRIDE + (STRIDE - 1) / 2
    corners = np.asarray(cv2.boxPoints(cv2.minAreaRect(cells)), dtype=np.float64)
    return long_side_first(corners[::-1] if is_mirrored(corners) else corners)


def long_side_first(quad: Quad) -> Quad:
    """The same quad in the same direction, so that its first and third side are the longer pair."""
    top, right, bottom, left = np.linalg.norm(quad - np.roll(quad, -1, axis=0), axis=1).tolist()
    return np.roll(quad, -1, axis=0) if left + right > top + bottom else quad


def nearest_turn(quad: Quad, target: Quad) -> Quad:
    """The same quad in the same direction, beginning at the corner that brings it nearest to `target`."""
    turns = [np.roll(quad, turn, axis=0) for turn in range(4)]
    return min(turns, key=lambda turn: float(np.abs(turn - target).sum()))


def fit_quad(distances: Distances, guess: Quad) -> Quad:
    """Moves the sides of `guess` (clockwise, pixels of the network's input) to where `distances` are zero.

    Each cell near the edge measures how far its nearest side is; a line is fitted to these by weighted least squares,
    and the corners are where the lines cross. Gives `guess` back where a side has no support.
    """
    rows, columns = np.nonzero(np.abs(distances) < _BAND)
    points = np.stack([columns, rows]).astype(np.float64) * STRIDE + (STRIDE - 1) / 2
    measured = distances[rows, columns].astype(np.float64) * STRIDE
    trust = 1.0 - np.abs(measured) / (REACH * STRIDE)
    quad = guess
    for _ in range(_FITS):
        edges = np.roll(quad, -1, axis=0) - quad
        lengths = np.maximum(np.linalg.norm(edges, axis=1), 1e-6)
        along = edges / lengths[:, None]
        inward = along[:, ::-1] * (-1.0, 1.0)
        depths = inward @ points - np.sum(inward * quad, axis=1)[:, None]
        nearest = np.argmin(depths, axis=0)
        error = depths[nearest, np.arange(len(nearest))] - measured
        near = np.abs(error) < REACH * STRIDE
        lines = np.empty((4, 3))
        for side in range(4):
            mine = np.flatnonzero(near & (nearest == side))
            if len(mine) < _LEAST_CELLS:
                return guess
            across = (along[side] @ points[:, mine] - along[side] @ quad[side]) / lengths[side]
            first, last = _fit_line(across, error[mine], trust[mine])
            (x0, y0), (x1, y1) = quad[side] + inward[side] * first, quad[side] + edges[side] + inward[side] * last
            lines[side] = y0 - y1, x1 - x0, x0 * y1 - x1 * y0
        corners = np.cross(np.roll(lines, 1, axis=0), lines)
        if np.any(np.abs(corners[:, 2]) < 1e-9):
            return guess
        quad = corners[:, :2] / corners[:, 2:]
    return np.asarray(quad)


def _fit_line(
    across: NDArray[np.float64], error: NDArray[np.float64], weight: NDArray[np.float64]
) -> tuple[float, float]:
    """Weighted least squares of `error` over `across`: its value at 0 and at 1."""
    total = weight.sum()
    mean, level = (weight @ across) / total, (weight @ error) / total
    off = across - mean
    slope = (weight @ (off * error)) / max(weight @ (off * off), 1e-9)
    return float(level - slope * mean), float(level + slope * (1 - mean))
