"""Training samples: what either network might be shown, drawn anew each time from the banks of scenes and cards."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from worker.engines.corners import GREY, LOCATOR_FRAME, LOCATOR_SIDE, REFINER_SIZE, order_corners
from worker.pipeline.geometry import map_points
from worker.pipeline.types import Homography, Pixels, Quad
from worker.training.camera import Pose, homography, place_sheet
from worker.training.corners.bank import CROP_CARD, KINDS, Bank
from worker.training.corners.light import relight
from worker.training.corners.pasting import lay_card
from worker.training.corners.transforms import random_slot, random_view, similarity

NO_ORDER = -1
_KTP = KINDS.index("ktp")
_NONE = KINDS.index("none")
_PASTED, _BLANK = 0.4, 0.06
_MARGIN = (LOCATOR_SIDE - LOCATOR_FRAME) // 2
_BORDERS = (cv2.BORDER_REPLICATE, cv2.BORDER_REFLECT_101, cv2.BORDER_CONSTANT)


@dataclass(frozen=True)
class Sample:
    """`pixels` of a network's input, BGR; `quad` in its pixels, nan where there is no card, inf where there may be one
    but nobody knows its corners; `order` 0 to 7 or NO_ORDER; `kind` 0 to 2, index into bank.KINDS."""

    pixels: Pixels
    quad: Quad
    order: int
    kind: int


def _warp(pixels: Pixels, matrix: Homography, size: tuple[int, int], border: int) -> Pixels:
    warped = cv2.warpPerspective(pixels, matrix, size, flags=cv2.INTER_LINEAR, borderMode=border, borderValue=GREY)
    return np.asarray(warped, dtype=np.uint8)


class Sampler:
    """Draws samples from a bank of scenes and from flat cards, shape (n, height, width, 3), laid into those scenes."""

    def __init__(self, bank: Bank, cards: NDArray[np.uint8]) -> None:
        self._bank = bank
        self._cards = cards
        self._held = np.flatnonzero(bank.kinds == _KTP)
        self._grounds = np.flatnonzero(bank.kinds != _KTP)
        self._bare = np.flatnonzero(bank.kinds == _NONE)

    def _card(self, rng: np.random.Generator) -> Pixels:
        """A flat card: a rendered one, or one cut out of a scene with its light and whatever covers it."""
        if len(self._cards) and rng.random() < 0.5:
            card = self._cards[rng.integers(len(self._cards))]
        else:
            low, high = CROP_CARD[0] + 0.5, CROP_CARD[2] + 0.5
            crop = self._bank.crops[self._held[rng.integers(len(self._held))]]
            card = crop[round(low[1]) : round(high[1]), round(low[0]) : round(high[0])]
        return relight(np.ascontiguousarray(card), rng) if rng.random() < 0.5 else np.ascontiguousarray(card)

    def _blank(self, rng: np.random.Generator) -> Pixels:
        """A card without print: one colour, sometimes with a stripe or a box of another, in uneven light."""
        card = np.empty((*self._cards.shape[1:3], 3), dtype=np.uint8)
        card[:] = rng.integers(0, 256, 3) if rng.random() < 0.6 else rng.integers(170, 256)
        if rng.random() < 0.4:
            top, left = int(rng.integers(0, 200)), int(rng.integers(-400, 300))
            card[top : top + int(rng.integers(10, 120)), max(0, left) : left + 500] = rng.integers(0, 256, 3)
        return relight(card, rng)

    def _pick(self, rng: np.random.Generator) -> tuple[int, Pixels | None, int]:
        """A scene, a card to lay into it or None to leave it as it is, and the kind of what is then to be found."""
        choice = rng.random()
        if choice < _BLANK:
            return int(rng.choice(self._bare)), self._blank(rng), _NONE
        if choice < _BLANK + _PASTED:
            return int(rng.choice(self._grounds)), self._card(rng), _KTP
        index = int(rng.integers(len(self._bank.kinds)))
        return index, None, int(self._bank.kinds[index])

    def locator(self, rng: np.random.Generator) -> Sample:
        """What the locator sees: a photograph in a square, with the card's own quad.

        A blank card laid into it counts, for from so far it may as well be another document: the refiner knows.
        """
        index, card, kind = self._pick(rng)
        width, height = self._bank.sizes[index].tolist()
        quad = self._bank.quads[index]
        keep = None if card is not None or np.isnan(quad).any() else quad
        matrix, part = random_view((width, height), keep, rng)
        border = cv2.BORDER_REPLICATE if part else int(rng.choice(_BORDERS))
        pixels = _warp(self._bank.views[index][:height, :width], matrix, (LOCATOR_SIDE, LOCATOR_SIDE), border)
        quad = map_points(matrix, quad)
        if card is not None:
            left, top, right, bottom = part or (_MARGIN, _MARGIN, LOCATOR_SIDE - _MARGIN, LOCATOR_SIDE - _MARGIN)
            quad = self._pose(right - left, bottom - top, rng) + np.array((left, top))
            if rng.random() < 0.5:
                quad = quad[[1, 0, 3, 2]]
            pixels = lay_card(pixels, card, quad, rng)
        pixels = relight(pixels, rng)
        if part:
            framed = np.full_like(pixels, GREY[0])
            left, top, right, bottom = part
            framed[top:bottom, left:right] = pixels[top:bottom, left:right]
            pixels = framed
        return Sample(pixels, quad, NO_ORDER, kind)

    def _pose(self, width: int, height: int, rng: np.random.Generator) -> Quad:
        """Corners of a card anywhere in a frame of this size, at times larger than it."""
        share = float(rng.uniform(0.2, 1.0)) if rng.random() < 0.9 else float(rng.uniform(1.0, 1.2))
        turn = float(rng.uniform(0, 360)) if rng.random() < 0.6 else float(rng.normal(0, 6)) + 90 * int(rng.integers(4))
        lean_x, lean_y = np.clip(rng.normal(0, 13, 2), -35, 35).tolist()
        off_x, off_y = rng.uniform(-1, 1, 2).tolist()
        return place_sheet((1600, 1009), (width, height), Pose(turn, lean_x, lean_y, share, off_x, off_y))

    def refiner(self, rng: np.random.Generator) -> Sample:
        """What the refiner sees: the card about in its slot, in one of eight orders."""
        slot, order = random_slot(rng)
        quad = order_corners(slot, order)
        index, card, kind = self._pick(rng)
        crop = self._bank.crops[index]
        if card is None:
            pixels = _warp(crop, homography(CROP_CARD, quad), REFINER_SIZE, cv2.BORDER_CONSTANT)
            if np.isnan(self._bank.quads[index]).any():
                quad = np.full((4, 2), np.inf)
        else:
            middle = (np.array(REFINER_SIZE) - 1) / 2
            start = CROP_CARD.mean(axis=0) + rng.uniform(-90, 90, 2)
            turn, scale = float(rng.uniform(0, 360)), float(np.exp(rng.uniform(-0.4, 0.7)))
            matrix = similarity(start, middle, scale, turn, bool(rng.random() < 0.5))
            ground = _warp(crop, matrix, REFINER_SIZE, int(rng.choice(_BORDERS)))
            pixels = lay_card(ground, card, quad, rng)
        return Sample(relight(pixels, rng), quad, order if kind == _KTP else NO_ORDER, kind)
