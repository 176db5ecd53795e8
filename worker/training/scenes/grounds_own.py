"""The grounds of the own style: wood, cloth, laminate, tiles, gradients, clutter, keys and print."""

from __future__ import annotations

import cv2
import numpy as np

from worker.pipeline.types import Pixels
from worker.training.names import pick
from worker.training.scenes.texture import (
    clouds,
    enlarge,
    grain,
    hsv,
    near_colour,
    ramp,
    random_colour,
    scale_colour,
    to_tone,
)
from worker.training.style import Colour

_COARSE = 2
"""Tones are drawn this many times smaller than the frame."""


def _coarse(width: int, height: int) -> tuple[int, int]:
    return width // _COARSE + 1, height // _COARSE + 1


def _timber(rng: np.random.Generator) -> tuple[Colour, ...]:
    if rng.random() < 0.75:
        hue, saturation = float(rng.uniform(0.03, 0.11)), float(rng.uniform(0.15, 0.7))
    else:
        hue, saturation = float(rng.random()), float(rng.uniform(0, 0.3))
    value = float(rng.uniform(0.25, 0.98))
    return (
        hsv(hue, saturation * 1.1, value * 0.6),
        hsv(hue, saturation, value * 0.85),
        hsv(hue, saturation * 0.8, value),
    )


