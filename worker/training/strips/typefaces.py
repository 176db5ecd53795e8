"""The fonts that lines are set in for training, and their letters drawn once: none is of the style "foreign"."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from worker.training.fonts import Face, FontFile, FontMissingError
from worker.training.strips.families import FAMILIES, MONO, NARROW, SANS, Family, installed

CAP_HEIGHT = 26
"""Pixels of a capital letter as it is drawn, before it is scaled to the strip."""

_ROBOTO, _LIBERATION = "roboto/unhinted/RobotoTTF/Roboto-{}.ttf", "liberation/Liberation{}.ttf"
_MORE_ROBOTO = tuple(FontFile(_ROBOTO.format(name), "fonts-roboto-unhinted") for name in ("Light", "Medium", "Black"))
_MORE_LIBERATION = tuple(
    FontFile(_LIBERATION.format(name), "fonts-liberation")
    for name in ("Sans-Italic", "Sans-BoldItalic", "SansNarrow-Italic", "Mono-Bold", "Serif-Bold")
)
_SANS = (Face.SANS.value, Face.SANS_BOLD.value)
_NARROW = (Face.NARROW.value, Face.NARROW_BOLD.value)
_HUMANIST = (Face.CARLITO.value, Face.CARLITO_BOLD.value, Face.ROBOTO.value, Face.ROBOTO_BOLD.value)
_OCR = (Face.OCR_A.value, Face.OCR_A_BOLD.value)
_MONO = (Face.MONO.value, _MORE_LIBERATION[3])

_OWN_VALUES = (
    *(_SANS * 4 + _NARROW * 2 + _HUMANIST * 2),
    *(_MORE_ROBOTO + _MORE_LIBERATION[:3] + _MONO + _OCR),
    *(Face.SERIF.value, _MORE_LIBERATION[4]),
)
_OWN_BOLD = (Face.SANS_BOLD.value, Face.NARROW_BOLD.value, Face.CARLITO_BOLD.value, Face.ROBOTO_BOLD.value)
_OWN_NUMBERS = _OCR * 6 + _MONO * 2 + _SANS + _HUMANIST[2:]


def _faces(families: Iterable[Family]) -> tuple[FontFile, ...]:
    """Both faces of each of the families that is on this machine."""
    return tuple(each.face(bold) for each in installed(families) for bold in (False, True))


VALUE_FONTS = _OWN_VALUES * 3 + _faces(FAMILIES)
BOLD_FONTS = _OWN_BOLD * 6 + tuple(each.bold for each in installed(SANS + NARROW))
NUMBER_FONTS = _OWN_NUMBERS * 3 + _faces(MONO + SANS[::2])
"""Fonts in which values, headers and the NIK are set: half are what cards are known in, named more often, half are
what else a printer may have."""


@dataclass(frozen=True)
class Glyph:
    """A letter's ink, 0 to 255; `left` is where the ink begins after the pen, `top` above the baseline, both in
    pixels; `advance` is how far the pen moves."""

    ink: NDArray[np.uint8]
    left: int
    top: int
    advance: float


@lru_cache(maxsize=256)
def open_font(file: FontFile) -> ImageFont.FreeTypeFont:
    """The font at the size where its capitals are CAP_HEIGHT pixels tall; raises FontMissingError."""
    path = file.file
    if not path.is_file():
        raise FontMissingError(f"{path} is missing: install the Debian package {file.package} to draw lines")
    probe = ImageFont.truetype(str(path), 1000, layout_engine=ImageFont.Layout.BASIC)
    _, top, _, bottom = probe.getbbox("H", anchor="ls")
    return ImageFont.truetype(str(path), CAP_HEIGHT * 1000 / (bottom - top), layout_engine=ImageFont.Layout.BASIC)


@lru_cache(maxsize=16384)
def draw_glyph(file: FontFile, letter: str) -> Glyph:
    """One letter of the font; raises FontMissingError."""
    font = open_font(file)
    left, top, right, bottom = (round(edge) for edge in font.getbbox(letter, anchor="ls"))
    canvas = Image.new("L", (max(1, right - left + 2), max(1, bottom - top + 2)), 0)
    ImageDraw.Draw(canvas).text((1 - left, 1 - top), letter, fill=255, font=font, anchor="ls")
    return Glyph(np.array(canvas, dtype=np.uint8), left - 1, 1 - top, float(font.getlength(letter)))


@lru_cache(maxsize=131072)
def kerning(file: FontFile, pair: str) -> float:
    """Pixels by which the second letter of the pair moves towards the first: mostly 0, else negative."""
    font = open_font(file)
    return float(font.getlength(pair) - font.getlength(pair[0]) - font.getlength(pair[1]))
