"""One fault at a time, in steps, on a picture of a card that is otherwise read without error."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from worker.pipeline.quality import CARD_WIDTH_MM
from worker.pipeline.types import Pixels, Quad
from worker.training.scenes.light import add_glare
from worker.training.scenes.sensor import add_grain, blur_focus, photocopy

BLURS_MM = (0.08, 0.12, 0.16, 0.2, 0.25, 0.32)
"""Sigma of the blur, in millimetres of the card."""

DARKENINGS = (0.5, 0.3, 0.2, 0.13, 0.08)
"""Gain of the picture, before grain of DARK_GRAIN levels."""

DARK_GRAIN = 3.0
OVEREXPOSURES = (1.4, 1.8, 2.4, 3.2, 4.5)
"""Gain of the picture; what exceeds white is cut off."""

CARD_WIDTHS = (480, 380, 300, 240, 180)
"""Width of the card in the picture, in pixels."""

GLARES = (1, 2, 4, 7)
"""How many times bright reflections are added; those that overlap blow out."""


@dataclass(frozen=True)
class SpoiltPicture:
    """A picture with one fault: `measure` as in Quality, `step` of the table above that the fault is made with, the
    card's `quad` in the picture's pixels."""

    measure: str
    step: float
    pixels: Pixels
    quad: Quad


def spoil_picture(pixels: Pixels, quad: Quad, rng: np.random.Generator) -> Iterator[SpoiltPicture]:
    """The picture with each fault, in each step; `quad` is its card."""
    width = float(np.linalg.norm(quad[1] - quad[0]))
    for sigma_mm in BLURS_MM:
        yield SpoiltPicture("blur", sigma_mm, blur_focus(pixels, sigma_mm * width / CARD_WIDTH_MM), quad)
    for gain in DARKENINGS:
        yield SpoiltPicture("dark", gain, add_grain(_expose(pixels, gain), DARK_GRAIN, rng), quad)
    for gain in OVEREXPOSURES:
        yield SpoiltPicture("bright", gain, _expose(pixels, gain), quad)
    for times in GLARES:
        spoilt = pixels
        for _ in range(times):
            spoilt = add_glare(spoilt, quad, rng)
        yield SpoiltPicture("glare", times, spoilt, quad)
    yield SpoiltPicture("grayscale", 1, photocopy(pixels, rng), quad)
    for wanted in CARD_WIDTHS:
        if wanted < width:
            small = cv2.resize(pixels, None, fx=wanted / width, fy=wanted / width, interpolation=cv2.INTER_AREA)
            yield SpoiltPicture("resolution", wanted, np.asarray(small, dtype=np.uint8), _scale(quad, wanted / width))


def _expose(pixels: Pixels, gain: float) -> Pixels:
    return np.asarray(cv2.convertScaleAbs(pixels, alpha=gain), dtype=np.uint8)


def _scale(quad: Quad, factor: float) -> Quad:
    return np.asarray((quad + 0.5) * factor - 0.5)
