"""The two hands that draw scenes: `own` to train on, `foreign` to see how far the training carries.

They share no font, no artwork, no ground, no portrait and no form of card.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from worker.pipeline.types import Pixels
from worker.training.fonts import Face
from worker.training.scenes import artwork_foreign, artwork_own, grounds_foreign, grounds_own
from worker.training.scenes.forms import FOREIGN_FORMS, OWN_FORMS, CardForm
from worker.training.scenes.palette import Palette
from worker.training.scenes.portraits import draw_bust, draw_cut_out
from worker.training.style import Typeface

StyleName = Literal["own", "foreign"]
Artwork = Callable[[int, int, Palette, np.random.Generator], Pixels]
Ground = Callable[[int, int, np.random.Generator], Pixels]
Portrait = Callable[[int, int, np.random.Generator], Pixels]


@dataclass(frozen=True)
class Style:
    """What one hand draws with: `number` tells the two apart in seeds, `ktp_hue` is in turns of the colour
    circle, `printed_grounds` bear print or writing."""

    number: int
    typefaces: tuple[Typeface, ...]
    nik_faces: tuple[Face, ...]
    mono: Face
    serif: Face
    ktp_hue: float
    artworks: tuple[Artwork, ...]
    grounds: tuple[Ground, ...]
    printed_grounds: tuple[Ground, ...]
    portrait: Portrait
    forms: tuple[CardForm, ...]

    @property
    def faces(self) -> frozenset[Face]:
        """Every font face of the hand."""
        pairs = {face for typeface in self.typefaces for face in typeface.value}
        return frozenset({*pairs, *self.nik_faces, self.mono, self.serif})


STYLES: dict[StyleName, Style] = {
    "own": Style(
        number=0,
        typefaces=(Typeface.SANS, Typeface.SANS, Typeface.NARROW, Typeface.CARLITO, Typeface.ROBOTO),
        nik_faces=(Face.OCR_A, Face.OCR_A, Face.OCR_A_BOLD),
        mono=Face.MONO,
        serif=Face.SERIF,
        ktp_hue=0.56,
        artworks=(
            artwork_own.archipelago,
            artwork_own.archipelago,
            artwork_own.crossed_waves,
            artwork_own.faded,
        ),
        grounds=(
            grounds_own.wood,
            grounds_own.cloth,
            grounds_own.laminate,
            grounds_own.tiles,
            grounds_own.gradient,
            grounds_own.clutter,
            grounds_own.keys,
        ),
        printed_grounds=(grounds_own.print_lines,),
        portrait=draw_bust,
        forms=OWN_FORMS,
    ),
    "foreign": Style(
        number=1,
        typefaces=(Typeface.FREE_SANS, Typeface.DEJAVU_CONDENSED),
        nik_faces=(Face.OCR_A_CONDENSED, Face.FREE_MONO_BOLD),
        mono=Face.DEJAVU_MONO_BOLD,
        serif=Face.FREE_SERIF,
        ktp_hue=0.53,
        artworks=(artwork_foreign.spirograph, artwork_foreign.rays, artwork_foreign.hatching),
        grounds=(
            grounds_foreign.marble,
            grounds_foreign.bricks,
            grounds_foreign.pebbles,
            grounds_foreign.cork,
            grounds_foreign.checks,
            grounds_foreign.corduroy,
            grounds_foreign.honeycomb,
        ),
        printed_grounds=(grounds_foreign.ruled_paper,),
        portrait=draw_cut_out,
        forms=FOREIGN_FORMS,
    ),
}
