"""Our card model on ONNX Runtime: finds the card in a photograph, then looks again closely at its corners.

The first network sees the whole photograph small and draws the distance to the card's edge; four lines through its zero
give a quad whose order is not known. The second sees that quad warped flat, with a margin: it draws the edge again and
tells which way the card stands, whether it is mirrored, and what it is. It looks twice, the second time at it upright.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import cv2
import numpy as np
import onnxruntime
from numpy.typing import NDArray

from worker.pipeline.geometry import frame_quad, is_mirrored, map_points, scaling
from worker.pipeline.types import FoundCard, Homography, Pixels, Quad

Distances = NDArray[np.float32]
"""Distance to the card's edge, in cells of STRIDE pixels, positive inside; shape (height / STRIDE, width / STRIDE)."""

Levels = list[Pixels]
"""An image, and it halved again and again."""

MODELS = Path(__file__).parent.parent / "models"
LOCATOR_MODEL, REFINER_MODEL = "corners_locator.onnx", "corners_refiner.onnx"

STRIDE = 4
REACH = 4.0
"""Cells up to which the networks measure the distance; beyond they only say inside or outside."""

LOCATOR_SIDE, LOCATOR_FRAME = 128, 116
"""Side of the locator's square input, and the longest side of the photograph in the middle of it, in pixels."""

REFINER_SIZE = (192, 128)
SLOT = np.array([(17.5, 14.5), (173.5, 14.5), (173.5, 112.5), (17.5, 112.5)])
"""Where the refiner's input, of this width and height, has the card if the first quad is right, clockwise from its
top-left corner."""

GREY = (114, 114, 114)
"""What lies around the photograph in both inputs."""

_MORE_LOOKS, _STILL = 3, 2.0
"""Looks after the first, which end when the corners move by less than these pixels of the input: mostly one."""

_LEAST_CELLS = 6
_BAND = 2.0
_FITS = 2


@dataclass(frozen=True)
class _Look:
    """What the refiner made of a quad; `moved` is how far its corners were from there, in pixels of the input."""

    quad: Quad
    ktp: float
    document: float
    moved: float


class CornerEngine:
    """Finds the card of a photograph with the two networks. Safe for use by several threads at once."""

    def __init__(self, threads: int = 1, device: Literal["cpu", "gpu"] = "cpu", models: Path = MODELS) -> None:
        """Load both networks from `models`; `device` gpu takes CUDA and raises where there is none."""
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
        providers = ["CUDAExecutionProvider"] if device == "gpu" else ["CPUExecutionProvider"]
        self._locator = onnxruntime.InferenceSession(models / LOCATOR_MODEL, options, providers)
        self._refiner = onnxruntime.InferenceSession(models / REFINER_MODEL, options, providers)

    def find(self, pixels: Pixels) -> FoundCard:
        """The likeliest card in `pixels`, however unlikely it is."""
        levels = halvings(pixels)
        look = self._refine(levels, self.locate(levels))
        for _ in range(_MORE_LOOKS):
            look = self._refine(levels, look.quad)
            if look.moved < _STILL:
                break
        return FoundCard(look.quad, look.ktp, look.document)

    def locate(self, levels: Levels) -> Quad:
        """The rough quad of the first pass, clockwise as seen, a long side first.

        Where nothing stands out it is the frame: a scan cut to the edge of the card may have no edge to see.
        """
        height, width = levels[0].shape[:2]
        scale = LOCATOR_FRAME / max(height, width)
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        left, top = (LOCATOR_SIDE - size[0]) // 2, (LOCATOR_SIDE - size[1]) // 2
        image = np.full((LOCATOR_SIDE, LOCATOR_SIDE, 3), GREY, dtype=np.uint8)
        source = levels[_level(1 / scale, levels)]
        image[top : top + size[1], left : left + size[0]] = cv2.resize(source, size, interpolation=cv2.INTER_AREA)
        (distances,) = self._locator.run(["distance"], {"pixels": image[None]})
        rough = outline(distances[0])
        if rough is None:
            return long_side_first(frame_quad(width, height))
        shift, back = np.array((left, top)) - 0.5, np.array((width / size[0], height / size[1]))
        return np.asarray((fit_quad(distances[0], rough) - shift) * back - 0.5)

    def _refine(self, levels: Levels, quad: Quad) -> _Look:
        """Looks closely at `quad`: its corners moved to the edge of the card and in the card's own order."""
        image = flatten(levels, quad, SLOT, REFINER_SIZE)
        distances, orders, kinds = self._refiner.run(["distance", "order", "kind"], {"pixels": image[None]})
        rough = outline(distances[0])
        fitted = fit_quad(distances[0], SLOT if rough is None else nearest_turn(rough, SLOT))
        order = int(np.argmax(orders[0]))
        moved = float(np.abs(fitted - SLOT).max()) if order == 0 else np.inf
        corners = order_corners(map_points(_homography(SLOT, quad), fitted), order)
        return _Look(corners, float(kinds[0, 0]), float(kinds[0, 1]), moved)


def halvings(pixels: Pixels) -> Levels:
    """The image, and it averaged down to half of its size again and again, as far as the locator has use for it."""
    levels = [pixels]
    while max(levels[-1].shape) >= 2 * LOCATOR_FRAME and min(levels[-1].shape[:2]) >= 2:
        height, width = levels[-1].shape[0] // 2, levels[-1].shape[1] // 2
        even = levels[-1][: 2 * height, : 2 * width]
        levels.append(np.asarray(cv2.resize(even, (width, height), interpolation=cv2.INTER_AREA), dtype=np.uint8))
    return levels


def _level(detail: float, levels: Levels) -> int:
    """The level to take where `detail` pixels of the image become one: what is left to shrink is below 1.7."""
    return min(len(levels) - 1, max(0, int(np.log2(max(detail, 1e-3)) + 0.25)))


def order_corners(quad: Quad, order: int) -> Quad:
    """The quad in the card's own order, given it clockwise as seen and which of the eight orders the card has.

    Order k < 4: the card's top-left corner is corner k, the others follow clockwise; 4 + k: they follow anticlockwise.
    """
    steps = np.arange(4) if order < 4 else -np.arange(4)
    return np.asarray(quad[(order + steps) % 4])


def flatten(levels: Levels, quad: Quad, target: Quad, size: tuple[int, int]) -> Pixels:
    """What lies in `quad` (pixels of the full image) warped to `target` in an image of `size`, width and height.

    The warp starts from a level of about the wanted size, for warping alone would alias.
    """
    sides = np.linalg.norm(quad - np.roll(quad, 1, axis=0), axis=1)
    wanted = np.linalg.norm(target - np.roll(target, 1, axis=0), axis=1)
    level = _level(float(np.median(sides / wanted)), levels)
    step = 2.0**level
    matrix = _homography(quad, target) @ scaling(step, step)
    warped = cv2.warpPerspective(levels[level], matrix, size, borderMode=cv2.BORDER_CONSTANT, borderValue=GREY)
    return np.asarray(warped, dtype=np.uint8)


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


def _homography(source: Quad, target: Quad) -> Homography:
    matrix = cv2.getPerspectiveTransform(source.astype(np.float32), target.astype(np.float32))
    return np.asarray(matrix, dtype=np.float64)
