"""Adds to the bank what the locator takes for a card where there is none: the mistakes that the refiner has to undo."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from worker.engines.corners import CornerEngine, flatten, halvings
from worker.training.corners.bank import CROP_CARD, CROP_SIZE, SHARD, SPACING, Bank, reduce_scene, write_shard
from worker.training.scenes.generator import generate_scene


def mine_scene(engine: CornerEngine, seed: int) -> Bank | None:
    """The scene of `seed` with the locator's quad as its crop; None if there is none, or a card whose quad is known."""
    scene = generate_scene(seed)
    levels = halvings(scene.pixels)
    rough = engine.locate(levels)
    if scene.quad is not None or rough is None:
        return None
    crop = flatten(levels, rough, CROP_CARD, CROP_SIZE)
    return replace(reduce_scene(scene, seed), crops=crop[None])


def bare_seeds(folder: Path) -> list[int]:
    """Seeds of the scenes in `folder` that have no card, or one whose quad is not known."""
    seeds = []
    for path in sorted(folder.glob("[0-9]*.npz")):
        bare = np.isnan(np.load(path)["quads"]).any(axis=(1, 2))
        seeds += [int(path.stem) + int(index) * SPACING for index in np.flatnonzero(bare)]
    return seeds


def write_mined(folder: Path, engine: CornerEngine) -> None:
    """Mine the scenes without a card in `folder` and write what comes of it beside them, a shard at a time."""
    found: list[Bank] = []
    for seed in bare_seeds(folder):
        mined = mine_scene(engine, seed)
        if mined is not None:
            found.append(mined)
        if len(found) == SHARD:
            write_shard(folder / f"mined-{seed:08d}.npz", found)
            found = []
