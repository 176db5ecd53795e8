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

from worker.engines.strips import WIDTH_STEP
from worker.pipeline.characters import ALPHABET, BLANK
from worker.training.loop import Schedule, Trained, descend, load_averaged, run_training, start_run
from worker.training.strips.bank import read_lines
from worker.training.strips.grounds import Grounds
from worker.training.strips.network import StripNetwork
from worker.training.strips.samples import Course, Sample, Sampler

CHECKPOINT = "strips.pt"
BATCH = 32
_POOL = 12
"""Batches that are drawn at once and sorted by width, so that little of a batch is padding."""

_FIRST_STRENGTH, _FULL_STRENGTH_STEPS = 0.15, 1000
"""Faults of lines set anew are rare at first: a network that reads nothing yet learns nothing from smears."""

_GROWTH = 1.25

_CLASSES = {character: index for index, character in enumerate(ALPHABET)}


@dataclass(frozen=True)
class Batch:
    """`pixels` (n, 40, width) uint8; `classes`: of all characters of all texts, one after another; `lengths`
    (n,): characters of each text."""

    pixels: Tensor
    classes: Tensor
    lengths: Tensor


def collate(samples: list[Sample]) -> Batch:
    """The samples as a batch, padded as the engine pads to the width of the widest."""
    width = max(sample.pixels.shape[1] for sample in samples)
    width += -width % WIDTH_STEP
    pixels = [
        cv2.copyMakeBorder(sample.pixels, 0, 0, 0, width - sample.pixels.shape[1], cv2.BORDER_REPLICATE)
        for sample in samples
    ]
    return Batch(
        torch.from_numpy(np.stack(pixels)),
        torch.tensor([_CLASSES[character] for sample in samples for character in sample.text], dtype=torch.int64),
        torch.tensor([len(sample.text) for sample in samples], dtype=torch.int64),
    )


class _Batches(IterableDataset[Batch]):
    """Endless batches from `step` on; the bank is read again when it has grown by a quarter."""

    def __init__(self, folder: Path, course: Course, seed: int, step: int) -> None:
        self._folder, self._course, self._seed, self._step = folder, course, seed, step

    def _shards(self) -> int:
        return len(list(self._folder.glob("lines/*.npz")))

    def __iter__(self) -> Iterator[Batch]:
        cv2.setNumThreads(1)
        rng = np.random.default_rng((self._seed, self._step))
        grounds, step = Grounds(rng), self._step
        sampler, known = Sampler(grounds, read_lines(self._folder / "lines"), self._course), self._shards()
        while True:
            if self._shards() > known * _GROWTH:
                sampler, known = Sampler(grounds, read_lines(self._folder / "lines"), self._course), self._shards()
            strength = min(1.0, _FIRST_STRENGTH + step / _FULL_STRENGTH_STEPS)
            pool = [sampler.draw(rng, strength) for _ in range(_POOL * BATCH)]
            pool.sort(key=lambda sample: sample.pixels.shape[1])
            for start in rng.permutation(_POOL).tolist():
                yield collate(pool[start * BATCH : (start + 1) * BATCH])
            step += _POOL


def _planes(pixels: Tensor) -> Tensor:
    """Pixels (n, 40, width), uint8 → what the network takes."""
    return pixels.unsqueeze(1).to(torch.float32).div_(255).contiguous(memory_format=torch.channels_last)


def train_step(network: StripNetwork, optimizer: torch.optim.Optimizer, batch: Batch) -> float:
    """One step on a batch; gives its loss. Convolutions run in bfloat16, 4 times faster on processors that have it."""
    with torch.autocast("cpu", torch.bfloat16):
        steps = network(_planes(batch.pixels))
    sizes = torch.full((len(batch.pixels),), steps.shape[1], dtype=torch.int64)
    loss = functional.ctc_loss(
        steps.transpose(0, 1), batch.classes, sizes, batch.lengths, blank=BLANK, zero_infinity=True
    )
    return descend(network, optimizer, loss)


def load_reader(folder: Path) -> Trained:
    """What the checkpoint in `folder` holds."""
    return load_averaged(folder / CHECKPOINT, StripNetwork())


def train(folder: Path, course: Course, schedule: Schedule, report: Callable[[str], None]) -> None:
    """Train on lines set anew and those in `folder`, from its checkpoint if it has one, for what is left of the time.

    Raises FontMissingError.
    """
    path = folder / CHECKPOINT
    drawn = (_planes(batch.pixels) for batch in _Batches(folder, course, schedule.seed, _FULL_STRENGTH_STEPS))
    run = start_run(StripNetwork(), path, schedule, drawn, _FULL_STRENGTH_STEPS)
    run_training(run, path, _Batches(folder, course, schedule.seed, run.step), train_step, schedule.minutes, report)
