"""The printed backgrounds of the own style: waves over islands with an emblem, crossed waves, and plain runs."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np

from worker.pipeline.types import Pixels
from worker.training.artwork import emblem, islands
from worker.training.lettering import Mask
from worker.training.scenes.palette import Palette
from worker.training.scenes.pen import print_ink
from worker.training.scenes.texture import ramp, to_tone


@lru_cache(maxsize=4)
def _grid(width: int, height: int) -> tuple[Mask, Mask]:
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    return x / np.float32(width), y / np.float32(width)


@lru_cache(maxsize=2)
def _fixed_masks(width: int, height: int) -> tuple[Mask, Mask]:
    return islands(width, height), emblem(width, height)


def _ground(width: int, height: int, palette: Palette, rng: np.random.Generator) -> Pixels:
    x, y = _grid(width, height)
    middle_x, middle_y = float(rng.uniform(0.2, 0.8)), float(rng.uniform(0.1, 0.5))
    distance = cv2.magnitude((x - middle_x) / 0.62, (y - middle_y) / 0.42)
    return ramp(to_tone(np.asarray(distance - 1, dtype=np.float32)), (palette.paper, palette.paper, palette.edge))


def _waves(width: int, height: int, rng: np.random.Generator) -> Mask:
    """A family of thin lines that swing across the card."""
    x, y = _grid(width, height)
    turn = float(rng.normal(0, 0.3)) + (np.pi / 2 if rng.random() < 0.2 else 0)
    across = y * np.float32(np.cos(turn)) - x * np.float32(np.sin(turn))
    along = x * np.float32(np.cos(turn)) + y * np.float32(np.sin(turn))
    first, second = rng.uniform(0, 2 * np.pi, 2).astype(np.float32)
    swing = np.sin(along * np.float32(rng.uniform(5, 16)) + first)
    swing += np.float32(0.5) * np.sin(along * np.float32(rng.uniform(14, 30)) + second + across * 8)
    phase = (across + swing * np.float32(rng.uniform(0.008, 0.035))) * np.float32(2 * np.pi * rng.uniform(22, 60))
    line = np.float32(0.5) + np.float32(0.5) * np.cos(phase)
    square = line * line
    return np.asarray(square * square, dtype=np.float32)


def _rosette(width: int, height: int, rng: np.random.Generator) -> Mask:
    x, y = _grid(width, height)
    xc, yc = float(rng.uniform(0.05, 0.95)), float(rng.uniform(0.05, 0.6))
    radius = cv2.magnitude(x - xc, y - yc)
    angle = np.arctan2(y - yc, x - xc)
    petals = int(rng.integers(6, 16))
    phase = radius * np.float32(rng.uniform(160, 300)) + 4 * np.sin(petals * angle) * np.clip(radius * 9, 0, 1)
    line = np.float32(0.5) + np.float32(0.5) * np.cos(phase)
    fade = np.clip(1 - radius / float(rng.uniform(0.1, 0.25)), 0, 1)
    return np.asarray(line * line * fade, dtype=np.float32)


def archipelago(width: int, height: int, palette: Palette, rng: np.random.Generator) -> Pixels:
    """Islands, two families of waves, rosettes and a winged emblem."""
    pixels = _ground(width, height, palette, rng)
    land, bird = _fixed_masks(width, height)
    print_ink(pixels, land * np.float32(rng.uniform(0, 0.45)), palette.accent)
    for _ in range(2):
        print_ink(pixels, _waves(width, height, rng) * np.float32(rng.uniform(0.08, 0.4)), palette.line)
    print_ink(pixels, _rosette(width, height, rng) * np.float32(rng.uniform(0.1, 0.5)), palette.accent)
    print_ink(pixels, bird * np.float32(rng.uniform(0, 0.5)), palette.second_accent)
    return pixels


def crossed_waves(width: int, height: int, palette: Palette, rng: np.random.Generator) -> Pixels:
    """One family of waves that is dark where another one is bright, and rosettes."""
    pixels = _ground(width, height, palette, rng)
    woven = _waves(width, height, rng) * _waves(width, height, rng)
    print_ink(pixels, woven * np.float32(rng.uniform(0.2, 0.8)), palette.line)
    for _ in range(int(rng.integers(0, 3))):
        print_ink(pixels, _rosette(width, height, rng) * np.float32(rng.uniform(0.1, 0.5)), palette.accent)
    return pixels


def faded(width: int, height: int, palette: Palette, rng: np.random.Generator) -> Pixels:
    """Hardly more than the run of colours, as on worn cards and in poor light."""
    pixels = _ground(width, height, palette, rng)
    print_ink(pixels, _waves(width, height, rng) * np.float32(rng.uniform(0, 0.12)), palette.line)
    return pixels
