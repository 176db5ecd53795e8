"""Sets a scene: the ground, what lies on it, the card and the hands that hold it, all evenly lit."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from worker.pipeline.types import Pixels
from worker.training.camera import Pose, place_sheet
from worker.training.scenes.compositing import cast_shadow, draw_edge, lay_sheet
from worker.training.scenes.faces import blank_card, other_card, paper, phone
from worker.training.scenes.ground import draw_ground, draw_page, draw_plain
from worker.training.scenes.hands import hold_from_below, reach_over
from worker.training.scenes.occluders import cover_card, draw_pen, random_pen
from worker.training.scenes.poses import Placement
from worker.training.scenes.styles import STYLES, StyleName
from worker.training.scenes.texture import near_colour
from worker.training.scenes.things import (
    draw_coin,
    draw_screen,
    lay_loose,
    lay_plain_sheet,
    lay_portrait,
    lay_stack,
    scatter,
)
from worker.training.scenes.wear import lay_pouch, wear
from worker.training.sheet import Sheet

SHARES = {"camouflage": 0.07, "cluttered": 0.32, "selfie": 0.03, "stacked": 0.06, "held": 0.14, "pouch": 0.07}
"""How often a photograph of a card is of each sort: the ground of the card's colour, things lying about, a person
behind, another card or paper right under it, held from behind, in a clear pouch."""
COVERED_SHARE = 0.16
_CORNER_SHARE = 3.18 / 85.60


@dataclass(frozen=True)
class Props:
    """What a scene may be furnished with: the style, the seeds (first, end) of its cards and papers, and whether
    there may be printed ones."""

    style: StyleName
    seeds: tuple[int, int]
    printed: bool = True

    def seed(self, rng: np.random.Generator) -> int:
        """The seed of one card or paper."""
        return int(rng.integers(*self.seeds))


@dataclass(frozen=True)
class CardScene:
    """A card in its scene; `covered` is how much of it is hidden by things on it, 0 to 1."""

    pixels: Pixels
    covered: float
    conditions: frozenset[str]


def _card_ground(sheet: Sheet, placement: Placement, props: Props, names: set[str], rng: np.random.Generator) -> Pixels:
    width, height = placement.size
    if "camouflage" in names:
        blue, green, red = (round(float(level)) for level in cv2.mean(sheet.pixels)[:3])
        alike = near_colour((blue, green, red), 14, rng)
        return draw_plain(width, height, alike, float(rng.uniform(0.02, 0.15)), rng)
    if placement.arrangement == "page" or (placement.arrangement == "crop" and rng.random() < 0.7):
        return draw_page(width, height, rng)
    frame = draw_ground(width, height, STYLES[props.style], rng, props.printed)
    if "cluttered" in names:
        scatter(frame, props.style, props.seeds, rng, props.printed)
    if "selfie" in names:
        lay_portrait(frame, props.style, True, rng)
    return frame


def _lay_under(frame: Pixels, placement: Placement, props: Props, names: set[str], rng: np.random.Generator) -> None:
    """What is right under a photographed card: another one, the hand that holds it, its shadow, its pouch."""
    quad = placement.quad
    across = float(np.hypot(*(quad[1] - quad[0])))
    if "stacked" in names:
        faces = (other_card, paper) if props.printed else (blank_card,)
        face = faces[int(rng.integers(len(faces)))]
        lay_stack(frame, face(props.seed(rng), props.style), quad, rng)
    if "held" in names:
        hold_from_below(frame, quad, rng)
    shift = rng.normal(0, 0.008, 2) * across
    softness = across * float(rng.uniform(0.003, 0.03))
    cast_shadow(frame, quad, float(rng.uniform(0, 0.6)), (float(shift[0]), float(shift[1])), softness)
    if "pouch" in names:
        lay_pouch(frame, quad, rng)


def lay_card_scene(
    sheet: Sheet, placement: Placement, props: Props, screen: bool, rng: np.random.Generator
) -> CardScene:
    """The card on its ground at the place given; `screen` shows it on a monitor instead."""
    quad, worn = placement.quad, wear(sheet, rng)
    across = float(np.hypot(*(quad[1] - quad[0])))
    photo = placement.arrangement in ("upright", "any_angle")
    names = {name for name, share in SHARES.items() if photo and rng.random() < share}
    if "camouflage" in names:
        names -= {"cluttered", "selfie"}
    frame = _card_ground(worn, placement, props, names, rng)
    if screen:
        names -= {"stacked", "held", "pouch"}
        draw_screen(frame, quad, rng)
    elif photo:
        _lay_under(frame, placement, props, names, rng)
    elif placement.arrangement == "page":
        cast_shadow(frame, quad, float(rng.uniform(0, 0.4)), (across * 0.003, across * 0.003), across * 0.004)
    lay_sheet(frame, worn, quad)
    covered = 0.0
    if photo and not screen:
        if rng.random() < 0.4:
            tone = int(rng.choice((30, 110, 235)))
            draw_edge(frame, quad, across * _CORNER_SHARE, (tone, tone, tone), float(rng.uniform(0.15, 0.7)))
        if rng.random() < COVERED_SHARE:
            covered = cover_card(frame, quad, rng)
            names.add("occluded")
    return CardScene(frame, covered, frozenset(names))


def draw_paper_scene(size: tuple[int, int], props: Props, rng: np.random.Generator) -> Pixels:
    """A receipt, page or form on a ground, mostly upright and large."""
    width, height = size
    scanned = rng.random() < 0.25
    frame = draw_page(width, height, rng) if scanned else draw_ground(width, height, STYLES[props.style], rng)
    if rng.random() < SHARES["cluttered"]:
        scatter(frame, props.style, props.seeds, rng)
    sheet = wear(paper(props.seed(rng), props.style), rng)
    lay_loose(frame, sheet, (0.55, 1.7), rng, upright=bool(rng.random() < 0.75))
    return frame


def draw_bare_scene(size: tuple[int, int], props: Props, rng: np.random.Generator) -> Pixels:
    """A ground without any printed card or paper: empty, with a phone, coins and pens, an oblong, a person, a hand."""
    width, height = size
    style = STYLES[props.style]
    blank = rng.random() < 0.08
    frame = draw_page(width, height, rng) if blank else draw_ground(width, height, style, rng, printed=False)
    kind = rng.random()
    if kind < 0.2:
        lay_loose(frame, phone(props.seed(rng), props.style), (0.5, 1.1), rng, upright=bool(rng.random() < 0.5))
    elif kind < 0.33:
        for _ in range(int(rng.integers(2, 6))):
            draw_coin(frame, rng)
            draw_pen(frame, random_pen(frame, rng), rng)
    elif kind < 0.46:
        lay_portrait(frame, props.style, bool(rng.random() < 0.4), rng)
    elif kind < 0.58:
        lay_plain_sheet(frame, rng)
    elif kind < 0.7:
        scatter(frame, props.style, props.seeds, rng, printed=False)
    if rng.random() < 0.25:
        pose = Pose(float(rng.uniform(0, 360)), share=float(rng.uniform(0.4, 0.9)))
        reach_over(frame, place_sheet((1586, 1000), size, pose), float(rng.uniform(0.05, 0.5)), rng)
    return frame
