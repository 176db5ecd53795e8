"""Our card model on ONNX Runtime: finds the card in a photograph, then looks again closely at its corners.

The first network sees the whole photograph small and draws the distance to the card's edge; four lines through its zero
give a quad whose order is not known. The second sees that quad warped flat, with a margin: it draws the edge again and
tells which way the card stands, whether it is mirrored, and what it is. It looks twice, the second time at it upright.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import cv2
import numpy as np

from worker.engines.edges import fit_quad, long_side_first, nearest_turn, outline
from worker.engines.sessions import MODELS, open_session
from worker.pipeline.geometry import frame_quad, map_points, map_quad, scaling
from worker.pipeline.types import FoundCard, Pixels, Quad

Levels = list[Pixels]
"""An image, and it halved again and again."""

LOCATOR_MODEL, REFINER_MODEL = "corners_locator.onnx", "corners_refiner.onnx"

LOCATOR_SIDE, LOCATOR_FRAME = 160, 148
"""Side of the locator's square input, and the longest side of the photograph in the middle of it, in pixels."""

REFINER_SIZE = (192, 128)
SLOT = np.array([(17.5, 14.5), (173.5, 14.5), (173.5, 112.5), (17.5, 112.5)])
"""Where the refiner's input, of this width and height, has the card if the first quad is right, clockwise from its
top-left corner."""

GREY = (114, 114, 114)
"""What lies around the photograph in both inputs."""

_MORE_LOOKS, _STILL = 3, 2.0
"""Looks after the first, which end when the corners move by less than these pixels of the input: mostly one."""

_SURE, _WORTH_FOLLOWING = 0.98, 0.3
"""Below this probability of a KTP the photograph is searched in other ways as well; and from this one on what they show
is looked at again. Of 1,455 whole KTPs of development scenes 98.7 instead of 97.5 % are found so. A KTP seen at first
costs nothing more; a picture without one 45 instead of 25 ms."""

