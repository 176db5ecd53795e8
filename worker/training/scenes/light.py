"""Light on a scene: its strength, fall-off and colour, shadows that lie across it, and glare on the card."""

from __future__ import annotations

import cv2
import numpy as np

from worker.pipeline.types import Pixels, Quad
from worker.training.scenes.texture import clouds

_STEP = 4
"""Light is drawn this many times smaller than the frame."""
_FULL = 100.0
"""The level that stands for a gain of 1 in a gain of 8 bits: gains of float32 cost 4 ms more at 800x600."""


def light_scene(frame: Pixels, brightness: float, rng: np.random.Generator) -> Pixels:
    """The frame under light of the given brightness (1 is full), of some colour, falling off to some side."""
    height, width = frame.shape[:2]
    rows, columns = height // _STEP + 1, width // _STEP + 1
    angle, fall = float(rng.uniform(0, 2 * np.pi)), abs(float(rng.normal(0, 0.22)))
    x = np.linspace(-0.5, 0.5, columns, dtype=np.float32)[np.newaxis, :] * np.float32(np.cos(angle) * fall)
    y = np.linspace(-0.5, 0.5, rows, dtype=np.float32)[:, np.newaxis] * np.float32(np.sin(angle) * fall)
    gain = (1 + x + y) * np.float32(brightness)
    kind = rng.random()
    if kind < 0.25:
        gain *= _cast_shape(columns, rows, rng)
    elif kind < 0.4:
        gain *= 1 + clouds(columns, rows, 3, rng) * np.float32(0.3)
    tint = 1 + np.clip(rng.normal(0, 0.06, 3), -0.18, 0.18)
    coloured = cv2.merge([np.clip(gain * np.float32(t * _FULL), 0, 255).astype(np.uint8) for t in tint])
    full = cv2.resize(coloured, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(cv2.multiply(frame, full, scale=1 / _FULL), dtype=np.uint8)


def _cast_shape(columns: int, rows: int, rng: np.random.Generator) -> Pixels:
    """The shadow of something out of the frame, a phone or a head: hard or soft, as a factor from 0 to 1."""
    shade = np.ones((rows, columns), dtype=np.float32)
    middle = rng.uniform((0, 0), (columns, rows))
    spread = rng.normal(0, 0.45, (int(rng.integers(3, 7)), 2)) * columns + middle
    hull = cv2.convexHull(spread.round().astype(np.int32))
    cv2.fillConvexPoly(shade, hull, (float(rng.uniform(0.3, 0.8)),))
    softness = float(rng.uniform(0.4, 2) if rng.random() < 0.3 else rng.uniform(3, 24))
    return np.asarray(cv2.GaussianBlur(shade, (0, 0), softness))


def add_glare(frame: Pixels, quad: Quad, rng: np.random.Generator) -> Pixels:
    """The frame with one or two bright reflections on the card: spots, or the bar of a lamp."""
    height, width = frame.shape[:2]
    bright = np.zeros((height // _STEP + 1, width // _STEP + 1), dtype=np.uint8)
    size = float(np.hypot(*(quad[1] - quad[0]))) / _STEP
    for _ in range(int(rng.integers(1, 3))):
        mix = rng.dirichlet((1, 1, 1, 1))
        spot = (mix @ quad) / _STEP
        long, thin = size * float(rng.uniform(0.04, 0.22)), size * float(rng.uniform(0.02, 0.09))
        axes, angle = (max(round(long), 1), max(round(thin), 1)), float(rng.uniform(0, 180))
        place = (round(float(spot[0])), round(float(spot[1])))
        cv2.ellipse(bright, place, axes, angle, 0, 360, (int(rng.integers(70, 255)),), -1)
    soft = cv2.GaussianBlur(bright, (0, 0), max(size * float(rng.uniform(0.012, 0.1)), 1.0))
    full = cv2.resize(soft, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(cv2.add(frame, cv2.merge([full, full, full])), dtype=np.uint8)
