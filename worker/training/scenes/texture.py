"""The raw stuff of grounds and artwork: smooth noise, grain, colours and ramps from tone to colour."""

from __future__ import annotations

import colorsys
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from worker.pipeline.types import Pixels
from worker.training.lettering import Mask
from worker.training.style import Colour

Tone = NDArray[np.uint8]
"""Brightness from 0 to 255 before it is given colours, shape (height, width)."""

GRAIN_LEVEL = 128
GRAIN_SIGMA = 32
"""Mean and standard deviation of the bank of grain, in levels of brightness."""
_BANK_SIZE = 1760


def clouds(width: int, height: int, cells: float, rng: np.random.Generator) -> Mask:
    """Smooth noise from -1 to 1; `cells` of it over the longer side."""
    step = max(width, height) / cells
    rows, columns = round(height / step) + 3, round(width / step) + 3
    coarse = rng.uniform(-1, 1, (rows, columns)).astype(np.float32)
    return np.asarray(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC), dtype=np.float32)


@lru_cache(maxsize=1)
def _grain_bank() -> Pixels:
    # Drawing fresh normal numbers for a frame of 800x600 costs 14 ms; a crop of this bank costs nothing.
    rng = np.random.default_rng(20260101)
    bank = rng.standard_normal((_BANK_SIZE, _BANK_SIZE, 3), dtype=np.float32) * GRAIN_SIGMA + GRAIN_LEVEL
    pixels = np.clip(bank, 0, 255).astype(np.uint8)
    pixels.flags.writeable = False
    return pixels


def grain(width: int, height: int, rng: np.random.Generator) -> Pixels:
    """White noise of three channels around GRAIN_LEVEL, a random crop of one bank; sides up to 1600 pixels."""
    bank = _grain_bank()
    x, y = int(rng.integers(_BANK_SIZE - width + 1)), int(rng.integers(_BANK_SIZE - height + 1))
    crop = bank[y : y + height, x : x + width]
    if rng.random() < 0.5:
        crop = crop[::-1]
    return np.ascontiguousarray(crop[:, ::-1] if rng.random() < 0.5 else crop)


def to_tone(values: Mask) -> Tone:
    """Values of about -1 to 1 as brightness 0 to 255."""
    scaled = cv2.addWeighted(values, 127.5, values, 0.0, 127.5)
    return np.clip(scaled, 0, 255).astype(np.uint8)


def enlarge(tone: Tone, width: int, height: int) -> Tone:
    """The tone at the given size in pixels."""
    return np.asarray(cv2.resize(tone, (width, height), interpolation=cv2.INTER_LINEAR), dtype=np.uint8)


def ramp(tone: Tone, colours: tuple[Colour, ...]) -> Pixels:
    """The tone in colour: 0 takes the first colour, 255 the last, between them evenly the others."""
    stops = np.linspace(0, 255, len(colours))
    levels = np.arange(256)
    table = np.stack([np.interp(levels, stops, [colour[c] for colour in colours]) for c in range(3)], axis=1)
    return np.asarray(cv2.applyColorMap(tone, table.astype(np.uint8).reshape(256, 1, 3)), dtype=np.uint8)


def hsv(hue: float, saturation: float, value: float) -> Colour:
    """A colour from hue (turns), saturation and value (0 to 1)."""
    red, green, blue = colorsys.hsv_to_rgb(hue % 1.0, min(max(saturation, 0.0), 1.0), min(max(value, 0.0), 1.0))
    return round(blue * 255), round(green * 255), round(red * 255)


def random_colour(rng: np.random.Generator) -> Colour:
    """Any colour, dull ones more often than glaring ones."""
    return hsv(float(rng.random()), float(rng.beta(1.2, 2.4)), float(rng.uniform(0.08, 1.0)))


def near_colour(colour: Colour, by: int, rng: np.random.Generator) -> Colour:
    """The colour with each channel moved by at most `by` levels."""
    blue, green, red = (int(np.clip(c + rng.integers(-by, by + 1), 0, 255)) for c in colour)
    return blue, green, red


def scale_colour(colour: Colour, by: float) -> Colour:
    """The colour, darker where `by` is below 1 and lighter above."""
    blue, green, red = (round(min(max(c * by, 0.0), 255.0)) for c in colour)
    return blue, green, red
