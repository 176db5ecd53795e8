"""The printed backgrounds of the foreign style: drawn spirographs, fans of rays and hatching, with a star."""

from __future__ import annotations

import cv2
import numpy as np

from worker.pipeline.types import Pixels
from worker.training.scenes.palette import Palette
from worker.training.scenes.texture import clouds, enlarge, ramp, to_tone
from worker.training.style import Colour

_FINE = 4
"""Fractional bits of the coordinates that OpenCV draws at."""


def _curve(pixels: Pixels, points: np.ndarray, colour: Colour, closed: bool = True) -> None:
    fixed = (points * 2**_FINE).round().astype(np.int32).reshape(-1, 1, 2)
    cv2.polylines(pixels, [fixed], closed, colour, 1, cv2.LINE_AA, shift=_FINE)


def _ground(width: int, height: int, palette: Palette, rng: np.random.Generator) -> Pixels:
    slope = np.linspace(-1, 1, width // 8, dtype=np.float32)[np.newaxis, :] * np.float32(rng.uniform(-0.8, 0.8))
    rise = np.linspace(-1, 1, height // 8, dtype=np.float32)[:, np.newaxis] * np.float32(rng.uniform(-0.8, 0.8))
    tone = slope + rise + clouds(width // 8, height // 8, 4, rng) * np.float32(0.25)
    return ramp(enlarge(to_tone(tone), width, height), (palette.edge, palette.paper, palette.second_accent))


def _star(pixels: Pixels, colour: Colour, rng: np.random.Generator) -> None:
    height, width = pixels.shape[:2]
    points = int(rng.integers(5, 9))
    angles = np.linspace(0, 2 * np.pi, 2 * points, endpoint=False) - np.pi / 2
    reach = np.where(np.arange(2 * points) % 2, 0.45, 1.0) * height * rng.uniform(0.12, 0.3)
    middle = (width * rng.uniform(0.35, 0.65), height * rng.uniform(0.4, 0.65))
    outline = np.stack([np.cos(angles), np.sin(angles)], axis=1) * reach[:, np.newaxis] + middle
    for shrink in (1.0, 0.86, 0.7):
        _curve(pixels, (outline - middle) * shrink + middle, colour)


def _soften_into(ground: Pixels, drawn: Pixels, strength: float) -> Pixels:
    return np.asarray(cv2.addWeighted(drawn, strength, ground, 1 - strength, 0), dtype=np.uint8)


def spirograph(width: int, height: int, palette: Palette, rng: np.random.Generator) -> Pixels:
    """Several closed curves of a rolling wheel, and a star."""
    ground = _ground(width, height, palette, rng)
    drawn = ground.copy()
    turns = np.linspace(0, 2 * np.pi, 1500)
    for _ in range(int(rng.integers(3, 7))):
        lobes, radius = int(rng.integers(7, 40)), float(rng.uniform(0.15, 0.6)) * height
        middle = rng.uniform((0, 0), (width, height))
        for depth in np.linspace(0.1, rng.uniform(0.3, 0.9), int(rng.integers(3, 9))):
            reach = radius * (1 + depth * np.cos(lobes * turns + depth * 3))
            _curve(
                drawn, np.stack([np.cos(turns), np.sin(turns)], axis=1) * reach[:, np.newaxis] + middle, palette.line
            )
    _star(drawn, palette.accent, rng)
    return _soften_into(ground, drawn, float(rng.uniform(0.15, 0.55)))


def rays(width: int, height: int, palette: Palette, rng: np.random.Generator) -> Pixels:
    """Fans of straight lines from points at the rim, and rings of ellipses."""
    ground = _ground(width, height, palette, rng)
    drawn = ground.copy()
    for _ in range(int(rng.integers(2, 4))):
        origin = rng.uniform((-0.1 * width, -0.1 * height), (1.1 * width, 1.1 * height))
        for angle in np.linspace(0, 2 * np.pi, int(rng.integers(80, 220)), endpoint=False):
            end = origin + np.array((np.cos(angle), np.sin(angle))) * width * 1.3
            _curve(drawn, np.stack([origin, end]), palette.line, closed=False)
    middle = (int(width * rng.uniform(0.3, 0.7)), int(height * rng.uniform(0.3, 0.7)))
    for ring in range(8, int(width * 0.3), int(rng.integers(7, 16))):
        cv2.ellipse(drawn, middle, (ring, ring * 2 // 3), 0, 0, 360, palette.accent, 1, cv2.LINE_AA)
    return _soften_into(ground, drawn, float(rng.uniform(0.12, 0.45)))


def hatching(width: int, height: int, palette: Palette, rng: np.random.Generator) -> Pixels:
    """Zigzag lines close to one another, and a star."""
    ground = _ground(width, height, palette, rng)
    drawn = ground.copy()
    pitch, period, swing = int(rng.integers(5, 14)), int(rng.integers(12, 90)), float(rng.uniform(3, 14))
    x = np.arange(-period, width + period, period / 2)
    zigzag = np.where(np.arange(len(x)) % 2, swing, -swing)
    for y in range(0, height, pitch):
        _curve(drawn, np.stack([x, y + zigzag], axis=1), palette.line, closed=False)
    _star(drawn, palette.accent, rng)
    return _soften_into(ground, drawn, float(rng.uniform(0.1, 0.4)))
