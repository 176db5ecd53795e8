"""The training loop of every network here: AdamW, one cosine, averaged weights, checkpoints to go on from."""

from __future__ import annotations

import copy
import itertools
import math
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, IterableDataset

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
    """`minutes` of training in all, which the rate of learning follows; `threads` of the processor to use.

    `start` is a shipped model to begin with where there is no checkpoint; None begins with nothing learnt.
    """

    minutes: float
    start: Path | None = None
    threads: int = 1
    seed: int = 0


@dataclass
class Run:
    """A training that goes on: `step` batches and `spent` seconds so far, at most `peak` of the rate of learning."""

    network: nn.Module
    peak: float = PEAK_RATE
    step: int = 0
    spent: float = 0.0
    averaged: nn.Module = field(init=False)
    optimizer: torch.optim.Optimizer = field(init=False)

    def __post_init__(self) -> None:
        self.network.to(memory_format=torch.channels_last)
        self.averaged = copy.deepcopy(self.network).eval()
        self.optimizer = torch.optim.AdamW(self.network.parameters(), lr=self.peak, weight_decay=DECAY)

    def restore(self, path: Path) -> None:
        """Go on from the checkpoint at `path`."""
        saved = torch.load(path, weights_only=True)
        for name, part in self._parts().items():
            part.load_state_dict(saved[name])
        self.step, self.spent, self.peak = int(saved["step"]), float(saved["spent"]), float(saved["peak"])

    def save(self, path: Path) -> None:
        """Write a checkpoint to `path`, whole or not at all."""
        partial = path.with_suffix(".partial")
        states = {name: part.state_dict() for name, part in self._parts().items()}
        torch.save(states | {"step": self.step, "spent": self.spent, "peak": self.peak}, partial)
        partial.replace(path)

    def _parts(self) -> dict[str, Any]:
        return {"network": self.network, "averaged": self.averaged, "optimizer": self.optimizer}


def start_run(network: nn.Module, path: Path, schedule: Schedule, planes: Iterable[Tensor], warm_step: int = 0) -> Run:
    """The training to go on with: from the checkpoint at `path`, else from the shipped model of `schedule`, else new.

    A start from a shipped model takes some of `planes`, inputs as the network is trained on, counts its steps from
    `warm_step`, and learns at a fifth of the rate, since there is less to learn than to lose.
    """
    torch.set_num_threads(schedule.threads)
    torch.manual_seed(schedule.seed)
    if path.exists():
        run = Run(network)
        run.restore(path)
        return run
    if schedule.start is None:
        return Run(network)
    load_shipped(schedule.start, network, itertools.islice(planes, WARM_BATCHES))
    return Run(network, WARM_PEAK_RATE, warm_step)


@dataclass(frozen=True)
class Trained:
    """An averaged network, and the minutes and steps it was trained."""

    network: Any
    minutes: float
    steps: int


def load_averaged(path: Path, network: nn.Module) -> Trained:
    """What the checkpoint at `path` holds, in `network`, which has the right shape."""
    saved = torch.load(path, weights_only=True)
    network.load_state_dict(saved["averaged"])
    return Trained(network.eval(), float(saved["spent"]) / 60, int(saved["step"]))


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
    minutes: float,
    report: Callable[[str], None],
) -> None:
    """Train until `minutes` are spent in all, which the rate of learning follows; checkpoints go to `path`."""
    if run.spent >= minutes * 60:
        return
    loader = DataLoader(batches, batch_size=None, num_workers=1, prefetch_factor=4)
    run.network.train()
    mean = 0.0
    last_save = since = time.monotonic()
    for batch in loader:
        for group in run.optimizer.param_groups:
            group["lr"] = run.peak * learning_rate(run.spent / (minutes * 60))
        loss = train_step(run.network, run.optimizer, batch)
        run.step += 1
        average_weights(run.averaged, run.network, run.step)
        mean = loss if mean == 0 else 0.98 * mean + 0.02 * loss
        now = time.monotonic()
        run.spent, since = run.spent + now - since, now
        over = run.spent >= minutes * 60
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
