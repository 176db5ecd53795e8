"""How one and the same card looks from one day to the next: faded, tinted, scratched, stained, in a plastic pouch."""

from __future__ import annotations

import cv2
import numpy as np

from worker.pipeline.types import Pixels, Quad
from worker.training.camera import homography
from worker.training.scenes.compositing import lay_sheet
from worker.training.sheet import Sheet, rounded_alpha


def _tint(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    levels = np.arange(256, dtype=np.float32)[:, np.newaxis]
    gain = np.clip(rng.normal(1.0, 0.05, 3), 0.8, 1.15)
    contrast = float(rng.uniform(0.75, 1.1))
    table = np.clip((levels - 128) * contrast + 128, 0, 255) * gain + float(rng.uniform(-12, 12))
    rounded = np.clip(table, 0, 255).astype(np.uint8).reshape(256, 1, 3)
    return np.asarray(cv2.LUT(pixels, rounded), dtype=np.uint8)


def wear(sheet: Sheet, rng: np.random.Generator) -> Sheet:
    """The sheet in other shades, at times scratched or stained."""
    pixels = _tint(sheet.pixels, rng)
    height, width = sheet.alpha.shape
    if rng.random() < 0.2:
        for _ in range(int(rng.integers(1, 14))):
            start = rng.uniform((0, 0), (width, height))
            end = start + rng.normal(0, width / 6, 2)
            tone = int(rng.integers(120, 256))
            first, last = start.round().astype(int).tolist(), end.round().astype(int).tolist()
            cv2.line(pixels, first, last, (tone, tone, tone), 1, cv2.LINE_AA)
    if rng.random() < 0.1:
        stained = pixels.copy()
        for _ in range(int(rng.integers(1, 6))):
            place = rng.uniform((0, 0), (width, height)).round().astype(int).tolist()
            radius = int(rng.uniform(0.01, 0.08) * width)
            cv2.circle(stained, place, radius, (60, 90, 110), -1, cv2.LINE_AA)
        share = float(rng.uniform(0.1, 0.4))
        pixels = np.asarray(cv2.addWeighted(stained, share, pixels, 1 - share, 0), dtype=np.uint8)
    return Sheet(pixels, sheet.alpha)


def lay_pouch(frame: Pixels, quad: Quad, rng: np.random.Generator) -> None:
    """A clear pouch around the card at `quad`, a few percent larger: it lightens what lies beneath."""
    margin_x, margin_y = float(rng.uniform(0.015, 0.05)), float(rng.uniform(0.025, 0.08))
    unit = np.array([(0, 0), (1, 0), (1, 1), (0, 1)], dtype=np.float64)
    x0, y0, x1, y1 = -margin_x, -margin_y, 1 + margin_x, 1 + margin_y
    corners = np.array([[(x0, y0)], [(x1, y0)], [(x1, y1)], [(x0, y1)]])
    outer = cv2.perspectiveTransform(corners, homography(unit, quad)).reshape(4, 2).astype(np.float64)
    clear = np.full((126, 200, 3), int(rng.integers(200, 256)), dtype=np.uint8)
    alpha = rounded_alpha(200, 126, 8)
    rim = np.full_like(alpha, 255)
    rim[2:-2, 2:-2] = 0
    thin = cv2.addWeighted(alpha, float(rng.uniform(0.08, 0.3)), cv2.bitwise_and(alpha, rim), 0.3, 0)
    lay_sheet(frame, Sheet(clear, np.asarray(thin, dtype=np.uint8)), outer)
