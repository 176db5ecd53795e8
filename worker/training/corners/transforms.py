"""Random placements: how a photograph lies in the locator's input, and a card in the refiner's."""

from __future__ import annotations

import numpy as np

from worker.engines.corners import LOCATOR_FRAME, LOCATOR_SIDE, SLOT
from worker.pipeline.geometry import map_points
from worker.pipeline.types import Homography, Quad

SLOT_WIDTH = float(np.ptp(SLOT[:, 0]))
_SECOND_LOOK, _FAR_OFF, _SIDEWAYS = 0.35, 0.25, 0.1
_LYING, _STANDING = (0, 2, 5, 7), (1, 3, 4, 6)
"""Orders of a card whose long side lies along the slot's, and of one whose long side stands across it."""


def similarity(source: Quad, target: Quad, scale: float, turn: float, mirrored: bool) -> Homography:
    """Takes the point `source` to `target`, scales, turns clockwise by `turn` degrees after mirroring left to right."""
    angle = np.deg2rad(turn)
    linear = scale * np.array([(np.cos(angle), -np.sin(angle)), (np.sin(angle), np.cos(angle))])
    if mirrored:
        linear = linear @ np.diag((-1.0, 1.0))
    matrix = np.eye(3)
    matrix[:2, :2] = linear
    matrix[:2, 2] = target - linear @ source
    return matrix


def _cut_frame(size: tuple[int, int], keep: Quad | None, rng: np.random.Generator) -> Quad:
    """Low and high corner of a part of an image of `size`; `keep` stays inside, nearly always."""
    low, high = np.array((-0.5, -0.5)), np.array(size) - 0.5
    room = np.array(size) * 0.5
    most_low, most_high = low + room, high - room
    if keep is not None and rng.random() < 0.95:
        most_low = np.clip(keep.min(axis=0) - 1, low, most_low)
        most_high = np.clip(keep.max(axis=0) + 1, most_high, high)
    share = rng.random(4) * (rng.random(4) < 0.6)
    return np.stack([low + (most_low - low) * share[:2], high - (high - most_high) * share[2:]])


def random_view(
    size: tuple[int, int], quad: Quad | None, rng: np.random.Generator
) -> tuple[Homography, tuple[int, int, int, int] | None]:
    """How a photograph of `size` (width, height) lies in the locator's input, as a homography, and the part of the
    input it covers (left, top, right, bottom), None where it is turned freely.

    Mostly a part of it stands there as the engine puts it, by quarter turns and mirrored half of the time.
    """
    low, high = np.array((-0.5, -0.5)), np.array(size) - 0.5
    if rng.random() < 0.6:
        low, high = _cut_frame(size, quad, rng)
    middle = np.full(2, (LOCATOR_SIDE - 1) / 2)
    extent = high - low
    mirrored = rng.random() < 0.5
    scale = LOCATOR_FRAME / float(extent.max())
    if rng.random() < 0.25:
        turn = float(rng.uniform(0, 360))
        free = similarity(
            (low + high) / 2,
            middle + rng.normal(0, 0.04, 2) * LOCATOR_SIDE,
            scale * float(rng.uniform(0.8, 1.25)),
            turn,
            mirrored,
        )
        return free, None
    quarters = int(rng.integers(4))
    matrix = similarity((low + high) / 2, middle, scale, 90.0 * quarters, mirrored)
    corners = map_points(matrix, np.stack([low, high]))
    left, top = np.rint(corners.min(axis=0) + 0.5).astype(int).tolist()
    right, bottom = np.rint(corners.max(axis=0) + 0.5).astype(int).tolist()
    return matrix, (left, top, right, bottom)


def random_slot(rng: np.random.Generator) -> tuple[Quad, int]:
    """Where the card lies in the refiner's input, clockwise as seen, and which of the eight orders it has.

    A first look comes from the locator's rough quad, which is at times far off, a second one from a refined quad in the
    card's own order.
    """
    choice = rng.random()
    second = choice < _SECOND_LOOK
    spread = 0.25 if second else 2.0 if choice > 1 - _FAR_OFF else 1.0
    middle = SLOT.mean(axis=0)
    scale = float(np.exp(rng.normal(0, 0.05 * spread)))
    turned = similarity(middle, middle, scale, float(rng.normal(0, 3.0 * spread)), False)
    quad = map_points(turned, SLOT) + rng.normal(0, 0.02 * spread, (4, 2)) * SLOT_WIDTH
    quad += rng.normal(0, 0.025 * spread, 2) * SLOT_WIDTH
    if second and rng.random() < 0.8:
        return quad, 0
    return quad, int(rng.choice(_STANDING if rng.random() < _SIDEWAYS else _LYING))
