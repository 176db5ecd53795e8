"""Draws the printed background of a card: gradient, guilloche waves, island shapes and an abstract winged emblem."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from worker.training.lettering import Mask
from worker.training.style import CardStyle, Colour

Canvas = NDArray[np.float32]
"""An image in the making: shape (height, width, 3), BGR, 0 to 255."""

# A loose sketch of an archipelago, not a map: outlines in fractions of the card.
_ISLANDS: tuple[tuple[tuple[float, float], ...], ...] = (
    ((0.08, 0.22), (0.13, 0.26), (0.20, 0.40), (0.27, 0.53), (0.29, 0.62), (0.25, 0.63), (0.18, 0.52), (0.11, 0.36)),
    ((0.27, 0.68), (0.34, 0.68), (0.43, 0.71), (0.50, 0.74), (0.49, 0.77), (0.40, 0.75), (0.29, 0.72)),
    ((0.36, 0.38), (0.41, 0.40), (0.47, 0.32), (0.53, 0.28), (0.54, 0.40), (0.51, 0.52), (0.45, 0.59), (0.38, 0.53)),
    ((0.57, 0.42), (0.68, 0.39), (0.66, 0.43), (0.60, 0.46), (0.67, 0.50), (0.62, 0.52), (0.64, 0.62), (0.60, 0.55)),
    ((0.80, 0.45), (0.86, 0.45), (0.90, 0.52), (0.97, 0.52), (0.97, 0.74), (0.90, 0.66), (0.86, 0.56), (0.80, 0.52)),
    ((0.52, 0.77), (0.57, 0.77), (0.62, 0.79), (0.69, 0.79), (0.68, 0.82), (0.57, 0.80)),
    ((0.72, 0.44), (0.75, 0.42), (0.75, 0.50), (0.73, 0.52)),
)


def blend(canvas: Canvas, colour: Colour, cover: Mask) -> Canvas:
    """The canvas with the colour laid over it as far as `cover` (0 to 1) says."""
    mask = cover[:, :, np.newaxis]
    return np.asarray(canvas * (1 - mask) + np.array(colour, dtype=np.float32) * mask, dtype=np.float32)


def soften(mask: Mask, sigma: float) -> Mask:
    """The mask blurred by `sigma` pixels; as it is where sigma is 0."""
    if sigma <= 0:
        return mask
    return np.asarray(cv2.GaussianBlur(mask, (0, 0), sigma), dtype=np.float32)


def _grid(width: int, height: int) -> tuple[Mask, Mask]:
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    return x / np.float32(width), y / np.float32(width)


def _gradient(style: CardStyle, width: int, height: int) -> Canvas:
    x, y = _grid(width, height)
    distance = np.hypot((x - 0.46) / 0.62, (y - 0.30) / 0.42)
    paper = np.empty((height, width, 3), dtype=np.float32)
    paper[:] = style.paper
    return blend(paper, style.edge, np.clip(distance**1.8 * 0.75, 0, 1).astype(np.float32))


def _waves(width: int, height: int, count: float, bend: float, turn: float, rng: np.random.Generator) -> Mask:
    """A family of thin lines that swing across the card; `count` of them over its width."""
    x, y = _grid(width, height)
    across = y * np.float32(np.cos(turn)) - x * np.float32(np.sin(turn))
    along = x * np.float32(np.cos(turn)) + y * np.float32(np.sin(turn))
    first, second = rng.uniform(0, 2 * np.pi, 2).astype(np.float32)
    swing = np.sin(along * np.float32(9.0) + first) + 0.5 * np.sin(along * np.float32(21.0) + second + across * 8)
    phase = 2 * np.pi * count * (across + bend * swing)
    return np.asarray((0.5 + 0.5 * np.cos(phase)) ** 5, dtype=np.float32)


def _rosette(width: int, height: int, xc: float, yc: float, petals: int) -> Mask:
    x, y = _grid(width, height)
    radius = np.hypot(x - xc, y - yc)
    angle = np.arctan2(y - yc, x - xc)
    phase = radius * 260 + 4.0 * np.sin(petals * angle) * np.clip(radius * 9, 0, 1)
    fade = np.clip(1 - radius / 0.17, 0, 1)
    return np.asarray((0.5 + 0.5 * np.cos(phase)) ** 4 * fade, dtype=np.float32)


def islands(width: int, height: int) -> Mask:
    """The outlines of islands, filled, with soft coasts."""
    mask = np.zeros((height, width), dtype=np.uint8)
    for outline in _ISLANDS:
        points = (np.array(outline) * (width, height)).round().astype(np.int32)
        cv2.fillPoly(mask, [points], (255,), cv2.LINE_AA)
    coast = cv2.GaussianBlur(mask, (0, 0), width / 110)
    edge = np.clip((coast.astype(np.float32) / 255 - 0.42) * 9, 0, 1)
    return soften(np.asarray(edge, dtype=np.float32), width / 800)


def emblem(width: int, height: int) -> Mask:
    """An abstract bird: two fans of feathers, a tail and a shield, about half as tall as the card."""
    mask = np.zeros((height, width), dtype=np.uint8)
    centre = np.array((width * 0.5, height * 0.52))
    unit = height * 0.25
    stroke = max(2, round(height / 260))
    for side in (-1, 1):
        for feather in range(9):
            turn = np.deg2rad(8 + feather * 11)
            root = centre + unit * np.array((side * 0.32, -0.25 + feather * 0.05))
            tip = centre + unit * np.array((side * (0.45 + 0.85 * np.cos(turn - 0.9)), -0.95 * np.sin(turn) + 0.3))
            middle = (root + tip) / 2
            axes = (round(float(np.hypot(*(tip - root))) / 2), round(unit * 0.075))
            angle = float(np.degrees(np.arctan2(tip[1] - root[1], tip[0] - root[0])))
            place = (round(float(middle[0])), round(float(middle[1])))
            cv2.ellipse(mask, place, axes, angle, 0, 360, (255,), stroke, cv2.LINE_AA)
    for tail in range(-3, 4):
        end = centre + unit * np.array((tail * 0.13, 1.15 - abs(tail) * 0.06))
        start = centre + unit * np.array((tail * 0.05, 0.5))
        cv2.line(mask, start.round().astype(int).tolist(), end.round().astype(int).tolist(), (255,), stroke * 2)
    shield = np.array([(-0.3, -0.35), (0.3, -0.35), (0.3, 0.1), (0.0, 0.5), (-0.3, 0.1)]) * unit + centre
    cv2.fillPoly(mask, [shield.round().astype(np.int32)], (170,), cv2.LINE_AA)
    head = (round(float(centre[0])), round(float(centre[1] - unit * 0.62)))
    cv2.ellipse(mask, head, (round(unit * 0.16), round(unit * 0.2)), 0, 0, 360, (200,), -1, cv2.LINE_AA)
    return soften(mask.astype(np.float32) / np.float32(255), height / 700)


def draw_background(style: CardStyle, width: int, height: int, rng: np.random.Generator) -> Canvas:
    """The background of a card of the given size in pixels, before anything is printed for its person."""
    canvas = _gradient(style, width, height)
    canvas = blend(canvas, style.islands, islands(width, height) * np.float32(0.33))
    strength = np.float32(style.wave_strength)
    canvas = blend(canvas, style.wave, _waves(width, height, 46, 0.020, 0.12, rng) * strength * np.float32(0.20))
    canvas = blend(canvas, style.wave, _waves(width, height, 38, 0.026, -0.22, rng) * strength * np.float32(0.14))
    canvas = blend(canvas, (205, 175, 215), _rosette(width, height, 0.15, 0.50, 12) * strength * np.float32(0.35))
    canvas = blend(canvas, (170, 200, 225), _rosette(width, height, 0.60, 0.20, 9) * strength * np.float32(0.35))
    return blend(canvas, (150, 190, 215), emblem(width, height) * np.float32(0.36 * style.emblem_strength))
