"""The grounds of the foreign style: marble, bricks, pebbles, cork, checks, corduroy, ruled paper and honeycomb."""

from __future__ import annotations

import cv2
import numpy as np

from worker.pipeline.types import Pixels
from worker.training.scenes.texture import clouds, enlarge, hsv, ramp, random_colour, scale_colour, to_tone
from worker.training.style import Colour

_COARSE = 2


def _stone_colours(rng: np.random.Generator) -> tuple[Colour, ...]:
    hue, saturation, value = float(rng.random()), float(rng.uniform(0, 0.3)), float(rng.uniform(0.35, 1.0))
    dark = hsv(hue, saturation, value * 0.4)
    return dark, hsv(hue, saturation * 0.8, value * 0.85), hsv(hue, saturation * 0.5, value)


def marble(width: int, height: int, rng: np.random.Generator) -> Pixels:
    """Stone with veins: ridges of noise on several scales."""
    columns, rows = width // _COARSE + 1, height // _COARSE + 1
    veins = np.zeros((rows, columns), dtype=np.float32)
    for octave in range(4):
        veins += clouds(columns, rows, 3.0 * 2**octave, rng) * np.float32(0.62**octave)
    return ramp(enlarge(to_tone(np.abs(veins) * np.float32(1.8) - np.float32(0.8)), width, height), _stone_colours(rng))


def bricks(width: int, height: int, rng: np.random.Generator) -> Pixels:
    """Courses of bricks, every second one shifted by half a brick."""
    pixels = np.empty((height, width, 3), dtype=np.uint8)
    pixels[:] = hsv(0.1, float(rng.uniform(0, 0.2)), float(rng.uniform(0.4, 0.9)))
    hue, saturation = float(rng.random()), float(rng.uniform(0.1, 0.7))
    tall = int(height / rng.uniform(4, 16))
    wide, joint = int(tall * rng.uniform(1.8, 3)), max(tall // 9, 1)
    for course, y in enumerate(range(0, height, tall)):
        for x in range(-(wide // 2) * (course % 2), width, wide):
            colour = hsv(hue, saturation, float(rng.uniform(0.4, 0.75)))
            cv2.rectangle(pixels, (x, y), (x + wide - joint, y + tall - joint), colour, -1)
    return pixels


def pebbles(width: int, height: int, rng: np.random.Generator) -> Pixels:
    """Cells around random points, light in the middle: stones, leather, scales."""
    columns, rows = width // 4 + 1, height // 4 + 1
    seeds = np.full((rows, columns), 255, dtype=np.uint8)
    count = int(rng.integers(40, 900))
    seeds[rng.integers(0, rows, count), rng.integers(0, columns, count)] = 0
    distance = cv2.distanceTransform(seeds, cv2.DIST_L2, 3)
    reach = np.float32(np.sqrt(rows * columns / count) * 0.75)
    return ramp(enlarge(to_tone(1 - 2 * distance / reach), width, height), _stone_colours(rng))


def cork(width: int, height: int, rng: np.random.Generator) -> Pixels:
    """Flecks of three sizes, dark on light."""
    tone = np.full((height, width), 165, dtype=np.uint8)
    for size, weight in ((2, 0.25), (4, 0.3), (9, 0.35)):
        flecks = rng.integers(60, 255, (height // size + 1, width // size + 1), dtype=np.uint8)
        layer = enlarge(flecks, width, height)
        tone = np.asarray(cv2.addWeighted(tone, 1 - weight, layer, weight, 0), dtype=np.uint8)
    hue, saturation = float(rng.random()), float(rng.uniform(0.1, 0.6))
    return ramp(tone, (hsv(hue, saturation, 0.1), hsv(hue, saturation, 0.6), hsv(hue, saturation * 0.6, 1.0)))


def checks(width: int, height: int, rng: np.random.Generator) -> Pixels:
    """A chequered cover of two colours, the crossings darker."""
    size = int(width / rng.uniform(4, 30)) + 2
    along = (np.arange(width) // size % 2).astype(np.uint8)
    down = (np.arange(height) // size % 2).astype(np.uint8)
    tone = (along[np.newaxis, :] + down[:, np.newaxis]) * np.uint8(127)
    colour = random_colour(rng)
    light = scale_colour(colour, 2.5) if rng.random() < 0.6 else random_colour(rng)
    return ramp(tone, (light, colour, scale_colour(colour, 0.6)))


def corduroy(width: int, height: int, rng: np.random.Generator) -> Pixels:
    """Ribs at a slant with uneven wear."""
    columns, rows = width // _COARSE + 1, height // _COARSE + 1
    x = np.arange(columns, dtype=np.float32)[np.newaxis, :]
    y = np.arange(rows, dtype=np.float32)[:, np.newaxis]
    slant = float(rng.uniform(0, np.pi))
    phase = (x * np.float32(np.cos(slant)) + y * np.float32(np.sin(slant))) * np.float32(rng.uniform(0.15, 1.4))
    tone = np.sin(phase) * np.float32(rng.uniform(0.1, 0.5)) + clouds(columns, rows, 8, rng) * np.float32(0.4)
    colour = random_colour(rng)
    return ramp(enlarge(to_tone(tone), width, height), (scale_colour(colour, 0.4), colour, scale_colour(colour, 1.4)))


def ruled_paper(width: int, height: int, rng: np.random.Generator) -> Pixels:
    """Squared or lined paper with a margin and scribbles."""
    pixels = np.empty((height, width, 3), dtype=np.uint8)
    pixels[:] = hsv(float(rng.uniform(0.1, 0.6)), float(rng.uniform(0, 0.12)), float(rng.uniform(0.8, 1)))
    line = hsv(float(rng.uniform(0.45, 0.7)), float(rng.uniform(0.1, 0.5)), 0.85)
    step = int(height / rng.uniform(12, 40)) + 3
    pixels[:: step or 1] = line
    if rng.random() < 0.6:
        pixels[:, ::step] = line
    x = int(width * rng.uniform(0.05, 0.2))
    pixels[:, x : x + 2] = (110, 110, 220)
    ink = hsv(float(rng.uniform(0.55, 0.7)), float(rng.uniform(0, 0.9)), 0.4)
    for _ in range(int(rng.integers(0, 12))):
        start = rng.uniform((0, 0), (width, height))
        steps = np.cumsum(rng.normal((step * 0.35, 0), (step * 0.3, step * 0.45), (40, 2)), axis=0)
        points = (start + steps - (0, steps[:, 1].mean())).round().astype(np.int32)
        cv2.polylines(pixels, [points.reshape(-1, 1, 2)], False, ink, 2, cv2.LINE_AA)
    return pixels


def honeycomb(width: int, height: int, rng: np.random.Generator) -> Pixels:
    """Hexagonal tiles or perforated metal."""
    pixels = np.empty((height, width, 3), dtype=np.uint8)
    pixels[:] = random_colour(rng)
    fill = random_colour(rng)
    size = width / float(rng.uniform(6, 30))
    angles = np.deg2rad(np.arange(6) * 60 + 30)
    shape = np.stack([np.cos(angles), np.sin(angles)], axis=1) * size * 0.53
    down = size * 0.866
    for row in range(int(height / down) + 2):
        for column in range(int(width / size) + 2):
            middle = np.array((column * size + (row % 2) * size / 2, row * down))
            tinted = scale_colour(fill, float(rng.uniform(0.85, 1.15)))
            cv2.fillConvexPoly(pixels, (shape + middle).round().astype(np.int32), tinted, cv2.LINE_AA)
    return pixels
