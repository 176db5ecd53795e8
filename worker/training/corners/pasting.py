"""Lays a flat card into an image it was never photographed in: a new scene for the price of one warp."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from worker.pipeline.types import Pixels, Quad
from worker.training.camera import homography, sheet_quad
from worker.training.sheet import Alpha, rounded_alpha

_RADIUS = 3.18 / 85.60


@lru_cache(maxsize=512)
def _outline(width: int, height: int, rounded: bool) -> Alpha:
    return rounded_alpha(width, height, round(_RADIUS * width) if rounded else 0)


def _shadow(image: Pixels, quad: Quad, rng: np.random.Generator) -> NDArray[np.float32]:
    """How much light the card leaves around itself, shape (height, width), 0 to 1."""
    height, width = image.shape[:2]
    size = float(np.ptp(quad, axis=0).max())
    moved = quad + rng.normal(0, 0.012, 2) * size
    dark = np.zeros((height, width), dtype=np.uint8)
    cv2.fillConvexPoly(dark, (moved * 16).round().astype(np.int32), (255,), cv2.LINE_AA, 4)
    soft = cv2.GaussianBlur(dark, (0, 0), max(0.6, float(rng.uniform(0.004, 0.025)) * size))
    return 1 - soft.astype(np.float32) * np.float32(rng.uniform(0.1, 0.6) / 255)


def lay_card(image: Pixels, card: Pixels, quad: Quad, rng: np.random.Generator) -> Pixels:
    """A copy of `image` with `card`, all of it, at `quad`; with rounded corners and a shadow most of the time."""
    height, width = image.shape[:2]
    sides = np.linalg.norm(quad - np.roll(quad, 1, axis=0), axis=1)
    scale = max(0.1, float(sides.max()) / card.shape[1])
    if scale < 0.7:
        size = (round(card.shape[1] * scale), round(card.shape[0] * scale))
        card = np.asarray(cv2.resize(card, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    alpha = _outline(card.shape[1], card.shape[0], bool(rng.random() < 0.85))
    matrix = homography(sheet_quad(card.shape[1], card.shape[0]), quad)
    seen = cv2.warpPerspective(card, matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    cover = cv2.warpPerspective(alpha, matrix, (width, height), flags=cv2.INTER_LINEAR).astype(np.float32)
    cover *= np.float32(1 / 255)
    ground = image
    if rng.random() < 0.65:
        light = _shadow(image, quad, rng)
        ground = np.asarray(cv2.multiply(image, cv2.merge([light, light, light]), dtype=cv2.CV_8U), dtype=np.uint8)
    return np.asarray(cv2.blendLinear(seen, ground, cover, np.float32(1) - cover), dtype=np.uint8)
