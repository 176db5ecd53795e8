"""The training loop of one network: batches drawn on the fly, AdamW, one cosine, averaged weights, checkpoints."""

from __future__ import annotations

import copy
import itertools
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import cv2
import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, IterableDataset

from worker.training.corners.bank import read_bank
from worker.training.corners.cards import read_cards
from worker.training.corners.losses import corner_loss
from worker.training.corners.network import LOCATOR, REFINER, CornerNetwork, NetworkShape
from worker.training.corners.samples import Sampler
from worker.training.corners.warmstart import load_shipped

Stage = Literal["locator", "refiner"]
Batch = tuple[Tensor, Tensor, Tensor, Tensor]
"""Pixels (n, height, width, 3) uint8; quads (n, 4, 2); orders (n,); kinds (n,)."""

SHAPES: dict[Stage, NetworkShape] = {"locator": LOCATOR, "refiner": REFINER}
BATCH = 32
_PEAK_RATE, _WARM_PEAK_RATE, _LAST_SHARE = 2e-3, 1e-3, 0.01
_WARM_BATCHES = 16
_WARM_UP = 0.03
_DECAY = 0.02
_AVERAGED = 0.998
_CHECKPOINT_SECONDS = 60.0
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


def learning_rate(progress: float) -> float:
    """Share of the peak rate at `progress`, 0 to 1, through the training."""
    if progress < _WARM_UP:
        return progress / _WARM_UP
    turned = 0.5 + 0.5 * math.cos(math.pi * min(1.0, (progress - _WARM_UP) / (1 - _WARM_UP)))
    return _LAST_SHARE + (1 - _LAST_SHARE) * turned


@torch.no_grad()
def average_weights(averaged: nn.Module, network: nn.Module, step: int) -> None:
    """Move the weights of `averaged` a little towards those of `network`, further in the first steps."""
    keep = min(_AVERAGED, (1 + step) / (20 + step))
    for slow, fast in zip(averaged.state_dict().values(), network.state_dict().values(), strict=True):
        if slow.dtype.is_floating_point:
            slow.lerp_(fast, 1 - keep)
        else:
            slow.copy_(fast)


def _planes(pixels: Tensor) -> Tensor:
    """Pixels (n, height, width, 3), uint8 → what the network takes."""
    return pixels.permute(0, 3, 1, 2).to(torch.float32).div_(255).contiguous(memory_format=torch.channels_last)


def train_step(network: CornerNetwork, optimizer: torch.optim.Optimizer, batch: Batch) -> float:
    """One step on a batch; gives its loss. Convolutions run in bfloat16, 4 times faster on processors that have it."""
    pixels, quads, orders, kinds = batch
    with torch.autocast("cpu", torch.bfloat16):
        outputs = network(_planes(pixels))
    loss = corner_loss(outputs, quads, orders, kinds)
    optimizer.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(network.parameters(), 2.0)
    optimizer.step()
    return float(loss.detach())


@dataclass(frozen=True)
class Trained:
    """The averaged network of a stage, and the minutes and steps it was trained."""

    network: CornerNetwork
    minutes: float
    steps: int


def load_averaged(folder: Path, stage: Stage) -> Trained:
    """What the checkpoint of a stage in `folder` holds."""
    saved = torch.load(folder / f"{stage}.pt", weights_only=True)
    network = CornerNetwork(SHAPES[stage])
    network.load_state_dict(saved["averaged"])
    return Trained(network.eval(), float(saved["spent"]) / 60, int(saved["step"]))


def train_stage(folder: Path, stage: Stage, schedule: Schedule, report: Callable[[str], None]) -> None:
    """Train a stage on the banks in `folder`, from its checkpoint there if it has one, for what is left of its time.

    A start from a shipped model learns at half the rate, since there is less to learn than to lose.
    """
    torch.set_num_threads(schedule.threads)
    torch.manual_seed(schedule.seed)
    path = folder / f"{stage}.pt"
    if path.exists() or schedule.start is None:
        network, peak = CornerNetwork(SHAPES[stage]), _PEAK_RATE
    else:
        drawn = itertools.islice(_Batches(folder, stage, schedule.seed), _WARM_BATCHES)
        network = load_shipped(schedule.start, SHAPES[stage], (_planes(pixels) for pixels, *_ in drawn))
        peak = _WARM_PEAK_RATE
    network.to(memory_format=torch.channels_last)
    averaged = copy.deepcopy(network).eval()
    optimizer = torch.optim.AdamW(network.parameters(), lr=peak, weight_decay=_DECAY)
    step, spent = 0, 0.0
    if path.exists():
        saved = torch.load(path, weights_only=True)
        network.load_state_dict(saved["network"])
        averaged.load_state_dict(saved["averaged"])
        optimizer.load_state_dict(saved["optimizer"])
        step, spent, peak = int(saved["step"]), float(saved["spent"]), float(saved["peak"])

    def save() -> None:
        partial = path.with_suffix(".partial")
        torch.save(
            {
                "network": network.state_dict(),
                "averaged": averaged.state_dict(),
                "optimizer": optimizer.state_dict(),
                "step": step,
                "spent": spent,
                "peak": peak,
            },
            partial,
        )
        partial.replace(path)

    loader = DataLoader(
        _Batches(folder, stage, schedule.seed + step), batch_size=None, num_workers=1, prefetch_factor=4
    )
    last_save, mean = time.monotonic(), 0.0
    network.train()
    if spent >= schedule.minutes * 60:
        return
    since = time.monotonic()
    for batch in loader:
        for group in optimizer.param_groups:
            group["lr"] = peak * learning_rate(spent / (schedule.minutes * 60))
        loss = train_step(network, optimizer, batch)
        step += 1
        average_weights(averaged, network, step)
        mean = loss if mean == 0 else 0.98 * mean + 0.02 * loss
        now = time.monotonic()
        spent, since = spent + now - since, now
        if step % 100 == 0:
            report(f"{stage} step {step} minutes {spent / 60:.1f} loss {mean:.4f} samples/s {step * BATCH / spent:.0f}")
        if now - last_save > _CHECKPOINT_SECONDS or spent >= schedule.minutes * 60:
            save()
            last_save = now
        if spent >= schedule.minutes * 60:
            break
