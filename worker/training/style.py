"""What varies from one printed card to the next: colours, fonts, and where the printer puts the text."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Protocol

import numpy as np

from worker.training.fonts import AnyFace, Face
from worker.training.names import pick

Colour = tuple[int, int, int]
"""Blue, green, red, each 0 to 255."""


class PairOfFaces(Protocol):
    """What a printer sets a card in: a regular and a bold face."""

    def face(self, bold: bool) -> AnyFace:
        """The regular or the bold face."""


class Typeface(Enum):
    """The pair of faces of a printer: (regular, bold)."""

    SANS = (Face.SANS, Face.SANS_BOLD)
    NARROW = (Face.NARROW, Face.NARROW_BOLD)
    CARLITO = (Face.CARLITO, Face.CARLITO_BOLD)
    ROBOTO = (Face.ROBOTO, Face.ROBOTO_BOLD)
    FREE_SANS = (Face.FREE_SANS, Face.FREE_SANS_BOLD)
    DEJAVU_CONDENSED = (Face.DEJAVU_CONDENSED, Face.DEJAVU_CONDENSED_BOLD)

    def face(self, bold: bool) -> Face:
        """The regular or the bold face."""
        return self.value[1] if bold else self.value[0]


@dataclass(frozen=True)
class CardStyle:
    """How one card is printed. Fractions are of the card's width (x) or height (y).

    `row_pitch` is the distance of two rows, 0.044 to 0.049 on known cards; `shift_x` and `shift_y` move all that is
    printed for the person; `text_scale` scales the letters, those of the NIK apart; `letter_spacing` is a fraction of
    the em; `ink` is how dark the text is, 0 to 1; `ink_spread` is the blur of the printed text in pixels of the card;
    `wave_strength` and `emblem_strength` scale how clearly the background's lines and its emblem show.
    """

    paper: Colour = (240, 220, 190)
    edge: Colour = (222, 190, 150)
    wave: Colour = (190, 150, 95)
    islands: Colour = (188, 196, 140)
    wave_strength: float = 1.0
    emblem_strength: float = 1.0
    typeface: PairOfFaces = Typeface.SANS
    nik_face: AnyFace = Face.OCR_A
    bold_values: bool = False
    text_scale: float = 1.0
    row_pitch: float = 0.0455
    shift_x: float = 0.0
    shift_y: float = 0.0
    letter_spacing: float = 0.0
    ink: float = 0.92
    ink_spread: float = 0.7


def _vary(colour: Colour, by: int, rng: np.random.Generator) -> Colour:
    blue, green, red = (int(np.clip(c + rng.integers(-by, by + 1), 0, 255)) for c in colour)
    return blue, green, red


def random_style(rng: np.random.Generator) -> CardStyle:
    """A style within what known cards show."""
    plain = CardStyle()
    return CardStyle(
        paper=_vary(plain.paper, 8, rng),
        edge=_vary(plain.edge, 14, rng),
        wave=_vary(plain.wave, 22, rng),
        islands=_vary(plain.islands, 16, rng),
        wave_strength=float(rng.uniform(0.7, 1.25)),
        typeface=pick((Typeface.SANS, Typeface.SANS, Typeface.SANS, Typeface.NARROW), rng),
        bold_values=bool(rng.random() < 0.25),
        row_pitch=float(rng.uniform(0.044, 0.049)),
        shift_x=float(rng.uniform(-0.006, 0.006)),
        shift_y=float(rng.uniform(-0.008, 0.008)),
        letter_spacing=float(rng.uniform(-0.01, 0.03)),
        ink=float(rng.uniform(0.78, 0.96)),
        ink_spread=float(rng.uniform(0.4, 1.1)),
    )
