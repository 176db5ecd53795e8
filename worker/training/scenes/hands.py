"""Draws the hands that hold a card or reach over it: fingers, palm and wrist of one skin."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from worker.pipeline.types import Pixels, Quad
from worker.training.scenes.compositing import Box, frame_box, paste
from worker.training.scenes.texture import hsv, scale_colour
from worker.training.style import Colour

_FINE = 4
"""Fractional bits of the coordinates that OpenCV draws at."""


@dataclass(frozen=True)
class Capsule:
    """A round-ended bar from `start` to `tip`, `thick` pixels wide: a finger, a wrist or a pen."""

    start: tuple[float, float]
    tip: tuple[float, float]
    thick: float


def capsule(start: Quad, tip: Quad, thick: float) -> Capsule:
    """The bar between two points, each of shape (2,)."""
    return Capsule((float(start[0]), float(start[1])), (float(tip[0]), float(tip[1])), thick)


def random_skin(rng: np.random.Generator) -> Colour:
    """The colour of a hand."""
    return hsv(float(rng.uniform(0.03, 0.09)), float(rng.uniform(0.25, 0.65)), float(rng.uniform(0.35, 0.95)))


def draw_bar(
    image: Pixels, bar: Capsule, colour: tuple[int, ...], share: float = 1.0, offset: tuple[float, float] = (0.0, 0.0)
) -> None:
    """Draws the bar, a `share` of its thickness wide, in an image whose origin is at `offset`."""
    ends = (np.array([bar.start, bar.tip]) - offset) * 2**_FINE
    first, last = ends.round().astype(int).tolist()
    cv2.line(image, first, last, colour, max(round(bar.thick * share), 1), cv2.LINE_AA, shift=_FINE)


def _bar_box(frame: Pixels, bar: Capsule) -> Box | None:
    ends = np.array([bar.start, bar.tip])
    return frame_box(ends, frame.shape[1], frame.shape[0], margin=round(bar.thick / 2) + 4)


def draw_limb(frame: Pixels, limb: Capsule, skin: Colour, nail: bool) -> None:
    """A finger or a wrist with a lighter ridge, at times with a nail at its tip."""
    box = _bar_box(frame, limb)
    if box is None:
        return
    x0, y0, x1, y1 = box
    cover = np.zeros((y1 - y0, x1 - x0), dtype=np.uint8)
    draw_bar(cover, limb, (255,), 1.0, (x0, y0))
    flesh = np.empty((y1 - y0, x1 - x0, 3), dtype=np.uint8)
    flesh[:] = scale_colour(skin, 0.74)
    side = limb.thick * 0.1
    for share, tone in ((0.78, 0.88), (0.56, 0.97), (0.34, 1.05)):
        draw_bar(flesh, limb, scale_colour(skin, tone), share, (x0 + side, y0 + side))
    # A box blur costs the same at any size; a thick wrist in a Gaussian would cost more than the whole scene.
    size = max(round(limb.thick / 5), 1)
    flesh = np.asarray(cv2.blur(flesh, (size, size)), dtype=np.uint8)
    if nail:
        _draw_nail(flesh, limb, skin, (x0, y0))
    softened = cv2.blur(cover, (3, 3)).astype(np.float32) / np.float32(255)
    paste(frame, flesh, np.asarray(softened, dtype=np.float32), box)


def _draw_nail(flesh: Pixels, finger: Capsule, skin: Colour, offset: tuple[int, int]) -> None:
    along = np.array(finger.tip) - finger.start
    along = along / max(float(np.hypot(*along)), 1.0)
    middle = np.array(finger.tip) + along * finger.thick * 0.12 - offset
    angle = float(np.degrees(np.arctan2(along[1], along[0])))
    axes = (round(finger.thick * 0.3), round(finger.thick * 0.24))
    place = (round(float(middle[0])), round(float(middle[1])))
    blue, green, red = scale_colour(skin, 1.15)
    cv2.ellipse(flesh, place, axes, angle, 0, 360, (min(blue + 18, 255), min(green + 10, 255), red), -1, cv2.LINE_AA)


def edge_point(quad: Quad, side: int, along: float) -> tuple[Quad, Quad]:
    """A point on a side of the quad, `along` of the way, and the unit vector from there to the middle."""
    start, end = quad[side], quad[(side + 1) % 4]
    point = start + (end - start) * along
    inward = quad.mean(axis=0) - point
    return point, inward / max(float(np.hypot(*inward)), 1.0)


def _turned(vector: Quad, degrees: float) -> Quad:
    cos, sin = np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))
    return np.array((vector[0] * cos - vector[1] * sin, vector[0] * sin + vector[1] * cos))


def reach_over(frame: Pixels, quad: Quad, depth: float, rng: np.random.Generator) -> list[Capsule]:
    """Draws a hand from outside with one to three fingers that reach `depth` of the card's width over a side of it;
    gives its limbs."""
    width = float(np.hypot(*(quad[1] - quad[0])))
    side, along = int(rng.integers(4)), float(rng.uniform(0.08, 0.92))
    skin, thick = random_skin(rng), width * float(rng.uniform(0.1, 0.18))
    slant = float(rng.normal(0, 25))
    point, inward = edge_point(quad, side, along)
    inward = _turned(inward, slant)
    knuckles = point - inward * width * float(rng.uniform(0.3, 0.55))
    limbs = [capsule(knuckles - inward * width * 4, knuckles - inward * thick, thick * float(rng.uniform(2.2, 3)))]
    across = np.array((-inward[1], inward[0])) * thick
    for finger in range(int(rng.integers(1, 4))):
        beside = across * (finger - 0.5) * float(rng.uniform(0.85, 1.1))
        far = depth * float(rng.uniform(0.6, 1.0))
        limbs.append(capsule(knuckles + beside, point + beside * 1.2 + inward * (far * width - thick / 2), thick))
    nails = rng.random() < 0.6
    for index, limb in enumerate(limbs):
        draw_limb(frame, limb, skin, nail=nails and index > 0)
    return limbs


def hold_from_below(frame: Pixels, quad: Quad, rng: np.random.Generator) -> None:
    """Draws a hand under the card: the wrist comes in on one side, two to four fingers peep out on the other."""
    side, width = int(rng.integers(4)), float(np.hypot(*(quad[1] - quad[0])))
    skin, thick = random_skin(rng), width * float(rng.uniform(0.11, 0.18))
    middle, first = quad.mean(axis=0), float(rng.uniform(0.0, 0.4))
    _, inward = edge_point(quad, side, 0.5)
    wrist = _turned(inward, float(rng.normal(0, 20)))
    draw_limb(
        frame, capsule(middle + wrist * width * 4, middle, thick * float(rng.uniform(2.4, 3.4))), skin, nail=False
    )
    for finger in range(int(rng.integers(2, 5))):
        point, inward = edge_point(quad, side, first + finger * float(rng.uniform(0.16, 0.24)))
        tip = point - inward * thick * float(rng.uniform(0, 1.2))
        draw_limb(frame, capsule(point + inward * width * 0.4, tip, thick), skin, nail=False)
