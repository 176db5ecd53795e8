"""Draws the passport pictures of invented people, in two hands: no likeness of anybody."""

from __future__ import annotations

import cv2
import numpy as np

from worker.pipeline.types import Pixels
from worker.training.names import pick
from worker.training.scenes.texture import clouds, enlarge, hsv, near_colour, ramp, random_colour, scale_colour, to_tone
from worker.training.style import Colour

_RED: Colour = (44, 40, 190)
_BLUE: Colour = (186, 96, 40)


def _ground_colour(rng: np.random.Generator) -> Colour:
    kind = rng.random()
    if kind < 0.45:
        return near_colour(_RED, 30, rng)
    if kind < 0.88:
        return near_colour(_BLUE, 36, rng)
    return random_colour(rng)


def _skin(rng: np.random.Generator) -> Colour:
    return hsv(float(rng.uniform(0.04, 0.09)), float(rng.uniform(0.25, 0.6)), float(rng.uniform(0.5, 0.95)))


def draw_bust(width: int, height: int, rng: np.random.Generator) -> Pixels:
    """Ovals: a face with eyes, brows and mouth, hair or a veil, a shirt; `width` x `height` pixels."""
    pixels = np.empty((height, width, 3), dtype=np.uint8)
    pixels[:] = _ground_colour(rng)
    skin, hair = _skin(rng), hsv(0.06, 0.4, float(rng.uniform(0.05, 0.2)))
    shirt, scarf = random_colour(rng), random_colour(rng)
    x, y = width * float(rng.uniform(0.46, 0.54)), height * float(rng.uniform(0.38, 0.45))
    a, b = width * float(rng.uniform(0.18, 0.24)), height * float(rng.uniform(0.19, 0.24))

    def oval(colour: Colour, dx: float, dy: float, rx: float, ry: float) -> None:
        place, axes = (round(x + dx * a), round(y + dy * b)), (max(round(rx * a), 1), max(round(ry * b), 1))
        cv2.ellipse(pixels, place, axes, 0, 0, 360, colour, -1, cv2.LINE_AA)

    veiled = rng.random() < 0.35
    if veiled:
        oval(scarf, 0, 0.1, 1.35, 1.4)
    elif rng.random() < 0.4:
        oval(hair, 0, 0.5, 1.35, 1.8)
    oval(scale_colour(skin, 0.8), 0, 0.9, 0.5, 0.9)
    oval(shirt, 0, 2.7, 2.3, 1.4)
    if veiled:
        oval(scarf, 0, 1.5, 1.5, 0.9)
    else:
        oval(hair, 0, -0.22, 1.08, 1.02)
    oval(skin, 0, 0.08, 0.95, 0.97)
    oval(scale_colour(skin, 1.12), float(rng.uniform(-0.3, 0.3)), 0.1, 0.45, 0.5)
    dark = scale_colour(skin, 0.35)
    for side in (-0.4, 0.4):
        oval(dark, side, -0.08, 0.15, 0.06)
        oval(hair, side, -0.26, 0.2, 0.04)
    oval(scale_colour(skin, 0.75), 0, 0.22, 0.1, 0.1)
    oval((70, 70, 150), 0, 0.52, 0.28, 0.06)
    if not veiled and rng.random() < 0.5:
        oval(hair, 0, -0.72, 0.8, 0.28)
    light = clouds(width, height, 3, rng) * np.float32(0.12) + np.float32(1)
    lit = cv2.multiply(pixels, cv2.merge([light, light, light]), dtype=cv2.CV_8U)
    return np.asarray(cv2.GaussianBlur(lit, (0, 0), max(width / 160, 0.4)), dtype=np.uint8)


def draw_cut_out(width: int, height: int, rng: np.random.Generator) -> Pixels:
    """Polygons: a long face with glasses or a cap, a jacket with lapels before a curtain; `width` x `height` pixels."""
    tone = to_tone(clouds(width // 2 + 1, height // 2 + 1, float(rng.uniform(2, 6)), rng) * np.float32(0.5))
    ground = pick((near_colour(_RED, 40, rng), near_colour(_BLUE, 40, rng), random_colour(rng)), rng)
    pixels = ramp(enlarge(tone, width, height), (scale_colour(ground, 0.75), ground))
    skin, jacket, hair = _skin(rng), random_colour(rng), hsv(0.05, 0.3, float(rng.uniform(0.04, 0.5)))

    def shape(colour: Colour, points: tuple[tuple[float, float], ...]) -> None:
        scaled = (np.array(points) * (width, height) * 16).round().astype(np.int32)
        cv2.fillPoly(pixels, [scaled], colour, cv2.LINE_AA, shift=4)

    shape(jacket, ((0.02, 1.0), (0.12, 0.8), (0.38, 0.7), (0.62, 0.7), (0.88, 0.8), (0.98, 1.0)))
    shape((235, 235, 238), ((0.38, 0.7), (0.62, 0.7), (0.5, 0.98)))
    shape(random_colour(rng), ((0.46, 0.76), (0.54, 0.76), (0.5, 1.0)))
    shape(scale_colour(skin, 0.8), ((0.4, 0.55), (0.6, 0.55), (0.6, 0.74), (0.5, 0.8), (0.4, 0.74)))
    jaw = float(rng.uniform(0.62, 0.68))
    top = ((0.29, 0.36), (0.35, 0.22), (0.5, 0.17), (0.65, 0.22), (0.71, 0.36))
    shape(skin, (*top, (0.69, 0.52), (0.6, jaw), (0.5, jaw + 0.04), (0.4, jaw), (0.31, 0.52)))
    shape(scale_colour(skin, 0.85), ((0.6, 0.25), (0.71, 0.36), (0.69, 0.52), (0.6, jaw)))
    if rng.random() < 0.4:
        shape(hair, ((0.27, 0.28), (0.3, 0.1), (0.7, 0.1), (0.73, 0.28)))
    else:
        shape(hair, ((0.26, 0.42), (0.28, 0.2), (0.5, 0.1), (0.72, 0.2), (0.74, 0.42), (0.66, 0.27), (0.34, 0.27)))
    for left in (0.36, 0.54):
        shape((40, 40, 44), ((left, 0.4), (left + 0.1, 0.4), (left + 0.1, 0.425), (left, 0.425)))
        if rng.random() < 0.4:
            corner, end = (round((left - 0.02) * width), round(0.37 * height)), round((left + 0.13) * width)
            cv2.rectangle(pixels, corner, (end, round(0.46 * height)), (30, 30, 30), max(width // 70, 1))
    shape(scale_colour(skin, 0.7), ((0.5, 0.42), (0.54, 0.52), (0.47, 0.52)))
    shape((80, 70, 140), ((0.42, 0.58), (0.58, 0.58), (0.5, 0.61)))
    return np.asarray(cv2.GaussianBlur(pixels, (0, 0), max(width / 200, 0.4)), dtype=np.uint8)
