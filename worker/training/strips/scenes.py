"""Photographs cards with invented words as the scenes do, and cuts their lines for the bank."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from worker.pipeline.types import Homography, Pixels
from worker.training.layout import CARD_WIDTH, PHOTO_BOX, Run, lay_out
from worker.training.names import pick
from worker.training.scenes.cards import draw_artwork, draw_specimen
from worker.training.scenes.faces import card_alpha
from worker.training.scenes.faults import Faults, choose_faults, develop
from worker.training.scenes.palette import ktp_palette
from worker.training.scenes.pen import FACE_HEIGHT, FACE_WIDTH, Pen, draw_small_runs, print_ink
from worker.training.scenes.poses import Placement, place_card
from worker.training.scenes.stage import Props, lay_card_scene
from worker.training.scenes.styles import STYLES
from worker.training.scenes.texture import hsv
from worker.training.sheet import Sheet
from worker.training.strips.bank import LINE_CAP, LINE_HEIGHT, SPACING, CutLine, write_lines
from worker.training.strips.families import MONO, NARROW, SANS, installed
from worker.training.strips.lines import Cut, LinePlace, cut_line, place_lines, see_card
from worker.training.strips.people import invent_person
from worker.training.strips.textures import TEXTURES
from worker.training.style import CardStyle

SHARD = 10
"""Scenes in a shard; a shard is written whole or not at all."""

FIRST_SEED = 6_000_000

_LONG_SIDES = (800, 1280)
_LEAST_CARD_WIDTH = 260.0
"""Pixels of a card in its scene below which nobody reads its rows."""

_LEAST_CAP = 4.5
"""Pixels of a capital letter in the photograph below which nobody reads it."""

_OFF, _OVERHANG = 0.002, 4.0
"""How far the corners are taken to be off, in widths of the card, and how far out of the frame they may be, in pixels.
"""

_OTHER_FAMILIES = 0.5
"""Share of the cards that are printed in a family which no card of the style is."""

_SEEDS_PER_BLOCK, _SHEETS_PER_BLOCK = 1024, 24


def _random_print(rng: np.random.Generator) -> CardStyle:
    """As cards of the own style are printed, half of them in some other family."""
    own, families, numbers = STYLES["own"], installed(SANS + SANS + NARROW), installed(MONO + SANS[::4])
    other_values = bool(families) and rng.random() < _OTHER_FAMILIES
    other_number = bool(numbers) and rng.random() < _OTHER_FAMILIES
    return CardStyle(
        typeface=pick(families, rng) if other_values else pick(own.typefaces, rng),
        nik_face=pick(numbers, rng).face(bool(rng.random() < 0.5)) if other_number else pick(own.nik_faces, rng),
        bold_values=bool(rng.random() < 0.35),
        text_scale=float(rng.uniform(0.91, 1.07)),
        row_pitch=float(rng.uniform(0.044, 0.049)),
        letter_spacing=float(rng.uniform(-0.02, 0.05)) if rng.random() < 0.5 else 0.0,
        ink=float(rng.uniform(0.5, 0.98)),
    )


def draw_face(rng: np.random.Generator) -> tuple[Sheet, tuple[Run, ...]]:
    """A specimen KTP in the own style, and the runs of text on it, in pixels of CARD_WIDTH."""
    style, printed = STYLES["own"], _random_print(rng)
    pixels = draw_artwork(style, ktp_palette(style.ktp_hue, rng), rng)
    if rng.random() < 0.4:
        texture = pick(TEXTURES, rng)(FACE_WIDTH, FACE_HEIGHT, rng) * np.float32(3 + 30 * rng.random() ** 2)
        pixels = np.clip(pixels + texture[:, :, np.newaxis], 0, 255).astype(np.uint8)
    draw_specimen(pixels, printed.typeface.face(True), rng)
    Pen(pixels).fill(*PHOTO_BOX, hsv(float(rng.random()), float(rng.random()), float(rng.uniform(0.3, 0.9))))
    runs = lay_out(invent_person(rng), printed)
    ink = draw_small_runs(runs, FACE_WIDTH, FACE_HEIGHT)
    colour = hsv(float(rng.random()), float(rng.uniform(0, 0.4)), float(rng.uniform(0.05, 0.25)))
    print_ink(pixels, ink * np.float32(printed.ink), colour)
    return Sheet(pixels, card_alpha()), runs


def _placement(side: int, rng: np.random.Generator) -> Placement:
    """A placement in which the card is large enough to be read."""
    while True:
        placement = place_card(side, rng)
        if np.linalg.norm(placement.quad[1] - placement.quad[0]) >= _LEAST_CARD_WIDTH:
            return placement


def _faults(scan: bool, side: int, rng: np.random.Generator) -> Faults:
    """Faults as any scene has them; half of the pictures get the worse of two."""
    choices = [choose_faults(scan, side, rng) for _ in range(int(rng.integers(1, 3)))]
    return max(choices, key=lambda each: len(each.names))


def photograph_lines(seed: int) -> list[CutLine]:
    """The lines of the card of `seed`, as cut out of its photograph; none of a card that is partly covered."""
    rng = np.random.default_rng((seed, 7))
    sheet, runs = draw_face(rng)
    side = int(rng.integers(*_LONG_SIDES))
    placement = _placement(side, rng)
    block = seed // _SEEDS_PER_BLOCK * _SHEETS_PER_BLOCK
    scan = "scan" in placement.conditions
    faults = _faults(scan, side, rng)
    props = Props("own", (block, block + _SHEETS_PER_BLOCK))
    scene = lay_card_scene(sheet, placement, props, "screen" in faults.names, rng)
    if scene.covered > 0:
        return []
    photo = develop(scene.pixels, placement.quad, faults, scan, rng)
    across = float(np.linalg.norm(placement.quad[1] - placement.quad[0]))
    seen = placement.quad + rng.normal(0, _OFF, (4, 2)) * across
    inside = (placement.quad.min(axis=0) >= -4).all() and (
        placement.quad.max(axis=0) <= np.array(placement.size) + 3
    ).all()
    lines = place_lines(runs) if inside else []
    card = see_card(photo, seen)
    return [_cut(card, line, rng) for line in lines if line.cap * across / CARD_WIDTH >= _LEAST_CAP]


def _cut(card: tuple[Pixels, Homography], line: LinePlace, rng: np.random.Generator) -> CutLine:
    scale = LINE_CAP / line.cap
    first = max(line.least, line.left - float(rng.uniform(10, 70)) / scale)
    last = min(
        line.most, line.right + float(rng.uniform(10, 90) if rng.random() < 0.5 else rng.uniform(50, 400)) / scale
    )
    strip = cut_line(card, line, first, last, Cut(LINE_HEIGHT, LINE_CAP))
    grey = np.asarray(cv2.cvtColor(strip, cv2.COLOR_BGR2GRAY), dtype=np.uint8)
    return CutLine(grey, (line.left - first) * scale, (line.right - first) * scale, line.text)


def write_bank(folder: Path, first_seed: int, scenes: int) -> None:
    """Photograph the scenes that `folder` lacks of so many seeds from first_seed on, SPACING apart, a shard at a time.

    Raises FontMissingError.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for start in range(first_seed, first_seed + scenes * SPACING, SHARD * SPACING):
        path = folder / f"{start:08d}.npz"
        if not path.exists():
            seeds = range(start, start + SHARD * SPACING, SPACING)
            write_lines(path, [line for seed in seeds for line in photograph_lines(seed)])
