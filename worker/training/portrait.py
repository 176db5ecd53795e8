"""Draws the placeholder portrait and the scribbled signature of a card: shapes only, never a likeness."""

from __future__ import annotations

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from worker.pipeline.types import Pixels
from worker.training.fonts import Face, load_font
from worker.training.lettering import Mask
from worker.training.names import pick

_Rgb = tuple[int, int, int]

_RED_GROUND: _Rgb = (196, 38, 40)
_BLUE_GROUND: _Rgb = (42, 92, 190)
_SKINS: tuple[_Rgb, ...] = ((214, 170, 136), (196, 148, 112), (168, 120, 88), (226, 186, 156))
_SHIRTS: tuple[_Rgb, ...] = ((238, 238, 240), (46, 56, 84), (110, 122, 140), (140, 92, 70), (76, 110, 96), (60, 60, 66))
_SCARVES: tuple[_Rgb, ...] = ((92, 76, 110), (186, 160, 140), (64, 84, 120), (40, 44, 48), (176, 120, 130))
_HAIR: _Rgb = (34, 28, 28)
_SUPERSAMPLING = 2


def _ground(birth_year: int, width: int, height: int, rng: np.random.Generator) -> Image.Image:
    """Red behind those born in odd years, blue behind those born in even years, as the rule for cards has it."""
    colour = np.array(_RED_GROUND if birth_year % 2 else _BLUE_GROUND, dtype=np.float32)
    shade = 1.06 - 0.16 * np.linspace(0, 1, height, dtype=np.float32)[:, np.newaxis, np.newaxis]
    lit = np.clip(colour * shade * float(rng.uniform(0.9, 1.08)), 0, 255)
    return Image.fromarray(np.broadcast_to(lit, (height, width, 3)).astype(np.uint8), "RGB")


def _darker(colour: _Rgb, share: float) -> _Rgb:
    red, green, blue = (round(c * share) for c in colour)
    return red, green, blue


def draw_portrait(birth_year: int, female: bool, width: int, height: int, rng: np.random.Generator) -> Pixels:
    """A faceless bust of `width` x `height` pixels before a plain ground, marked SPECIMEN; shape (height, width, 3)."""
    big_width, big_height = width * _SUPERSAMPLING, height * _SUPERSAMPLING
    image = _ground(birth_year, big_width, big_height, rng)
    canvas = ImageDraw.Draw(image)
    middle = big_width * float(rng.uniform(0.48, 0.52))
    head_x, head_y = big_width * float(rng.uniform(0.18, 0.205)), big_height * float(rng.uniform(0.195, 0.215))
    head_yc = big_height * 0.42

    def oval(colour: _Rgb, xc: float, yc: float, radius_x: float, radius_y: float) -> None:
        canvas.ellipse((xc - radius_x, yc - radius_y, xc + radius_x, yc + radius_y), fill=colour)

    skin, shirt, scarf = pick(_SKINS, rng), pick(_SHIRTS, rng), pick(_SCARVES, rng)
    veiled = female and bool(rng.random() < 0.6)
    if veiled:
        oval(scarf, middle, head_yc, head_x * 1.32, head_y * 1.28)
        oval(shirt, middle, big_height * 1.04, big_width * 0.46, big_height * 0.33)
        canvas.polygon(
            [
                (middle - head_x * 1.3, head_yc),
                (middle + head_x * 1.3, head_yc),
                (middle + head_x * 1.75, big_height * 0.86),
                (middle, big_height * 0.97),
                (middle - head_x * 1.75, big_height * 0.86),
            ],
            fill=scarf,
        )
        oval(_darker(scarf, 0.8), middle, head_yc + head_y * 0.05, head_x * 1.03, head_y * 1.03)
        oval(skin, middle, head_yc + head_y * 0.08, head_x * 0.94, head_y * 0.95)
    else:
        if female:
            oval(_HAIR, middle, head_yc + head_y * 0.3, head_x * 1.35, head_y * 1.6)
        neck = (middle - head_x * 0.48, head_yc, middle + head_x * 0.48, big_height * 0.8)
        canvas.rectangle(neck, fill=_darker(skin, 0.86))
        oval(shirt, middle, big_height * 1.04, big_width * 0.46, big_height * 0.31)
        oval(_darker(skin, 0.86), middle, big_height * 0.745, head_x * 0.55, head_y * 0.28)
        oval(_HAIR, middle, head_yc - head_y * 0.16, head_x * 1.08, head_y * 1.02)
        oval(skin, middle, head_yc + head_y * 0.1, head_x * 0.95, head_y * 0.94)
        fringe = (middle - head_x * 0.92, head_yc - head_y * 1.0, middle + head_x * 0.92, head_yc - head_y * 0.1)
        canvas.chord(fringe, 182, 358, fill=_HAIR)
    image = image.filter(ImageFilter.GaussianBlur(big_width / 130))
    mark = load_font(Face.SANS_BOLD, big_width * 0.125)
    place = (big_width / 2, big_height * 0.955)
    white, dark = (250, 250, 250), (40, 40, 48)
    ImageDraw.Draw(image).text(
        place, "SPECIMEN", fill=white, font=mark, anchor="ms", stroke_width=big_width / 180, stroke_fill=dark
    )
    small = cv2.resize(np.asarray(image), (width, height), interpolation=cv2.INTER_AREA)
    return np.ascontiguousarray(small[:, :, ::-1], dtype=np.uint8)


def draw_signature(width: int, height: int, rng: np.random.Generator) -> Mask:
    """A scribble that fills a box of `width` x `height` pixels, as ink coverage."""
    count = int(rng.integers(9, 15))
    x = np.linspace(0.08, 0.85, count) + rng.uniform(-0.07, 0.07, count)
    y = 0.5 + rng.uniform(0.12, 0.4, count) * np.where(np.arange(count) % 2, 1, -1) * np.linspace(1, 0.4, count)
    knots = np.stack([x, y], axis=1)
    knots = np.vstack([knots, (0.2, 0.82), (0.95, 0.62)])
    steps = np.linspace(0, len(knots) - 1, 400)
    path = np.stack([np.interp(steps, np.arange(len(knots)), knots[:, axis]) for axis in (0, 1)], axis=1)
    kernel = np.hanning(41)
    padded = np.pad(path, ((20, 20), (0, 0)), mode="edge")
    smooth = np.stack([np.convolve(padded[:, axis], kernel / kernel.sum(), "valid") for axis in (0, 1)], axis=1)
    mask = np.zeros((height, width), dtype=np.uint8)
    points = (smooth * (width, height) * 8).round().astype(np.int32)
    thickness = max(2, round(height / 34))
    cv2.polylines(mask, [points.reshape(-1, 1, 2)], False, (255,), thickness, cv2.LINE_AA, shift=3)
    return mask.astype(np.float32) / np.float32(255)
