"""The colours of printed cards: those that a KTP can have, and those of all other cards."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from worker.training.scenes.texture import hsv, random_colour
from worker.training.style import Colour


@dataclass(frozen=True)
class Palette:
    """Colours of a card's artwork: its middle, its rim, the fine lines and two accents."""

    paper: Colour
    edge: Colour
    line: Colour
    accent: Colour
    second_accent: Colour


def _around(hue: float, saturation: float, value: float, contrast: float, rng: np.random.Generator) -> Palette:
    drift = float(rng.normal(0, 0.04))
    return Palette(
        paper=hsv(hue, saturation, value),
        edge=hsv(hue + drift, saturation * 1.4 + 0.05, value * (1 - 0.15 * contrast)),
        line=hsv(hue + drift, saturation * 1.6 + 0.2, value * (1 - 0.4 * contrast)),
        accent=hsv(hue + float(rng.uniform(-0.5, 0.5)), 0.3, value * 0.95),
        second_accent=hsv(hue + float(rng.uniform(-0.3, 0.3)), 0.4, value * 0.85),
    )


def ktp_palette(hue: float, rng: np.random.Generator) -> Palette:
    """Light blue about `hue` (turns); faded, yellowed or over-saturated cards drift off it."""
    spread = 0.12 if rng.random() < 0.12 else 0.03
    saturation = float(np.clip(rng.normal(0.26, 0.1), 0.02, 0.6))
    value = float(np.clip(rng.normal(0.9, 0.06), 0.7, 1.0))
    return _around(hue + float(rng.normal(0, spread)), saturation, value, float(rng.uniform(0.4, 1.1)), rng)


def any_palette(rng: np.random.Generator) -> Palette:
    """The colours of any other card; one in four is light blue, so that the colour alone says nothing."""
    kind = rng.random()
    if kind < 0.25:
        return ktp_palette(0.56, rng)
    if kind < 0.6:
        return _around(float(rng.random()), float(rng.uniform(0, 0.4)), float(rng.uniform(0.75, 1)), 0.8, rng)
    colour = random_colour(rng)
    return Palette(colour, random_colour(rng), random_colour(rng), random_colour(rng), random_colour(rng))


def text_colour(paper: Colour) -> Colour:
    """Black or white, whichever can be read on the paper."""
    return (30, 28, 28) if 0.11 * paper[0] + 0.59 * paper[1] + 0.3 * paper[2] > 115 else (240, 240, 236)
