"""The training of either network: batches drawn on the fly from the banks, and a step on a batch."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

import cv2
import numpy as np
import torch
from torch import Tensor
from torch.utils.data import IterableDataset

from worker.training.corners.bank import read_bank
from worker.training.corners.cards import read_cards
from worker.training.corners.losses import corner_loss
from worker.training.corners.network import LOCATOR, REFINER, CornerNetwork, NetworkShape
from worker.training.corners.samples import Sampler
from worker.training.loop import Schedule, Trained, descend, load_averaged, run_training, start_run, worker_rng

Stage = Literal["locator", "refiner"]
Batch = tuple[Tensor, Tensor, Tensor, Tensor]
"""Pixels (n, height, width, 3) uint8; quads (n, 4, 2); orders (n,); kinds (n,)."""

SHAPES: dict[Stage, NetworkShape] = {"locator": LOCATOR, "refiner": REFINER}
_RELOAD_BATCHES = 250


class _Batches(IterableDataset[Batch]):
    """Endless batches; the banks are read again now and then, since they may still be growing."""

    def __init__(self, folder: Path, stage: Stage, seed: int, size: int) -> None:
        self._folder, self._stage, self._seed, self._size = folder, stage, seed, size

    def __iter__(self) -> Iterator[Batch]:
        cv2.setNumThreads(1)
        rng = worker_rng(self._seed)
        known = -1
        sampler: Sampler | None = None
        while True:
            shards = len(list(self._folder.glob("*/*.np[yz]")))
            if sampler is None or shards != known:
                # The old banks go before the new ones come: both at once are more than memory has.
                sampler = None
                sampler = Sampler(read_bank(self._folder / "scenes"), read_cards(self._folder / "cards"))
                known = shards
            for _ in range(_RELOAD_BATCHES):
                samples = [getattr(sampler, self._stage)(rng) for _ in range(self._size)]
                yield (
                    torch.from_numpy(np.stack([sample.pixels for sample in samples])),
                    torch.from_numpy(np.stack([sample.quad for sample in samples]).astype(np.float32)),
                    torch.tensor([sample.order for sample in samples]),
                    torch.tensor([sample.kind for sample in samples]),
                )


def _planes(pixels: Tensor) -> Tensor:
    """Pixels (n, height, width, 3), uint8 → what the network takes."""
    return pixels.permute(0, 3, 1, 2).to(torch.float32).div_(255).contiguous(memory_format=torch.channels_last)


def train_step(network: CornerNetwork, optimizer: torch.optim.Optimizer, batch: Batch) -> float:
    """One step on a batch; gives its loss. Convolutions run in bfloat16, 4 times faster on processors that have it."""
    pixels, quads, orders, kinds = batch
    with torch.autocast("cpu", torch.bfloat16):
        outputs = network(_planes(pixels))
    return descend(network, optimizer, corner_loss(outputs, quads, orders, kinds))


def load_stage(folder: Path, stage: Stage) -> Trained:
    """What the checkpoint of a stage in `folder` holds."""
    return load_averaged(folder / f"{stage}.pt", CornerNetwork(SHAPES[stage]))


def train_stage(folder: Path, stage: Stage, schedule: Schedule, report: Callable[[str], None]) -> None:
    """Train a stage on the banks in `folder`, from its checkpoint there if it has one, for what is left of its time."""
    path = folder / f"{stage}.pt"
    drawn = (_planes(pixels) for pixels, *_ in _Batches(folder, stage, schedule.seed, schedule.batch))
    run = start_run(CornerNetwork(SHAPES[stage]), path, schedule, drawn)
    batches = _Batches(folder, stage, schedule.seed + run.step, schedule.batch)
    run_training(run, path, batches, train_step, schedule, report)
