"""Renders the faces of cards and papers once and keeps them: rendering one costs more than the rest of its scene.

Every function gives the same sheet for the same seed, whatever was drawn before; the arrays are read-only.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from worker.pipeline.types import KtpFields, Pixels
from worker.training.layout import CARD_WIDTH, CORNER_RADIUS, PHOTO_BOX, SIGNATURE_BOX, lay_out
from worker.training.names import pick
from worker.training.person import random_person
from worker.training.portrait import draw_signature
from worker.training.scenes.cards import draw_artwork, draw_blank_card, draw_other_card, draw_specimen
from worker.training.scenes.palette import ktp_palette
from worker.training.scenes.papers import draw_form, draw_page, draw_phone, draw_receipt
from worker.training.scenes.pen import FACE_HEIGHT, FACE_WIDTH, Pen, draw_small_runs, print_ink
from worker.training.scenes.styles import STYLES, Style, StyleName
from worker.training.scenes.texture import hsv
from worker.training.sheet import Sheet, rounded_alpha
from worker.training.style import CardStyle

_RADIUS = round(CORNER_RADIUS * FACE_WIDTH / CARD_WIDTH)
_PAPERS = (draw_receipt, draw_page, draw_form)


@dataclass(frozen=True)
class KtpFace(Sheet):
    """The face of a KTP, and what is printed on it."""

    fields: KtpFields


def _freeze(pixels: Pixels) -> Pixels:
    pixels.flags.writeable = False
    return pixels


def card_rng(seed: int, style: Style, what: int) -> np.random.Generator:
    """What draws the sheet of a seed; `what` tells kinds of sheet apart, 0 is a KTP."""
    return np.random.default_rng((seed, style.number, what))


def random_print(style: Style, rng: np.random.Generator) -> CardStyle:
    """How the printer sets the text; wider than random_style, in the faces of the style."""
    return CardStyle(
        typeface=pick(style.typefaces, rng),
        nik_face=pick(style.nik_faces, rng),
        bold_values=bool(rng.random() < 0.3),
        text_scale=1 + 0.02 * int(rng.integers(-4, 4)),
        row_pitch=float(rng.uniform(0.044, 0.049)),
        shift_x=float(rng.normal(0, 0.006)),
        shift_y=float(rng.normal(0, 0.008)),
        letter_spacing=float(rng.uniform(-0.012, 0.035)) if rng.random() < 0.5 else 0.0,
        ink=float(rng.uniform(0.6, 0.98)),
    )


def _place_pictures(pixels: Pixels, style: Style, printed: CardStyle, rng: np.random.Generator) -> None:
    """The portrait and the signature."""
    x0, y0, x1, y1 = PHOTO_BOX
    grow = float(rng.normal(0, 0.008))
    left, top = x0 + printed.shift_x - grow, y0 + printed.shift_y - grow
    width, height = round((x1 - x0 + 2 * grow) * FACE_WIDTH), round((y1 - y0 + 2 * grow) * FACE_HEIGHT)
    Pen(pixels).place(left, top, style.portrait(width, height, rng))
    ink = np.zeros((FACE_HEIGHT, FACE_WIDTH), dtype=np.float32)
    x0, y0, x1, y1 = SIGNATURE_BOX
    x, y = round((x0 + printed.shift_x) * FACE_WIDTH), round((y0 + printed.shift_y) * FACE_HEIGHT)
    wide, tall = round((x1 - x0) * FACE_WIDTH), round((y1 - y0) * FACE_HEIGHT)
    drawn = draw_signature(wide, tall, rng)
    ink[y : y + tall, x : x + wide] = drawn[: FACE_HEIGHT - y, : FACE_WIDTH - x]
    print_ink(pixels, ink * np.float32(printed.ink), (50, 40, 40))


@lru_cache(maxsize=72)
def ktp_face(seed: int, style_name: StyleName) -> KtpFace:
    """A KTP of FACE_WIDTH x FACE_HEIGHT pixels."""
    style = STYLES[style_name]
    rng = card_rng(seed, style, 0)
    person, printed = random_person(rng), random_print(style, rng)
    pixels = draw_artwork(style, ktp_palette(style.ktp_hue, rng), rng)
    draw_specimen(pixels, printed.typeface.face(True), rng)
    _place_pictures(pixels, style, printed, rng)
    ink = draw_small_runs(lay_out(person, printed), FACE_WIDTH, FACE_HEIGHT)
    colour = hsv(float(rng.random()), float(rng.uniform(0, 0.4)), float(rng.uniform(0.05, 0.25)))
    print_ink(pixels, ink * np.float32(printed.ink), colour)
    return KtpFace(_freeze(pixels), card_alpha(), person.fields)


@lru_cache(maxsize=1)
def card_alpha() -> Pixels:
    """The opacity of a card of FACE_WIDTH x FACE_HEIGHT pixels: its corners are rounded."""
    return _freeze(rounded_alpha(FACE_WIDTH, FACE_HEIGHT, _RADIUS))


@lru_cache(maxsize=28)
def other_card(seed: int, style_name: StyleName) -> Sheet:
    """A card that is no KTP, of FACE_WIDTH x FACE_HEIGHT pixels."""
    style = STYLES[style_name]
    return Sheet(_freeze(draw_other_card(style, card_rng(seed, style, 1))), card_alpha())


@lru_cache(maxsize=28)
def blank_card(seed: int, style_name: StyleName) -> Sheet:
    """A card without text, of FACE_WIDTH x FACE_HEIGHT pixels."""
    style = STYLES[style_name]
    return Sheet(_freeze(draw_blank_card(style, card_rng(seed, style, 2))), card_alpha())


@lru_cache(maxsize=28)
def paper(seed: int, style_name: StyleName) -> Sheet:
    """A receipt, a page or a form, up to 1300 pixels wide."""
    style = STYLES[style_name]
    rng = card_rng(seed, style, 3)
    pixels = pick(_PAPERS, rng)(style, rng)
    return Sheet(_freeze(pixels), _freeze(rounded_alpha(pixels.shape[1], pixels.shape[0], 0)))


@lru_cache(maxsize=28)
def phone(seed: int, style_name: StyleName) -> Sheet:
    """A phone that shows an app, 480 x 1000 pixels."""
    style = STYLES[style_name]
    pixels = draw_phone(style, card_rng(seed, style, 4))
    return Sheet(_freeze(pixels), _freeze(rounded_alpha(pixels.shape[1], pixels.shape[0], 44)))
