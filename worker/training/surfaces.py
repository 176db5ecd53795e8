"""Draws what cards lie on: a plain desk, wood, cloth and the white paper of a scanner."""

from __future__ import annotations

from enum import Enum
from itertools import pairwise

import cv2
import numpy as np

from worker.training.artwork import Canvas
from worker.training.lettering import Mask
from worker.training.style import Colour


class Surface(Enum):
    """The kinds of ground a card can lie on."""

    DESK = "desk"
    WOOD = "wood"
    CLOTH = "cloth"
    PAPER = "paper"


def _clouds(width: int, height: int, cells_x: int, cells_y: int, rng: np.random.Generator) -> Mask:
    """Smooth noise from -1 to 1 with so many cells over width and height."""
    coarse = rng.uniform(-1, 1, (cells_y + 2, cells_x + 2)).astype(np.float32)
    return np.asarray(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC), dtype=np.float32)


def _shade(colour: Colour, tone: Mask) -> Canvas:
    """The colour, lighter where `tone` is above 0 and darker below, in levels of brightness."""
    return np.asarray(np.array(colour, dtype=np.float32) + tone[:, :, np.newaxis], dtype=np.float32)


def _wood_tone(width: int, height: int, rng: np.random.Generator) -> Mask:
    planks = int(rng.integers(2, 5))
    tone = np.empty((height, width), dtype=np.float32)
    edges = np.linspace(0, height, planks + 1).round().astype(int)
    for top, bottom in pairwise(edges.tolist()):
        rows = bottom - top
        bend = _clouds(width, rows, 4, 3, rng)
        y = np.linspace(0, 1, rows, dtype=np.float32)[:, np.newaxis]
        rings = np.sin((y * 9 + bend * 1.3 + float(rng.uniform(0, 6))) * 5)
        grain = _clouds(width, rows, 14, max(rows // 3, 2), rng)
        tone[top:bottom] = rings * 7 + grain * 11 + float(rng.uniform(-9, 9))
        tone[top : top + 3] -= 34
    return tone


def _cloth_tone(width: int, height: int, rng: np.random.Generator) -> Mask:
    x = np.arange(width, dtype=np.float32)[np.newaxis, :]
    y = np.arange(height, dtype=np.float32)[:, np.newaxis]
    weave = np.sin(x * np.float32(1.05)) * np.sin(y * np.float32(1.05)) * 7
    return np.asarray(weave + _clouds(width, height, 5, 4, rng) * 16, dtype=np.float32)


def draw_surface(surface: Surface, colour: Colour, width: int, height: int, rng: np.random.Generator) -> Canvas:
    """A ground of the given size in pixels in about the given colour."""
    if surface is Surface.WOOD:
        return _shade(colour, _wood_tone(width, height, rng))
    if surface is Surface.CLOTH:
        return _shade(colour, _cloth_tone(width, height, rng))
    if surface is Surface.DESK:
        return _shade(colour, _clouds(width, height, 3, 3, rng) * 9 + _clouds(width, height, 40, 30, rng) * 2)
    return _shade(colour, _clouds(width, height, 3, 3, rng) * 1.5)
