"""Cards a second by the clock: in processes of one thread, in one with more threads, with cards at once in threads."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import cache
from multiprocessing import get_context

import cv2

from shared.errors import KartuError
from shared.settings import Settings
from worker.engines import load_engines
from worker.pipeline.read import read_card
from worker.pipeline.types import Engines, ReadOptions

_ROUNDS = 2


@dataclass(frozen=True)
class Way:
    """How the cores are shared out: processes, threads of each for a model, cards that each reads at once."""

    processes: int = 1
    model_threads: int = 1
    cards_at_once: int = 1

    def __str__(self) -> str:
        if self.model_threads > 1:
            return f"one process, {self.model_threads} threads for each model"
        processes = "one process" if self.processes == 1 else f"{self.processes} processes"
        if self.cards_at_once > 1:
            return f"{processes}, {self.cards_at_once} cards at once in threads"
        return f"{processes} of one thread"


def ways_of(cores: int) -> tuple[Way, ...]:
    """The ways to share out so many cores; on one they are all the same."""
    return tuple(dict.fromkeys((Way(processes=cores), Way(model_threads=cores), Way(cards_at_once=cores))))


def compare_ways(pictures: list[bytes], ways: Sequence[Way]) -> dict[Way, float]:
    """Cards a second of each way: the best of two rounds, in which they take turns."""
    found = dict.fromkeys(ways, 0.0)
    with ExitStack() as stack:
        pools = {way: stack.enter_context(_pool(way)) for way in ways}
        for way, pool in pools.items():
            # Every process must have loaded its models before the clock runs.
            list(pool.map(_read, [([pictures[0]], way)] * 4 * way.processes))
        for _ in range(_ROUNDS):
            for way, pool in pools.items():
                found[way] = max(found[way], _measure(pictures, way, pool))
    return found


def _pool(way: Way) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(way.processes, mp_context=get_context("spawn"))


def _measure(pictures: list[bytes], way: Way, pool: ProcessPoolExecutor) -> float:
    size = -(-len(pictures) // way.processes) if way.cards_at_once > 1 else 1
    shares = [(pictures[start : start + size], way) for start in range(0, len(pictures), size)]
    started = time.perf_counter()
    list(pool.map(_read, shares))
    return len(pictures) / (time.perf_counter() - started)


@cache
def _loaded(model_threads: int) -> tuple[Engines, Settings]:
    """The models of this process."""
    cv2.setNumThreads(model_threads)
    settings = replace(Settings.from_env(), inference_threads=model_threads)
    return load_engines(settings), settings


def _read(given: tuple[list[bytes], Way]) -> None:
    share, way = given
    engines, settings = _loaded(way.model_threads)

    def read(data: bytes) -> None:
        try:
            read_card(data, ReadOptions(), engines, settings.max_image_pixels)
        except KartuError:
            return

    with ThreadPoolExecutor(way.cards_at_once) as pool:
        list(pool.map(read, share))
