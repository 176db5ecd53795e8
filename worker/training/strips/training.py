"""The training loop: batches drawn on the fly, CTC, AdamW, one cosine, averaged weights, checkpoints."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor
from torch.nn import functional
from torch.utils.data import DataLoader, IterableDataset

from worker.engines.strips import WIDTH_STEP
from worker.pipeline.characters import ALPHABET, BLANK
from worker.training.corners.training import average_weights, learning_rate
from worker.training.strips.bank import read_lines
from worker.training.strips.grounds import Grounds
from worker.training.strips.network import StripNetwork
from worker.training.strips.samples import Sample, Sampler

CHECKPOINT = "strips.pt"
BATCH = 32
_POOL = 12
"""Batches that are drawn at once and sorted by width, so that little of a batch is padding."""

_PEAK_RATE = 2e-3
_DECAY = 0.02
_CHECKPOINT_SECONDS = 60.0
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


@dataclass(frozen=True)
class Schedule:
    """`minutes` of training in all, which the rate of learning follows; `threads` of the processor to use."""

    minutes: float
    threads: int = 1
    seed: int = 0


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

    def __init__(self, folder: Path, seed: int, step: int) -> None:
        self._folder, self._seed, self._step = folder, seed, step

    def _shards(self) -> int:
        return len(list(self._folder.glob("lines/*.npz")))

    def __iter__(self) -> Iterator[Batch]:
        cv2.setNumThreads(1)
        rng = np.random.default_rng((self._seed, self._step))
        grounds, step = Grounds(rng), self._step
        sampler, known = Sampler(grounds, read_lines(self._folder / "lines")), self._shards()
        while True:
            if self._shards() > known * _GROWTH:
                sampler, known = Sampler(grounds, read_lines(self._folder / "lines")), self._shards()
            strength = min(1.0, _FIRST_STRENGTH + step / _FULL_STRENGTH_STEPS)
            pool = [sampler.draw(rng, strength) for _ in range(_POOL * BATCH)]
            pool.sort(key=lambda sample: sample.pixels.shape[1])
            for start in rng.permutation(_POOL).tolist():
                yield collate(pool[start * BATCH : (start + 1) * BATCH])
            step += _POOL


def train_step(network: StripNetwork, optimizer: torch.optim.Optimizer, batch: Batch) -> float:
    """One step on a batch; gives its loss. Convolutions run in bfloat16, 4 times faster on processors that have it."""
    strips = batch.pixels.unsqueeze(1).to(torch.float32).div_(255).contiguous(memory_format=torch.channels_last)
    with torch.autocast("cpu", torch.bfloat16):
        steps = network(strips)
    sizes = torch.full((len(strips),), steps.shape[1], dtype=torch.int64)
    loss = functional.ctc_loss(
        steps.transpose(0, 1), batch.classes, sizes, batch.lengths, blank=BLANK, zero_infinity=True
    )
    optimizer.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(network.parameters(), 2.0)
    optimizer.step()
    return float(loss.detach())


@dataclass(frozen=True)
class Trained:
    """The averaged network, and the minutes and steps it was trained."""

    network: StripNetwork
    minutes: float
    steps: int


def load_averaged(folder: Path) -> Trained:
    """What the checkpoint in `folder` holds."""
    saved = torch.load(folder / CHECKPOINT, weights_only=True)
    network = StripNetwork()
    network.load_state_dict(saved["averaged"])
    return Trained(network.eval(), float(saved["spent"]) / 60, int(saved["step"]))


def train(folder: Path, schedule: Schedule, report: Callable[[str], None]) -> None:
    """Train on lines set anew and those in `folder`, from its checkpoint if it has one, for what is left of the time.

    Raises FontMissingError.
    """
    torch.set_num_threads(schedule.threads)
    torch.manual_seed(schedule.seed)
    path = folder / CHECKPOINT
    network = StripNetwork().to(memory_format=torch.channels_last)
    averaged = copy.deepcopy(network).eval()
    optimizer = torch.optim.AdamW(network.parameters(), lr=_PEAK_RATE, weight_decay=_DECAY)
    step, spent = 0, 0.0
    if path.exists():
        saved = torch.load(path, weights_only=True)
        network.load_state_dict(saved["network"])
        averaged.load_state_dict(saved["averaged"])
        optimizer.load_state_dict(saved["optimizer"])
        step, spent = int(saved["step"]), float(saved["spent"])

    def save() -> None:
        partial = path.with_suffix(".partial")
        parts = {"network": network, "averaged": averaged, "optimizer": optimizer}
        torch.save({name: part.state_dict() for name, part in parts.items()} | {"step": step, "spent": spent}, partial)
        partial.replace(path)

    if spent >= schedule.minutes * 60:
        return
    loader = DataLoader(_Batches(folder, schedule.seed, step), batch_size=None, num_workers=1, prefetch_factor=4)
    network.train()
    mean = 0.0
    last_save = since = time.monotonic()
    for batch in loader:
        for group in optimizer.param_groups:
            group["lr"] = _PEAK_RATE * learning_rate(spent / (schedule.minutes * 60))
        loss = train_step(network, optimizer, batch)
        step += 1
        average_weights(averaged, network, step)
        mean = loss if mean == 0 else 0.98 * mean + 0.02 * loss
        now = time.monotonic()
        spent, since = spent + now - since, now
        over = spent >= schedule.minutes * 60
        if step % 50 == 0:
            report(f"step {step} minutes {spent / 60:.1f} loss {mean:.4f} samples/s {step * BATCH / spent:.0f}")
        if over or now - last_save > _CHECKPOINT_SECONDS:
            save()
            last_save = now
        if over:
            break
