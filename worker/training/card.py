"""Renders a person's card, flat and evenly lit, with the truth of what is printed and where."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image, ImageDraw

from worker.pipeline.types import KtpFields
from worker.training.artwork import Canvas, blend, draw_background, soften
from worker.training.fonts import Face, load_font
from worker.training.layout import CARD_HEIGHT, CARD_WIDTH, CORNER_RADIUS, PHOTO_BOX, SIGNATURE_BOX, lay_out
from worker.training.lettering import Mask, PrintedLine, draw_runs
from worker.training.person import Person
from worker.training.portrait import draw_portrait, draw_signature
from worker.training.sheet import Sheet, rounded_alpha
from worker.training.style import CardStyle, Colour

_INK: Colour = (44, 36, 34)
_WATERMARK: Colour = (120, 110, 190)
_WATERMARK_COVER = 0.13


@dataclass(frozen=True)
class RenderedCard(Sheet):
    """A card of CARD_WIDTH x CARD_HEIGHT pixels: `fields` is the truth, `lines` every line with its quad in pixels."""

    fields: KtpFields
    lines: tuple[PrintedLine, ...]


def _watermark(width: int, height: int) -> Mask:
    """SPECIMEN across the table of values, rising to the right, under all text."""
    sheet = Image.new("L", (width, height), 0)
    font = load_font(Face.SANS_BOLD, height * 0.19)
    ImageDraw.Draw(sheet).text((width * 0.44, height * 0.57), "SPECIMEN", fill=255, font=font, anchor="mm")
    turned = sheet.rotate(24, Image.Resampling.BICUBIC, center=(width * 0.44, height * 0.57))
    return soften(np.asarray(turned, dtype=np.float32) / np.float32(255), 1.2)


def _pixel_box(box: tuple[float, float, float, float], style: CardStyle) -> tuple[int, int, int, int]:
    x0, y0, x1, y1 = box
    dx, dy = style.shift_x, style.shift_y
    return (
        round((x0 + dx) * CARD_WIDTH),
        round((y0 + dy) * CARD_HEIGHT),
        round((x1 + dx) * CARD_WIDTH),
        round((y1 + dy) * CARD_HEIGHT),
    )


def _place_portrait(canvas: Canvas, person: Person, style: CardStyle, rng: np.random.Generator) -> None:
    x0, y0, x1, y1 = _pixel_box(PHOTO_BOX, style)
    birth_year = int((person.fields.birth_date or "01-01-1980")[-4:])
    female = person.fields.gender == "PEREMPUAN"
    canvas[y0:y1, x0:x1] = draw_portrait(birth_year, female, x1 - x0, y1 - y0, rng)


def _signature_ink(style: CardStyle, rng: np.random.Generator) -> Mask:
    ink = np.zeros((CARD_HEIGHT, CARD_WIDTH), dtype=np.float32)
    x0, y0, x1, y1 = _pixel_box(SIGNATURE_BOX, style)
    ink[y0:y1, x0:x1] = draw_signature(x1 - x0, y1 - y0, rng)
    return ink


def render_card(person: Person, style: CardStyle, rng: np.random.Generator) -> RenderedCard:
    """The card of the person in the style; `rng` draws the artwork, the portrait and the signature.

    Every card is marked SPECIMEN twice: faintly across it and small on the portrait. Raises FontMissingError.
    """
    canvas = draw_background(style, CARD_WIDTH, CARD_HEIGHT, rng)
    canvas = blend(canvas, _WATERMARK, _watermark(CARD_WIDTH, CARD_HEIGHT) * np.float32(_WATERMARK_COVER))
    _place_portrait(canvas, person, style, rng)
    canvas = blend(canvas, _INK, _signature_ink(style, rng) * np.float32(style.ink))
    text, lines = draw_runs(lay_out(person, style), CARD_WIDTH, CARD_HEIGHT)
    canvas = blend(canvas, _INK, soften(text, style.ink_spread) * np.float32(style.ink))
    pixels = cv2.convertScaleAbs(canvas)
    alpha = rounded_alpha(CARD_WIDTH, CARD_HEIGHT, CORNER_RADIUS)
    return RenderedCard(np.asarray(pixels, dtype=np.uint8), alpha, person.fields, lines)