def wood(width: int, height: int, rng: np.random.Generator) -> Pixels:
    """Planks with rings and grain, lying or standing."""
    standing = rng.random() < 0.4
    columns, rows = _coarse(*((height, width) if standing else (width, height)))
    y = np.linspace(0, 1, rows, dtype=np.float32)[:, np.newaxis]
    bend = clouds(columns, rows, 5, rng) * np.float32(rng.uniform(0.02, 0.3))
    rings = np.sin((y + bend) * np.float32(rng.uniform(25, 130)))
    fine = rng.uniform(-1, 1, (max(rows // 2, 4), 14)).astype(np.float32)
    grained = np.asarray(cv2.resize(fine, (columns, rows), interpolation=cv2.INTER_LINEAR), dtype=np.float32)
    tone = rings * np.float32(rng.uniform(0.1, 0.5)) + grained * np.float32(rng.uniform(0.2, 0.6))
    planks = int(rng.integers(0, 7))
    for edge in range(planks):
        top = rows * edge // planks
        tone[top : rows * (edge + 1) // planks] += np.float32(rng.uniform(-0.35, 0.35))
        tone[top : top + 2] = -1
    drawn = ramp(enlarge(to_tone(tone), *((height, width) if standing else (width, height))), _timber(rng))
    return np.ascontiguousarray(drawn.transpose(1, 0, 2)) if standing else drawn


def cloth(width: int, height: int, rng: np.random.Generator) -> Pixels:
    """Woven cloth with folds, plain or with stripes both ways."""
    size = int(rng.integers(3, 9))
    weave = rng.integers(0, 90, (size, size), dtype=np.uint8)
    tone = np.tile(weave, (height // size + 1, width // size + 1))[:height, :width] + np.uint8(60)
    folds = to_tone(clouds(width // 4, height // 4, float(rng.uniform(2, 7)), rng) * np.float32(rng.uniform(0.1, 0.7)))
    tone = np.asarray(cv2.addWeighted(tone, 0.55, enlarge(folds, width, height), 0.6, -20), dtype=np.uint8)
    colour = random_colour(rng)
    pixels = ramp(tone, (scale_colour(colour, 0.55), colour, scale_colour(colour, 1.25)))
    if rng.random() < 0.4:
        _add_stripes(pixels, rng)
    return pixels


def _add_stripes(pixels: Pixels, rng: np.random.Generator) -> None:
    height, width = pixels.shape[:2]
    layer = pixels.copy()
    step = int(rng.integers(width // 30 + 6, width // 5 + 12))
    for _ in range(int(rng.integers(1, 4))):
        start, thick, colour = int(rng.integers(step)), int(rng.integers(2, step // 2)), random_colour(rng)
        for x in range(start, width, step):
            layer[:, x : x + thick] = colour
        if rng.random() < 0.7:
            for y in range(start, height, step):
                layer[y : y + thick] = colour
    cv2.addWeighted(layer, float(rng.uniform(0.2, 0.8)), pixels, float(rng.uniform(0.2, 0.6)), 0, dst=pixels)


def laminate(width: int, height: int, rng: np.random.Generator) -> Pixels:
    """A smooth board, plain or speckled."""
    tone = to_tone(clouds(width // 8, height // 8, float(rng.uniform(2, 9)), rng) * np.float32(rng.uniform(0.05, 0.5)))
    colour = hsv(float(rng.random()), float(rng.uniform(0, 0.35)), float(rng.uniform(0.1, 1.0)))
    pixels = ramp(enlarge(tone, width, height), (scale_colour(colour, 0.8), colour, scale_colour(colour, 1.15)))
    if rng.random() < 0.5:
        speckles = cv2.resize(grain(width // 2, height // 2, rng), (width, height), interpolation=cv2.INTER_LINEAR)
        strength = float(rng.uniform(0.1, 0.6))
        pixels = np.asarray(cv2.addWeighted(pixels, 1, speckles, strength, -128 * strength), dtype=np.uint8)
    return pixels


def tiles(width: int, height: int, rng: np.random.Generator) -> Pixels:
    """Square or oblong tiles with joints."""
    across, down = int(rng.integers(2, 12)), int(rng.integers(2, 12))
    shades = rng.integers(105, 150, (down, across), dtype=np.uint8)
    tone = np.asarray(cv2.resize(shades, (width, height), interpolation=cv2.INTER_NEAREST), dtype=np.uint8)
    cloud = to_tone(clouds(width // 8, height // 8, 12, rng) * np.float32(0.4))
    tone = np.asarray(cv2.addWeighted(tone, 0.7, enlarge(cloud, width, height), 0.3, 0), dtype=np.uint8)
    colour = hsv(float(rng.random()), float(rng.beta(1, 3)), float(rng.uniform(0.3, 1.0)))
    pixels = ramp(tone, (scale_colour(colour, 0.5), colour, scale_colour(colour, 1.5)))
    joint = near_colour(scale_colour(colour, float(rng.uniform(0.4, 1.3))), 20, rng)
    thick = int(rng.integers(1, 8))
    for column in range(1, across):
        x = round(width * column / across)
        pixels[:, x : x + thick] = joint
    for row in range(1, down):
        y = round(height * row / down)
        pixels[y : y + thick] = joint
    return pixels


def gradient(width: int, height: int, rng: np.random.Generator) -> Pixels:
    """Two to four colours running into one another: a wall, a sheet of paper, an unsharp room."""
    small = rng.uniform(-1, 1, (int(rng.integers(2, 5)), int(rng.integers(2, 5)))).astype(np.float32)
    tone = to_tone(np.asarray(cv2.resize(small, (width // 8, height // 8), interpolation=cv2.INTER_CUBIC)))
    first = random_colour(rng)
    colours = [first, *(near_colour(first, int(rng.integers(8, 120)), rng) for _ in range(int(rng.integers(1, 4))))]
    return ramp(enlarge(tone, width, height), tuple(colours))


def clutter(width: int, height: int, rng: np.random.Generator) -> Pixels:
    """Shapes of every colour over one another."""
    pixels = gradient(width, height, rng)
    for _ in range(int(rng.integers(8, 60))):
        colour = random_colour(rng)
        x, y = int(rng.integers(width)), int(rng.integers(height))
        size = int(width * rng.uniform(0.02, 0.25))
        kind = rng.random()
        if kind < 0.3:
            cv2.circle(pixels, (x, y), size // 2, colour, -1 if rng.random() < 0.6 else 3, cv2.LINE_AA)
        elif kind < 0.7:
            turned = ((float(x), float(y)), (float(size), float(size * rng.uniform(0.3, 2))), float(rng.uniform(0, 90)))
            points = cv2.boxPoints(turned).round().astype(np.int32)
            if rng.random() < 0.7:
                cv2.fillConvexPoly(pixels, points, colour, cv2.LINE_AA)
            else:
                cv2.polylines(pixels, [points], True, colour, int(rng.integers(1, 6)), cv2.LINE_AA)
        else:
            end = (int(rng.integers(width)), int(rng.integers(height)))
            cv2.line(pixels, (x, y), end, colour, int(rng.integers(1, 16)), cv2.LINE_AA)
    return pixels


def keys(width: int, height: int, rng: np.random.Generator) -> Pixels:
    """Rows of keys with signs on them."""
    body, cap = random_colour(rng), random_colour(rng)
    sign = (240, 240, 240) if sum(cap) < 380 else (30, 30, 30)
    pixels = np.empty((height, width, 3), dtype=np.uint8)
    pixels[:] = body
    size = int(width / rng.uniform(5, 18))
    gap = max(size // int(rng.integers(5, 14)), 1)
    for row, y in enumerate(range(-size // 2, height, size)):
        for x in range(-size + row * size // 3 % size, width, size):
            corner, end = (x + gap, y + gap), (x + size - gap, y + size - gap)
            cv2.rectangle(pixels, corner, end, cap, -1, cv2.LINE_AA)
            cv2.rectangle(pixels, corner, end, scale_colour(cap, 0.7), 1, cv2.LINE_AA)
            letter = chr(int(rng.integers(65, 91)))
            place = (x + size // 4, y + size * 2 // 3)
            cv2.putText(pixels, letter, place, cv2.FONT_HERSHEY_SIMPLEX, size / 75, sign, 1, cv2.LINE_AA)
    return pixels


def print_lines(width: int, height: int, rng: np.random.Generator) -> Pixels:
    """Paper with lines of something like print, unreadable."""
    columns, rows = _coarse(width, height)
    tone = np.full((rows, columns), 235, dtype=np.uint8)
    pitch, left = int(rng.integers(7, 26)), int(columns * rng.uniform(0.0, 0.1))
    for y in range(int(rng.integers(pitch)), rows - pitch, pitch):
        letters = max(columns * 2 // pitch, 4)
        marks = rng.integers(0, 255, (3, letters), dtype=np.uint8)
        marks[:, rng.random(letters) < 0.17] = 255
        tall = max(round(pitch * 0.5), 3)
        line = cv2.resize(marks, (columns - left, tall), interpolation=cv2.INTER_LINEAR)
        end = left + int((columns - left) * min(float(rng.uniform(0.5, 1.6)), 1.0))
        tone[y : y + tall, left:end] = np.where(line[:, : end - left] < 110, 60, 235)
    paper = hsv(float(rng.uniform(0.05, 0.6)), float(rng.uniform(0, 0.15)), float(rng.uniform(0.75, 1)))
    ink = pick(((30, 30, 30), (80, 40, 30), (90, 90, 90)), rng)
    return ramp(enlarge(tone, width, height), (ink, paper))
