"""The floor: how long the multiply-adds of the models take at least on this processor, whatever code surrounds them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from shared.errors import KartuError
from shared.settings import Settings
from worker.pipeline.read import read_card
from worker.pipeline.types import ReadOptions
from worker.training.speed.gemm import Kind, multiply_adds_a_second
from worker.training.speed.runs import Runs, is_integer, multiply_adds, noting_engines


def describe_floor(pictures: Iterable[bytes], settings: Settings) -> str:
    """A row of the table: multiply-adds and milliseconds a card, as if all of them ran as a large product does."""
    runs: Runs = Counter()
    engines, count = noting_engines(settings, runs), 0
    for data in pictures:
        count += 1
        try:
            read_card(data, ReadOptions(), engines, settings.max_image_pixels)
        except KartuError:
            continue
    kinds: dict[Kind, float] = {"float32": 0.0, "8 bits": 0.0}
    for (model, shape), times in runs.items():
        kinds["8 bits" if is_integer(model) else "float32"] += times * multiply_adds(model, shape) / count
    words, floor_ms = [], 0.0
    for kind, amount in kinds.items():
        rate = multiply_adds_a_second(kind)
        floor_ms += 1000 * amount / rate
        words.append(f"{amount / 1e6:.0f} million in {kind} at {rate / 1e9:.0f} billion a second")
    return f"| floor of the models: multiply-adds, {', '.join(words)} | {floor_ms:.1f} |"
