"""Homographies between images, and what a quad says of the thing that stands in it."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from worker.pipeline.types import Homography, Quad

Points = NDArray[np.float64]
"""Points, shape (n, 2), (x, y) in pixels; integers are the centres of pixels."""


def scaling(x: float, y: float) -> Homography:
    """Multiplies an image's size by `x` and `y`; its outer edge, not the first pixel's centre, stays in place."""
    return np.array([[x, 0.0, (x - 1) / 2], [0.0, y, (y - 1) / 2], [0.0, 0.0, 1.0]])


def mirroring(width: int) -> Homography:
    """Flips an image `width` pixels wide left to right."""
    return np.array([[-1.0, 0.0, width - 1.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])


def invert(homography: Homography) -> Homography:
    """The way back."""
    return np.asarray(np.linalg.inv(homography), dtype=np.float64)


def map_points(homography: Homography, points: Points) -> Points:
    """`points`, shape (n, 2), through `homography`."""
    mapped = np.column_stack([points, np.ones(len(points))]) @ homography.T
    return np.asarray(mapped[:, :2] / mapped[:, 2:], dtype=np.float64)


UNIT: Quad = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]])
"""The corners of a card in fractions of its width and height."""


def map_quad(source: Quad, target: Quad) -> Homography:
    """Maps the image in which something lies in `source` to that in which it lies in `target`."""
    matrix = cv2.getPerspectiveTransform(source.astype(np.float32), target.astype(np.float32))
    return np.asarray(matrix, dtype=np.float64)


def quad_width(quad: Quad) -> float:
    """Mean length of the top and the bottom edge: of text, its length along its reading direction."""
    return float(np.linalg.norm(quad[1] - quad[0]) + np.linalg.norm(quad[2] - quad[3])) / 2


def quad_height(quad: Quad) -> float:
    """Mean length of the left and the right edge."""
    return float(np.linalg.norm(quad[3] - quad[0]) + np.linalg.norm(quad[2] - quad[1])) / 2


def frame_quad(width: float, height: float) -> Quad:
    """The outer edge of an image of `width` x `height` pixels."""
    return np.array([[0.0, 0.0], [width, 0.0], [width, height], [0.0, height]]) - 0.5


def signed_area(quad: Quad) -> float:
    """Area of `quad` in square pixels, negative if it is mirrored."""
    x, y = quad[:, 0], quad[:, 1]
    return float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2


def is_mirrored(quad: Quad) -> bool:
    """Whether the thing in `quad` is seen mirrored."""
    return signed_area(quad) < 0


def measure_tilt(quad: Quad) -> float:
    """Degrees in [0, 360), to two decimals, by which the thing in `quad` stands turned clockwise.

    Measured along the mean of its top and bottom edge. A mirrored thing has its own left on the right: its edges are
    taken from right to left, so that one which stands upright in the mirror has a tilt of 0 and not of 180.
    """
    along = quad[1] + quad[2] - quad[0] - quad[3]
    if is_mirrored(quad):
        along = -along
    return round(math.degrees(math.atan2(along[1], along[0])), 2) % 360
