"""The training of either network: batches drawn on the fly from the banks, and a step on a batch."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
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
from worker.training.loop import PEAK_RATE, WARM_PEAK_RATE, Run, Trained, descend, load_averaged, run_training
from worker.training.warmstart import load_shipped

Stage = Literal["locator", "refiner"]
Batch = tuple[Tensor, Tensor, Tensor, Tensor]
"""Pixels (n, height, width, 3) uint8; quads (n, 4, 2); orders (n,); kinds (n,)."""

SHAPES: dict[Stage, NetworkShape] = {"locator": LOCATOR, "refiner": REFINER}
BATCH = 32
_WARM_BATCHES = 16
_RELOAD_BATCHES = 250


@dataclass(frozen=True)
class Schedule:
    """`minutes` of training in all, which the rate of learning follows; `threads` of the processor to use.

    `start` is a shipped model to begin with where there is no checkpoint; None begins with nothing learnt.
    """

    minutes: float
    start: Path | None = None
    threads: int = 1
    seed: int = 0


class _Batches(IterableDataset[Batch]):
    """Endless batches; the banks are read again now and then, since they may still be growing."""

    def __init__(self, folder: Path, stage: Stage, seed: int) -> None:
        self._folder, self._stage, self._seed = folder, stage, seed

    def __iter__(self) -> Iterator[Batch]:
        cv2.setNumThreads(1)
        rng = np.random.default_rng(self._seed)
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
                samples = [getattr(sampler, self._stage)(rng) for _ in range(BATCH)]
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
    """Train a stage on the banks in `folder`, from its checkpoint there if it has one, for what is left of its time.

    A start from a shipped model learns at half the rate, since there is less to learn than to lose.
    """
    torch.set_num_threads(schedule.threads)
    torch.manual_seed(schedule.seed)
    path = folder / f"{stage}.pt"
    network = CornerNetwork(SHAPES[stage])
    warm = schedule.start is not None and not path.exists()
    if schedule.start and warm:
        drawn = itertools.islice(_Batches(folder, stage, schedule.seed), _WARM_BATCHES)
        load_shipped(schedule.start, network, (_planes(pixels) for pixels, *_ in drawn))
    run = Run(network, WARM_PEAK_RATE if warm else PEAK_RATE)
    if path.exists():
        run.restore(path)
    batches = _Batches(folder, stage, schedule.seed + run.step)
    run_training(run, path, batches, train_step, schedule.minutes, report)
