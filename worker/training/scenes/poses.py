"""Chooses how a card lies in the frame: cropped scan, scan on a page, upright, or turned any way."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from worker.pipeline.types import Quad
from worker.training.camera import Pose, place_sheet, sheet_quad
from worker.training.names import pick

ARRANGEMENT_SHARES = {"crop": 0.12, "page": 0.13, "upright": 0.45, "any_angle": 0.30}
"""How often a card is a scan cropped at its edge, a scan on a page, a photograph within 15 degrees of upright or one
turned any way."""
CARD_RATIO = 85.60 / 53.98
_FRAME_RATIOS = (4 / 3, 4 / 3, 4 / 3, 3 / 2, 16 / 9, 1.0, 20 / 9)
_MIN_SHORT_SIDE = 320
_MIN_CARD_WIDTH = 0.17
"""A card is at least so wide, in longer sides of the frame: a quarter of the width of a picture of 3:2."""


@dataclass(frozen=True)
class Placement:
    """A frame of (width, height) pixels, the card's corners in it, and the names of what makes it hard."""

    arrangement: str
    size: tuple[int, int]
    quad: Quad
    conditions: frozenset[str]


def frame_size(long_side: int, rng: np.random.Generator) -> tuple[int, int]:
    """A usual shape of photograph, lying or standing."""
    short = max(round(long_side / pick(_FRAME_RATIOS, rng)), _MIN_SHORT_SIDE)
    return (long_side, short) if rng.random() < 0.6 else (short, long_side)


def _quarter_turn(rng: np.random.Generator, share: float) -> int:
    """0, or with the given probability 90, 180 or 270 degrees."""
    return int(rng.integers(1, 4)) * 90 if rng.random() < share else 0


def _place_crop(long_side: int, rng: np.random.Generator) -> Placement:
    """The frame is the card, give or take a few percent; the cropping may have cut a little off."""
    turn = _quarter_turn(rng, 0.2)
    short = round(long_side / (CARD_RATIO * float(rng.normal(1.0, 0.015))))
    width, height = (long_side, short) if turn % 180 == 0 else (short, long_side)
    quad = np.roll(sheet_quad(width, height), -(turn // 90), axis=0)
    middle = quad.mean(axis=0)
    tight = rng.random() < 0.6
    growth = float(rng.uniform(0.995, 1.012)) if tight else float(rng.uniform(0.95, 1.03))
    slack = 0.003 if tight else 0.012
    quad = middle + (quad - middle) * growth + rng.normal(0, slack, (4, 2)) * long_side
    return Placement("crop", (width, height), quad, frozenset({"scan", *turn_names(turn)}))


def turn_names(turn: float) -> set[str]:
    """The names of a turn in degrees: nothing within 3 degrees of upright, then tilted, upside_down or sideways."""
    off = (turn + 180) % 360 - 180
    names: set[str] = set()
    if abs(abs(off) - 90) < 20:
        names.add("sideways")
    elif abs(off) > 160:
        names.add("upside_down")
    elif abs(off) > 3:
        names.add("tilted")
    return names


def _random_share(rng: np.random.Generator) -> float:
    """How much of the frame the card takes: mostly most of it, at times a quarter, at times more than all."""
    kind = rng.random()
    if kind < 0.62:
        return float(rng.uniform(0.6, 0.97))
    if kind < 0.88:
        return float(rng.uniform(0.3, 0.6))
    if kind < 0.93:
        return float(rng.uniform(0.24, 0.3))
    return float(rng.uniform(0.97, 1.3))


def _lean(rng: np.random.Generator) -> tuple[float, float]:
    """Degrees by which the camera's view is tipped; a quarter of the photographs are steep."""
    spread = 20.0 if rng.random() < 0.25 else 7.0
    x, y = np.clip(rng.normal(0, spread, 2), -38, 38)
    return float(x), float(y)


def _place_photo(arrangement: str, turn: float, size: tuple[int, int], rng: np.random.Generator) -> Placement:
    lean_x, lean_y = _lean(rng)
    share = _random_share(rng)
    off_x, off_y = np.clip(rng.normal(0, 0.45, 2), -1, 1)
    if rng.random() < 0.06:
        off_x, off_y = off_x * 2.5, off_y * 2.5
    pose = Pose(turn, lean_x, lean_y, share, float(off_x), float(off_y))
    quad = _enlarged(place_sheet((1586, 1000), size, pose), _MIN_CARD_WIDTH * max(size))
    names = {arrangement, *turn_names(turn)}
    if float(np.hypot(*(quad[1] - quad[0]))) < 0.32 * max(size):
        names.add("small")
    if max(abs(lean_x), abs(lean_y)) > 14:
        names.add("perspective")
    return Placement(arrangement, size, quad, frozenset(names))


def _enlarged(quad: Quad, least: float) -> Quad:
    """The quad, grown about its middle until its top edge is `least` pixels long."""
    growth = max(least / float(np.hypot(*(quad[1] - quad[0]))), 1.0)
    middle = quad.mean(axis=0)
    return np.asarray(middle + (quad - middle) * growth, dtype=np.float64)


def _place_page(size: tuple[int, int], rng: np.random.Generator) -> Placement:
    turn = _quarter_turn(rng, 0.2) + float(rng.normal(0, 1.5))
    off_x, off_y = np.clip(rng.normal(0, 0.55, 2), -1, 1)
    pose = Pose(turn, 0.0, 0.0, float(rng.uniform(0.26, 0.96)), float(off_x), float(off_y))
    quad = _enlarged(place_sheet((1586, 1000), size, pose), _MIN_CARD_WIDTH * max(size))
    return Placement("page", size, quad, frozenset({"scan", *turn_names(turn)}))


def place_card(long_side: int, rng: np.random.Generator) -> Placement:
    """A placement of a card in a frame whose longer side is `long_side` pixels."""
    kinds = tuple(ARRANGEMENT_SHARES)
    arrangement = str(rng.choice(kinds, p=list(ARRANGEMENT_SHARES.values())))
    if arrangement == "crop":
        return _place_crop(long_side, rng)
    size = frame_size(long_side, rng)
    if arrangement == "page":
        return _place_page(size, rng)
    turn = float(rng.normal(0, 6)) if arrangement == "upright" else float(rng.uniform(0, 360))
    if arrangement == "upright":
        turn = float(np.clip(turn, -15, 15))
    return _place_photo(arrangement, turn, size, rng)
