"""The training of the line reader: batches drawn on the fly, and a step on a batch by CTC."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor
from torch.nn import functional
from torch.utils.data import IterableDataset

from worker.engines.strips import WIDTH_STEP, Network, pad
from worker.pipeline.characters import ALPHABET, BLANK
from worker.training.loop import Schedule, Trained, descend, load_averaged, run_training, start_run, worker_rng
from worker.training.strips.bank import read_lines
from worker.training.strips.grounds import Grounds
from worker.training.strips.network import SHAPES, StripNetwork
from worker.training.strips.samples import Sample, Sampler

_POOL = 12
"""Batches that are drawn at once and sorted by width, so that little of a batch is padding."""

_FIRST_STRENGTH, _FULL_STRENGTH_SAMPLES = 0.15, 32_000
"""Faults of lines set anew are rare at first: a network that reads nothing yet learns nothing from smears."""

_GROWTH = 1.25

_CLASSES = {character: index for index, character in enumerate(ALPHABET)}


@dataclass(frozen=True)
class Batch:
    """`pixels` (n, 40, width) uint8, of which the first `widths` (n,) columns are no padding; `classes`: of all
    characters of all texts, one after another; `lengths` (n,): characters of each text."""

    pixels: Tensor
    widths: Tensor
    classes: Tensor
    lengths: Tensor


def collate(samples: list[Sample]) -> Batch:
    """The samples as a batch, padded as the engine pads to the width of the widest."""
    width = max(sample.pixels.shape[1] for sample in samples)
    width += -width % WIDTH_STEP
    return Batch(
        torch.from_numpy(np.stack([pad(sample.pixels, width) for sample in samples])),
        torch.tensor([sample.pixels.shape[1] for sample in samples], dtype=torch.int64),
        torch.tensor([_CLASSES[character] for sample in samples for character in sample.text], dtype=torch.int64),
        torch.tensor([len(sample.text) for sample in samples], dtype=torch.int64),
    )


class _Batches(IterableDataset[Batch]):
    """Endless batches, when so many samples were `drawn` already; the bank is read again when it has grown by a
    quarter."""

    def __init__(self, folder: Path, network: Network, schedule: Schedule, drawn: int) -> None:
        self._folder, self._network, self._schedule, self._drawn = folder, network, schedule, drawn

    def _shards(self) -> int:
        return len(list(self._folder.glob("lines/*.npz")))

    def __iter__(self) -> Iterator[Batch]:
        cv2.setNumThreads(1)
        size, drawn = self._schedule.batch, self._drawn
        rng = worker_rng(self._schedule.seed, drawn)
        grounds = Grounds(rng)
        sampler, known = Sampler(grounds, read_lines(self._folder / "lines"), self._network), self._shards()
        while True:
            if self._shards() > known * _GROWTH:
                sampler, known = Sampler(grounds, read_lines(self._folder / "lines"), self._network), self._shards()
            learnt = 1.0 if self._schedule.start else drawn / _FULL_STRENGTH_SAMPLES
            pool = [sampler.draw(rng, min(1.0, _FIRST_STRENGTH + learnt)) for _ in range(_POOL * size)]
            pool.sort(key=lambda sample: sample.pixels.shape[1])
            for start in rng.permutation(_POOL).tolist():
                yield collate(pool[start * size : (start + 1) * size])
            drawn += _POOL * size * self._schedule.workers


def _planes(pixels: Tensor) -> Tensor:
    """Pixels (n, 40, width), uint8 → what the network takes."""
    return pixels.unsqueeze(1).to(torch.float32).div_(255).contiguous(memory_format=torch.channels_last)


def train_step(network: StripNetwork, optimizer: torch.optim.Optimizer, batch: Batch) -> float:
    """One step on a batch, where the network is; gives its loss. Convolutions run in bfloat16: 4 times faster on
    processors that have it, and on GPUs."""
    device = next(network.parameters()).device
    with torch.autocast(device.type, torch.bfloat16):
        steps = network(_planes(batch.pixels.to(device)), batch.widths.to(device))
    sizes = torch.full((len(batch.pixels),), steps.shape[1], dtype=torch.int64)
    classes = batch.classes.to(device)
    loss = functional.ctc_loss(steps.transpose(0, 1), classes, sizes, batch.lengths, blank=BLANK, zero_infinity=True)
    return descend(network, optimizer, loss)


def load_reader(folder: Path, network: Network) -> Trained:
    """What the checkpoint of a network in `folder` holds."""
    return load_averaged(folder / f"{network}.pt", StripNetwork(SHAPES[network]))


def train(folder: Path, network: Network, schedule: Schedule, report: Callable[[str], None]) -> None:
    """Train on lines set anew and those in `folder`, from its checkpoint if it has one, for what is left of the time.

    Raises FontMissingError.
    """
    path = folder / f"{network}.pt"
    # A shipped model is taken up with strips as they are padded: batches are of like width.
    drawn = (_planes(batch.pixels) for batch in _Batches(folder, network, schedule, 0))
    run = start_run(StripNetwork(SHAPES[network]), path, schedule, drawn)
    run_training(run, path, _Batches(folder, network, schedule, run.samples), train_step, schedule, report)
