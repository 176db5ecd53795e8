"""Generated scenes on disk, reduced to what the networks see of them: a small view and a flat crop of the card.

Generating a scene costs a second, learning from one a hundredth of that: each is made once and seen in many ways.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from worker.engines.corners import GREY, flatten, halvings
from worker.engines.edges import long_side_first
from worker.pipeline.types import Quad
from worker.training.scenes.generator import LabelledScene, generate_scene

VIEW_SIDE = 256
"""Longest side of a view, which lies in the top-left corner of a square of this side, in pixels."""

CROP_SIZE = (448, 304)
CROP_CARD = np.array([(88.0, 66.0), (360.0, 66.0), (360.0, 238.0), (88.0, 238.0)]) - 0.5
"""Where a crop of this width and height has the card, top-left corner of the card first: always upright."""

KINDS = ("ktp", "document", "none")
SPACING = 64
"""Between seeds: a thousand neighbouring ones share their card faces, so far apart next to none do."""

SHARD = 20
"""Scenes in a shard; a shard is written whole or not at all."""


@dataclass(frozen=True)
class Bank:
    """n scenes. `views` (n, 256, 256, 3) with `sizes` (n, 2), width and height in use; `quads` (n, 4, 2) in pixels of
    the view, nan where there is no card; `crops` (n, 304, 448, 3); `kinds` (n,), index into KINDS."""

    views: NDArray[np.uint8]
    sizes: NDArray[np.int64]
    quads: NDArray[np.float64]
    crops: NDArray[np.uint8]
    kinds: NDArray[np.int64]


def _anywhere(scene: LabelledScene, seed: int) -> Quad:
    """A quad of a card's proportions somewhere in a scene that has none."""
    rng = np.random.default_rng(seed)
    height, width = scene.pixels.shape[:2]
    half = min(width, height) * float(rng.uniform(0.2, 0.55))
    corners = np.array([(-1, -0.63), (1, -0.63), (1, 0.63), (-1, 0.63)]) * half + rng.normal(0, 0.04, (4, 2)) * half
    turn = float(rng.uniform(0, 2 * np.pi))
    turned = corners @ np.array([(np.cos(turn), np.sin(turn)), (-np.sin(turn), np.cos(turn))])
    return np.asarray(turned + rng.uniform(0.3, 0.7, 2) * (width, height))


def reduce_scene(scene: LabelledScene, seed: int) -> Bank:
    """The scene as a bank of one; `seed` says where to look for a card in a scene that has none."""
    height, width = scene.pixels.shape[:2]
    scale = VIEW_SIDE / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    view = np.full((VIEW_SIDE, VIEW_SIDE, 3), GREY, dtype=np.uint8)
    view[: size[1], : size[0]] = cv2.resize(scene.pixels, size, interpolation=cv2.INTER_AREA)
    quad = np.full((4, 2), np.nan)
    if scene.quad is not None:
        quad = (scene.quad + 0.5) * (size[0] / width, size[1] / height) - 0.5
    around = _anywhere(scene, seed) if scene.quad is None else scene.quad
    if scene.kind != "ktp":
        around = long_side_first(around)
    crop = flatten(halvings(scene.pixels), around, CROP_CARD, CROP_SIZE)
    return Bank(view[None], np.array([size]), quad[None], crop[None], np.array([KINDS.index(scene.kind)]))


def _join(banks: list[Bank]) -> Bank:
    return Bank(
        np.concatenate([bank.views for bank in banks]),
        np.concatenate([bank.sizes for bank in banks]),
        np.concatenate([bank.quads for bank in banks]),
        np.concatenate([bank.crops for bank in banks]),
        np.concatenate([bank.kinds for bank in banks]),
    )


def write_shard(path: Path, scenes: list[Bank]) -> None:
    """Write `scenes` to `path`, whole or not at all."""
    bank = _join(scenes)
    partial = path.with_suffix(".partial")
    with partial.open("wb") as file:
        np.savez(file, views=bank.views, sizes=bank.sizes, quads=bank.quads, crops=bank.crops, kinds=bank.kinds)
    partial.replace(path)


def write_bank(folder: Path, first_seed: int, count: int) -> None:
    """Generate the scenes that `folder` lacks of `count` seeds from first_seed on, SPACING apart, a shard at a time."""
    folder.mkdir(parents=True, exist_ok=True)
    for start in range(first_seed, first_seed + count * SPACING, SHARD * SPACING):
        path = folder / f"{start:08d}.npz"
        if not path.exists():
            seeds = range(start, start + SHARD * SPACING, SPACING)
            write_shard(path, [reduce_scene(generate_scene(seed), seed) for seed in seeds])


def read_bank(folder: Path) -> Bank:
    """All scenes in `folder`, in the order of their seeds; raises FileNotFoundError if there is none.

    A scene takes 0.6 MB. The shards go one after the other into arrays of their final size, for twice that size would
    be more than machines have.
    """
    paths = sorted(folder.glob("*.npz"))
    if not paths:
        raise FileNotFoundError(f"no scenes in {folder}: run write_bank first")
    names = [field.name for field in fields(Bank)]
    counts = [len(np.load(path)["kinds"]) for path in paths]
    arrays: dict[str, NDArray[Any]] = {}
    start = 0
    for path, count in zip(paths, counts, strict=True):
        with np.load(path) as shard:
            for name in names:
                part = shard[name]
                if name not in arrays:
                    arrays[name] = np.empty((sum(counts), *part.shape[1:]), dtype=part.dtype)
                arrays[name][start : start + count] = part
        start += count
    return Bank(**arrays)
