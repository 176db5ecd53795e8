"""Sets a line of text as ink: letter by letter, with the spacing, weight and gaps of one printer or another."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from worker.training.fonts import FontFile
from worker.training.names import pick
from worker.training.strips.texts import WIDE_GAP, LineText
from worker.training.strips.typefaces import (
    BOLD_FONTS,
    CAP_HEIGHT,
    NUMBER_FONTS,
    VALUE_FONTS,
    draw_glyph,
    kerning,
)

Ink = NDArray[np.uint8]
"""Coverage from 0 to 255, shape (height, width)."""

ABOVE, BELOW = 14, 14
"""Rows of a line's ink above its capitals and below its baseline."""

INK_HEIGHT = ABOVE + CAP_HEIGHT + BELOW


@dataclass(frozen=True)
class Setting:
    """How a line is set, in heights of its capitals but for `blank`, which is in widths of the font's own blank.

    `spacing` is put between letters; `pitch`, if not 0, is the width of each letter's cell; `gap` that of a wide gap;
    `weight` thickens the strokes (below 0 it thins them), in hundredths; `kerned` as a text processor does; `reach` is
    how far a J reaches below the baseline, for there are faces in which it does.
    """

    font: FontFile
    spacing: float = 0.0
    blank: float = 1.0
    pitch: float = 0.0
    gap: float = 2.0
    weight: float = 0.0
    kerned: bool = False
    reach: float = 0.0


def random_setting(text: LineText, rng: np.random.Generator) -> Setting:
    """A setting as cards have it, and somewhat beyond."""
    fonts = {"number": NUMBER_FONTS, "header": BOLD_FONTS if rng.random() < 0.8 else VALUE_FONTS}
    font = pick(fonts.get(text.kind, VALUE_FONTS), rng)
    kind = rng.random()
    spacing = 0.0 if kind < 0.4 else float(rng.uniform(-0.03, 0.06) if kind < 0.88 else rng.uniform(0.05, 0.2))
    pitch = 0.0
    if text.kind == "number" and rng.random() < 0.85:
        pitch = float(rng.uniform(0.72, 1.05))
    return Setting(
        font=font,
        spacing=spacing,
        blank=float(rng.uniform(0.8, 1.35)) + max(0.0, spacing) * 2,
        pitch=pitch,
        gap=float(rng.uniform(0.8, 7)),
        weight=float(rng.normal(0, 3)) if rng.random() < 0.5 else 0.0,
        kerned=bool(rng.random() < 0.5),
        reach=float(rng.uniform(0.1, 0.3)) if rng.random() < 0.2 else 0.0,
    )


def _pens(text: str, setting: Setting) -> tuple[list[float], float]:
    """Where the pen stands for each letter, and in the end."""
    pens: list[float] = []
    pen, before = 0.0, ""
    for letter in text:
        if letter == WIDE_GAP:
            pens.append(pen)
            pen, before = pen + setting.gap * CAP_HEIGHT, ""
            continue
        advance = draw_glyph(setting.font, letter).advance
        if setting.pitch:
            pens.append(pen + (setting.pitch * CAP_HEIGHT - advance) / 2)
            pen += setting.pitch * CAP_HEIGHT
            continue
        if setting.kerned and before:
            pen += kerning(setting.font, before + letter)
        pens.append(pen)
        pen += advance * (setting.blank if letter == " " else 1.0) + setting.spacing * CAP_HEIGHT
        before = letter
    return pens, pen


def set_line(text: str, setting: Setting) -> Ink:
    """The ink of the line, INK_HEIGHT rows, its capitals in rows ABOVE to ABOVE + CAP_HEIGHT, 2 columns of margin.

    Raises FontMissingError.
    """
    pens, end = _pens(text, setting)
    ink = np.zeros((INK_HEIGHT, max(1, round(end)) + 2 * CAP_HEIGHT), dtype=np.uint8)
    for letter, pen in zip(text, pens, strict=True):
        if letter in (" ", WIDE_GAP):
            continue
        glyph = draw_glyph(setting.font, letter)
        x, y = max(0, round(pen) + glyph.left + 2), ABOVE + CAP_HEIGHT - glyph.top
        drawn = _lengthen(glyph.ink, setting.reach) if letter == "J" and setting.reach else glyph.ink
        top, bottom = max(0, y), min(INK_HEIGHT, y + drawn.shape[0])
        part = ink[top:bottom, x : x + drawn.shape[1]]
        np.maximum(part, drawn[top - y : bottom - y, : part.shape[1]], out=part)
    ink = ink[:, : max(1, round(end)) + 4]
    return _weigh(ink, setting.weight)


def _lengthen(ink: Ink, reach: float) -> Ink:
    """The letter drawn out downwards by `reach` of its height."""
    tall = round(ink.shape[0] * (1 + reach))
    return np.asarray(cv2.resize(ink, (ink.shape[1], tall), interpolation=cv2.INTER_LINEAR), dtype=np.uint8)


def _weigh(ink: Ink, weight: float) -> Ink:
    """Thicker or thinner strokes, by a blur of the edge and a threshold moved along it."""
    if abs(weight) < 0.5:
        return ink
    soft = cv2.GaussianBlur(ink, (0, 0), 1.2).astype(np.float32)
    shift = float(np.clip(weight, -4, 4)) * CAP_HEIGHT / 100
    return np.clip((soft - 127.5 + shift * 60) * 2.0 + 127.5, 0, 255).astype(np.uint8)
