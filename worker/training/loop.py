"""The training loop of every network here: AdamW, one cosine, averaged weights, checkpoints to go on from.

It runs on a processor or on a GPU; there the processor's cores draw what the GPU learns from.
"""

from __future__ import annotations

import copy
import itertools
import math
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, IterableDataset, get_worker_info

from worker.training.warmstart import load_shipped

PEAK_RATE, WARM_PEAK_RATE, LAST_SHARE = 2e-3, 4e-4, 0.01
"""The highest rate of learning, from nothing and from a shipped model, and the share of it that is left in the end. At
1e-3 the shipped line reader forgot much: within 600 steps its loss rose by a half; at 4e-4 by a tenth."""

WARM_BATCHES = 16
WARM_UP = 0.03
DECAY = 0.02
MOST_GRADIENT = 2.0
AVERAGED = 0.998
CHECKPOINT_SECONDS = 60.0
REPORT_STEPS = 100


@dataclass(frozen=True)
class Schedule:
    """`minutes` of training in all, which the rate of learning follows, and on what.

    `start` is a shipped model to begin with where there is no checkpoint; None begins with nothing learnt. `threads` of
    the processor compute, where `device` (as PyTorch names it) is that; `workers` processes draw batches of `batch`
    samples. `peak` is the highest rate of learning; None takes PEAK_RATE or WARM_PEAK_RATE. A checkpoint has its own.
    """

    minutes: float
    start: Path | None = None
    threads: int = 1
    seed: int = 0
    device: str = "cpu"
    workers: int = 1
    batch: int = 32
    peak: float | None = None


@dataclass
class Run:
    """A training that goes on: `step` batches, `samples` and `spent` seconds so far, at most `peak` of the rate of
    learning."""

    network: nn.Module
    peak: float = PEAK_RATE
    device: str = "cpu"
    step: int = 0
    samples: int = 0
    spent: float = 0.0
    averaged: nn.Module = field(init=False)
    optimizer: torch.optim.Optimizer = field(init=False)

    def __post_init__(self) -> None:
        self.network.to(self.device, memory_format=torch.channels_last)
        self.averaged = copy.deepcopy(self.network).eval()
        self.optimizer = torch.optim.AdamW(self.network.parameters(), lr=self.peak, weight_decay=DECAY)

    def restore(self, path: Path) -> None:
        """Go on from the checkpoint at `path`."""
        saved = torch.load(path, weights_only=True, map_location=self.device)
        for name, part in self._parts().items():
            part.load_state_dict(saved[name])
        self.step, self.samples = int(saved["step"]), int(saved["samples"])
        self.spent, self.peak = float(saved["spent"]), float(saved["peak"])

    def save(self, path: Path) -> None:
        """Write a checkpoint to `path`, whole or not at all."""
        partial = path.with_suffix(".partial")
        states = {name: part.state_dict() for name, part in self._parts().items()}
        counts = {"step": self.step, "samples": self.samples, "spent": self.spent, "peak": self.peak}
        torch.save(states | counts, partial)
        partial.replace(path)

    def _parts(self) -> dict[str, Any]:
        return {"network": self.network, "averaged": self.averaged, "optimizer": self.optimizer}


def start_run(network: nn.Module, path: Path, schedule: Schedule, planes: Iterable[Tensor]) -> Run:
    """The training to go on with: from the checkpoint at `path`, else from the shipped model of `schedule`, else new.

    A start from a shipped model takes some of `planes`, inputs as the network is trained on, and learns at a fifth of
    the rate if `schedule` names none, since there is less to learn than to lose.
    """
    torch.set_num_threads(schedule.threads)
    torch.manual_seed(schedule.seed)
    if path.exists():
        run = Run(network, device=schedule.device)
        run.restore(path)
        return run
    if schedule.start is None:
        return Run(network, schedule.peak or PEAK_RATE, schedule.device)
    load_shipped(schedule.start, network, itertools.islice(planes, WARM_BATCHES))
    return Run(network, schedule.peak or WARM_PEAK_RATE, schedule.device)


def worker_rng(*seed: int) -> np.random.Generator:
    """A source of chance of its own for each process that draws samples."""
    worker = get_worker_info()
    return np.random.default_rng((*seed, worker.id if worker else 0))


@dataclass(frozen=True)
class Trained:
    """An averaged network, and the minutes it was trained and the samples it saw."""

    network: Any
    minutes: float
    samples: int


def load_averaged(path: Path, network: nn.Module) -> Trained:
    """What the checkpoint at `path` holds, in `network`, which has the right shape."""
    saved = torch.load(path, weights_only=True, map_location="cpu")
    network.load_state_dict(saved["averaged"])
    return Trained(network.eval(), float(saved["spent"]) / 60, int(saved["samples"]))


def descend(network: nn.Module, optimizer: torch.optim.Optimizer, loss: Tensor) -> float:
    """One step down the gradient of `loss`; gives the loss."""
    optimizer.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(network.parameters(), MOST_GRADIENT)
    optimizer.step()
    return float(loss.detach())


def run_training(
    run: Run,
    path: Path,
    batches: IterableDataset[Any],
    train_step: Callable[[Any, torch.optim.Optimizer, Any], float],
    schedule: Schedule,
    report: Callable[[str], None],
) -> None:
    """Train until the minutes of `schedule` are spent in all; checkpoints go to `path`."""
    whole = schedule.minutes * 60
    if run.spent >= whole:
        return
    loader = DataLoader(batches, None, num_workers=schedule.workers, prefetch_factor=4)
    run.network.train()
    mean = 0.0
    last_save = since = time.monotonic()
    for batch in loader:
        for group in run.optimizer.param_groups:
            group["lr"] = run.peak * learning_rate(run.spent / whole)
        loss = train_step(run.network, run.optimizer, batch)
        run.step, run.samples = run.step + 1, run.samples + schedule.batch
        average_weights(run.averaged, run.network, run.step)
        mean = loss if mean == 0 else 0.98 * mean + 0.02 * loss
        now = time.monotonic()
        run.spent, since = run.spent + now - since, now
        over = run.spent >= whole
        if run.step % REPORT_STEPS == 0:
            report(f"{path.stem} step {run.step} minutes {run.spent / 60:.1f} loss {mean:.4f}")
        if over or now - last_save > CHECKPOINT_SECONDS:
            run.save(path)
            last_save = now
        if over:
            break


def learning_rate(progress: float) -> float:
    """Share of the peak rate at `progress`, 0 to 1, through the training."""
    if progress < WARM_UP:
        return progress / WARM_UP
    turned = 0.5 + 0.5 * math.cos(math.pi * min(1.0, (progress - WARM_UP) / (1 - WARM_UP)))
    return LAST_SHARE + (1 - LAST_SHARE) * turned


@torch.no_grad()
def average_weights(averaged: nn.Module, network: nn.Module, step: int) -> None:
    """Move the weights of `averaged` a little towards those of `network`, further in the first steps."""
    keep = min(AVERAGED, (1 + step) / (20 + step))
    for slow, fast in zip(averaged.state_dict().values(), network.state_dict().values(), strict=True):
        if slow.dtype.is_floating_point:
            slow.lerp_(fast, 1 - keep)
        else:
            slow.copy_(fast)
