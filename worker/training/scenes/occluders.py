"""Things that lie over a card, and how much of it they and the fingers on it cover."""

from __future__ import annotations

import cv2
import numpy as np

from worker.pipeline.types import Pixels, Quad
from worker.training.scenes.compositing import cast_shadow
from worker.training.scenes.hands import Capsule, draw_bar, edge_point, reach_over
from worker.training.scenes.texture import random_colour, scale_colour

_COVER_STEP = 4
_FINE = 4


def random_pen(frame: Pixels, rng: np.random.Generator) -> Capsule:
    """A pen that lies somewhere in the frame."""
    height, width = frame.shape[:2]
    start = rng.uniform((0, 0), (width, height))
    angle, length = float(rng.uniform(0, 2 * np.pi)), width * float(rng.uniform(0.2, 0.7))
    tip = start + np.array((np.cos(angle), np.sin(angle))) * length
    thick = width * float(rng.uniform(0.008, 0.025))
    return Capsule((float(start[0]), float(start[1])), (float(tip[0]), float(tip[1])), thick)


def draw_pen(frame: Pixels, pen: Capsule, rng: np.random.Generator) -> None:
    """A pen or pencil of any colour."""
    colour = random_colour(rng)
    draw_bar(frame, pen, scale_colour(colour, 0.7))
    draw_bar(frame, pen, colour, 0.5)


def _draw_patch(frame: Pixels, quad: Quad, rng: np.random.Generator) -> Quad:
    """A flat piece of any colour over a corner or a side of the card; gives the corners of the piece."""
    width = float(np.hypot(*(quad[1] - quad[0])))
    point, inward = edge_point(quad, int(rng.integers(4)), float(rng.uniform(0, 1)))
    size = width * float(rng.uniform(0.15, 0.5))
    middle = point - inward * size * float(rng.uniform(0.3, 0.5))
    oblong = (size, size * float(rng.uniform(0.6, 1.6)))
    turned = ((float(middle[0]), float(middle[1])), oblong, float(rng.uniform(0, 90)))
    corners = np.asarray(cv2.boxPoints(turned), dtype=np.float64)
    cast_shadow(frame, corners, 0.35, (width * 0.01, width * 0.01), width * 0.015)
    fixed = (corners * 2**_FINE).round().astype(np.int32)
    cv2.fillConvexPoly(frame, fixed, random_colour(rng), cv2.LINE_AA, shift=_FINE)
    return corners


def cover_card(frame: Pixels, quad: Quad, rng: np.random.Generator) -> float:
    """Lays fingers, a pen or a piece of something over the card; gives the share of it that is hidden, 0 to 1."""
    kind = rng.random()
    capsules: list[Capsule] = []
    patches: list[Quad] = []
    if kind < 0.7:
        for _ in range(1 if rng.random() < 0.6 else 2):
            deep = rng.random() < 0.3
            capsules += reach_over(frame, quad, float(rng.uniform(0.1, 0.3) if deep else rng.uniform(0.02, 0.1)), rng)
    elif kind < 0.85:
        patches.append(_draw_patch(frame, quad, rng))
    else:
        capsules.append(random_pen(frame, rng))
        draw_pen(frame, capsules[0], rng)
    return covered_share(quad, (frame.shape[1], frame.shape[0]), capsules, patches)


def covered_share(quad: Quad, size: tuple[int, int], capsules: list[Capsule], patches: list[Quad]) -> float:
    """How much of the part of the card that is in the frame (width, height) is covered, 0 to 1."""
    shape = (size[1] // _COVER_STEP + 1, size[0] // _COVER_STEP + 1)
    card, cover = np.zeros(shape, dtype=np.uint8), np.zeros(shape, dtype=np.uint8)
    cv2.fillConvexPoly(card, (quad / _COVER_STEP).round().astype(np.int32), (255,))
    for capsule in capsules:
        ends = (np.array([capsule.start, capsule.tip]) / _COVER_STEP).round().astype(int).tolist()
        cv2.line(cover, ends[0], ends[1], (255,), max(round(capsule.thick / _COVER_STEP), 1))
    for patch in patches:
        cv2.fillConvexPoly(cover, (patch / _COVER_STEP).round().astype(np.int32), (255,))
    seen = cv2.countNonZero(card)
    return cv2.countNonZero(cv2.bitwise_and(card, cover)) / seen if seen else 1.0
