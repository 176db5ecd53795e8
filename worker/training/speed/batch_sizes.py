"""Lines a second against how many are read at once, and what of the time is the network, copies and our own code."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import numpy as np
import onnxruntime

from shared.settings import Settings
from worker.engines.sessions import MODELS, has_integer_units, open_session
from worker.engines.strips import GPU_STRIPS, GPU_WIDTHS, HEIGHT, WIDENED, StripReader, model_file

_WIDTH = 480
"""Columns of the network's input, as a long value has."""

_WARM_UP, _ROUNDS, _LEAST_S = 3, 3, 0.2


def describe_batches(settings: Settings, batches: Iterable[int]) -> str:
    """A table in Markdown for the first network on the device of `settings`, by the clock."""
    device, threads = settings.device, settings.inference_threads
    reader = StripReader(threads, device)
    integers = device == "cpu" and has_integer_units()
    session = open_session(MODELS / model_file("strips", integers=integers), threads, device)
    rng, rows = np.random.default_rng(0), []
    width = min(each for each in GPU_WIDTHS if each >= _WIDTH) if device == "gpu" else _WIDTH
    for count in batches:
        strips = rng.integers(0, 256, (count, HEIGHT, round(_WIDTH / WIDENED)), dtype=np.uint8)
        whole = milliseconds(partial(reader.read, list(strips)))
        # What the reader makes of them: on a GPU so many full runs.
        size = GPU_STRIPS if device == "gpu" else count
        runs = -(-count // size)
        pixels = rng.integers(0, 256, (size, HEIGHT, width), dtype=np.uint8)
        feeds = {"pixels": pixels, "widths": np.full(size, _WIDTH)}
        run = runs * milliseconds(partial(session.run, ["log_probabilities"], feeds))
        alone = runs * milliseconds(_without_copies(session, feeds, "cuda" if device == "gpu" else "cpu"))
        parts = f"{alone:.2f} | {max(0.0, run - alone):.2f} | {max(0.0, whole - run):.2f}"
        rows.append(f"| {count} | {whole:.2f} | {parts} | {1000 * count / whole:,.0f} | {1000 * count / alone:,.0f} |")
    return "\n".join(
        (
            f"| strips of {_WIDTH} columns at once | ms | network | copies | scaling and texts | strips a second "
            "| of the network alone |",
            "|--:|--:|--:|--:|--:|--:|--:|",
            *rows,
        )
    )


def milliseconds(run: Callable[[], object]) -> float:
    """By the clock, the best of a few rounds of _LEAST_S each."""
    for _ in range(_WARM_UP):
        run()
    best = float("inf")
    for _ in range(_ROUNDS):
        started, times = time.perf_counter(), 0
        while time.perf_counter() - started < _LEAST_S:
            run()
            times += 1
        best = min(best, (time.perf_counter() - started) / times)
    return best * 1000


def _without_copies(session: onnxruntime.InferenceSession, feeds: dict[str, Any], device: str) -> Callable[[], None]:
    """A run with the inputs on the device and the output left there."""
    binding = session.io_binding()
    for name, fed in feeds.items():
        binding.bind_ortvalue_input(name, onnxruntime.OrtValue.ortvalue_from_numpy(fed, device))
    binding.bind_output("log_probabilities", device)

    def run() -> None:
        session.run_with_iobinding(binding)
        binding.synchronize_outputs()

    return run