_PART = 0.6
_PARTS = ((0.5, 0.5), (0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (1.0, 1.0))
"""Share of either side that a part takes, and where the parts lie between the edges."""


@dataclass(frozen=True)
class _Look:
    """What the refiner made of a quad; `moved` is how far its corners were from there, in pixels of the input."""

    quad: Quad
    ktp: float
    document: float
    moved: float


class CornerEngine:
    """Finds the card of a photograph with the two networks. Safe for use by several threads at once."""

    def __init__(self, threads: int = 1, device: Literal["cpu", "gpu"] = "cpu", models: Path = MODELS) -> None:
        """Load both networks from `models`; `device` gpu takes CUDA. Raises NoGpuError where there is none."""
        self._locator = open_session(models / LOCATOR_MODEL, threads, device)
        self._refiner = open_session(models / REFINER_MODEL, threads, device)

    def find(self, pixels: Pixels) -> FoundCard:
        """The likeliest card in `pixels`, however unlikely it is."""
        levels = halvings(pixels)
        rough = self.locate(levels)
        # Where nothing stands out it is the frame: a scan cut to the edge of the card may have no edge to see.
        frame = long_side_first(frame_quad(pixels.shape[1], pixels.shape[0]))
        best = self._follow(levels, self._refine(levels, frame if rough is None else rough))
        for quad in self.locate_otherwise(levels) if best.ktp < _SURE else ():
            look = self._refine(levels, quad)
            if look.ktp >= _WORTH_FOLLOWING:
                look = self._follow(levels, look)
            best = max(best, look, key=lambda each: each.ktp)
            if best.ktp >= _SURE:
                break
        return FoundCard(best.quad, best.ktp, best.document)

    def _follow(self, levels: Levels, look: _Look) -> _Look:
        """Looks again at where the card was seen, until its corners stay where they are."""
        for _ in range(_MORE_LOOKS):
            look = self._refine(levels, look.quad)
            if look.moved < _STILL:
                break
        return look

    def locate_otherwise(self, levels: Levels) -> Iterator[Quad]:
        """Rough quads in the photograph mirrored and transposed, for the network errs by chance mostly, and in parts of
        it, where a card is too small in the whole or too close to something. As `locate` gives them."""
        width = levels[0].shape[1]
        mirrored = self.locate([level[:, ::-1] for level in levels])
        if mirrored is not None:
            yield (mirrored * (-1.0, 1.0) + (width - 1.0, 0.0))[::-1]
        transposed = self.locate([level.swapaxes(0, 1) for level in levels])
        if transposed is not None:
            yield transposed[::-1, ::-1]
        for x, y, part in parts_of(levels):
            quad = self.locate(part)
            if quad is not None:
                yield quad + np.array((x, y))

    def locate(self, levels: Levels) -> Quad | None:
        """The rough quad of the first pass, clockwise as seen, a long side first; None where nothing stands out."""
        height, width = levels[0].shape[:2]
        scale = LOCATOR_FRAME / max(height, width)
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        left, top = (LOCATOR_SIDE - size[0]) // 2, (LOCATOR_SIDE - size[1]) // 2
        image = np.full((LOCATOR_SIDE, LOCATOR_SIDE, 3), GREY, dtype=np.uint8)
        source = levels[_level(1 / scale, levels)]
        image[top : top + size[1], left : left + size[0]] = cv2.resize(source, size, interpolation=cv2.INTER_AREA)
        (distances,) = self._locator.run(["distance"], {"pixels": image[None]})
        rough = outline(distances[0])
        if rough is None:
            return None
        shift, back = np.array((left, top)) - 0.5, np.array((width / size[0], height / size[1]))
        return np.asarray((fit_quad(distances[0], rough) - shift) * back - 0.5)

    def _refine(self, levels: Levels, quad: Quad) -> _Look:
        """Looks closely at `quad`: its corners moved to the edge of the card and in the card's own order."""
        image = flatten(levels, quad, SLOT, REFINER_SIZE)
        distances, orders, kinds = self._refiner.run(["distance", "order", "kind"], {"pixels": image[None]})
        rough = outline(distances[0])
        fitted = fit_quad(distances[0], SLOT if rough is None else nearest_turn(rough, SLOT))
        order = int(np.argmax(orders[0]))
        moved = float(np.abs(fitted - SLOT).max()) if order == 0 else np.inf
        corners = order_corners(map_points(map_quad(SLOT, quad), fitted), order)
        return _Look(corners, float(kinds[0, 0]), float(kinds[0, 1]), moved)


def halvings(pixels: Pixels) -> Levels:
    """The image, and it averaged down to half of its size again and again, as far as the locator has use for it."""
    levels = [pixels]
    while max(levels[-1].shape) >= 2 * LOCATOR_FRAME and min(levels[-1].shape[:2]) >= 2:
        height, width = levels[-1].shape[0] // 2, levels[-1].shape[1] // 2
        even = levels[-1][: 2 * height, : 2 * width]
        levels.append(np.asarray(cv2.resize(even, (width, height), interpolation=cv2.INTER_AREA), dtype=np.uint8))
    return levels


def parts_of(levels: Levels) -> list[tuple[int, int, Levels]]:
    """The parts of _PARTS, each with the place of its top-left corner in pixels of the image; too small ones left out.

    Places and sizes are multiples of a pixel of the smallest level, so that all levels show the same part.
    """
    height, width = levels[0].shape[:2]
    step = 2 ** (len(levels) - 1)
    wide, tall = int(width * _PART) // step, int(height * _PART) // step
    parts = []
    for u, v in _PARTS if wide and tall else ():
        x, y = int(u * (width // step - wide)) * step, int(v * (height // step - tall)) * step
        right, bottom = x + wide * step, y + tall * step
        parts.append((x, y, [level[y >> k : bottom >> k, x >> k : right >> k] for k, level in enumerate(levels)]))
    return parts


def _level(detail: float, levels: Levels) -> int:
    """The level to take where `detail` pixels of the image become one: what is left to shrink is below 1.7."""
    return min(len(levels) - 1, max(0, int(np.log2(max(detail, 1e-3)) + 0.25)))


def order_corners(quad: Quad, order: int) -> Quad:
    """The quad in the card's own order, given it clockwise as seen and which of the eight orders the card has.

    Order k < 4: the card's top-left corner is corner k, the others follow clockwise; 4 + k: they follow anticlockwise.
    """
    steps = np.arange(4) if order < 4 else -np.arange(4)
    return np.asarray(quad[(order + steps) % 4])


def flatten(levels: Levels, quad: Quad, target: Quad, size: tuple[int, int]) -> Pixels:
    """What lies in `quad` (pixels of the full image) warped to `target` in an image of `size`, width and height.

    The warp starts from a level of about the wanted size, for warping alone would alias.
    """
    sides = np.linalg.norm(quad - np.roll(quad, 1, axis=0), axis=1)
    wanted = np.linalg.norm(target - np.roll(target, 1, axis=0), axis=1)
    level = _level(float(np.median(sides / wanted)), levels)
    step = 2.0**level
    matrix = map_quad(quad, target) @ scaling(step, step)
    warped = cv2.warpPerspective(levels[level], matrix, size, borderMode=cv2.BORDER_CONSTANT, borderValue=GREY)
    return np.asarray(warped, dtype=np.uint8)
