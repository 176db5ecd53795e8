"""Flat cards on disk, to be laid into training scenes: one shard of small renderings for each run of seeds."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from worker.training.card import render_card
from worker.training.person import random_person
from worker.training.style import random_style

CARD_SIZE = (400, 252)
"""Width and height of a stored card in pixels: twice what the networks see of it."""

SHARD = 20
"""Cards in a shard; a shard is written whole or not at all."""


def render_flat(seed: int) -> NDArray[np.uint8]:
    """The card of `seed`, shape (252, 400, 3), BGR, without the alpha of its rounded corners."""
    rng = np.random.default_rng(seed)
    card = render_card(random_person(rng), random_style(rng), rng)
    return np.asarray(cv2.resize(card.pixels, CARD_SIZE, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def write_cards(folder: Path, first_seed: int, count: int) -> None:
    """Render the cards that `folder` lacks of seeds first_seed to first_seed + count, a shard at a time."""
    folder.mkdir(parents=True, exist_ok=True)
    for start in range(first_seed, first_seed + count, SHARD):
        path = folder / f"{start:08d}.npy"
        if path.exists():
            continue
        pixels = np.stack([render_flat(seed) for seed in range(start, start + SHARD)])
        partial = path.with_suffix(".partial")
        with partial.open("wb") as file:
            np.save(file, pixels)
        partial.replace(path)


def read_cards(folder: Path) -> NDArray[np.uint8]:
    """All cards in `folder`, shape (n, 252, 400, 3); n is 0 if there are none."""
    shards = [np.load(path) for path in sorted(folder.glob("*.npy"))]
    return np.concatenate(shards) if shards else np.zeros((0, CARD_SIZE[1], CARD_SIZE[0], 3), dtype=np.uint8)
