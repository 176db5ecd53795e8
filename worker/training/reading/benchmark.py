"""The benchmark of reading: whole pictures through the whole pipeline, from seeds that nothing was tuned on."""

from __future__ import annotations

import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import cv2

from shared.errors import KartuError
from shared.settings import Settings
from worker.engines import load_engines
from worker.pipeline.read import read_card
from worker.pipeline.types import Engines, KtpFields, ReadOptions
from worker.training.corners.bank import SPACING
from worker.training.reading.scenes import BENCHMARK_SEED, ReadingScene, ktp_seeds, make_scene, other_scenes
from worker.training.reading.score import (
    CardOutcome,
    calibrate,
    format_calibration,
    format_fields,
    format_scores,
    judge_card,
)
from worker.training.reading.worst import draw_worst
from worker.training.scenes.styles import StyleName

CHUNK = 10
OTHERS_PER_CARD = 0.5
"""Pictures of other things for each card."""


@dataclass(frozen=True)
class ReadScene:
    """What came of one scene: its outcome as a card (None of other things), what was read, errorType and seconds."""

    card: CardOutcome | None
    read: KtpFields | None
    truth: KtpFields | None
    error: str | None
    seconds: float


def read_scene(scene: ReadingScene, engines: Engines, settings: Settings) -> ReadScene:
    """Read the scene as the service would."""
    started = time.thread_time()
    fields, confidence, error = None, None, None
    try:
        options = ReadOptions(include=frozenset({"confidence"}))
        reading = read_card(scene.data, options, engines, settings.max_image_pixels)
        fields, confidence = reading.fields, dict(reading.confidence or {})
    except KartuError as refused:
        error = refused.error_type
    seconds = time.thread_time() - started
    card = None
    if scene.fields:
        card = judge_card(scene.seed, scene.conditions, scene.fields, fields, confidence, error)
    return ReadScene(card, fields, scene.fields, error, seconds)


def benchmark(
    style: StyleName, cards: int, processes: int, picture: Path | None, first_seed: int = BENCHMARK_SEED
) -> str:
    """Read `cards` cards of `style`, and half as many other pictures, in so many processes; gives the tables.

    The worst cards are drawn to `picture` if it is given.
    """
    others = range(first_seed, first_seed + int(cards * OTHERS_PER_CARD / 0.45) * SPACING, SPACING)
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        seeds = ktp_seeds(style, cards, first_seed, pool)
        chunks = [seeds[start : start + CHUNK] for start in range(0, len(seeds), CHUNK)]
        read = [each for part in pool.map(_read_cards, chunks, [style] * len(chunks)) for each in part]
        ranges = [others[start : start + 2 * CHUNK] for start in range(0, len(others), 2 * CHUNK)]
        refused = [each for part in pool.map(_read_others, ranges, [style] * len(ranges)) for each in part]
    outcomes = [each.card for each in read if each.card]
    if picture:
        draw_worst([(each.card, each.read, each.truth) for each in read if each.card and each.truth], style, picture)
    errors = Counter(each.error or "a result" for each in refused)
    return "\n\n".join(
        (
            format_scores(outcomes),
            format_fields(outcomes),
            format_calibration(calibrate(outcomes)),
            f"{len(refused)} pictures of other things: " + ", ".join(f"{n} {name}" for name, n in errors.most_common()),
            f"{sum(each.seconds for each in read) / len(read):.2f} s of processor time a card, one thread",
        )
    )


def _prepare() -> tuple[Engines, Settings]:
    cv2.setNumThreads(1)
    settings = Settings.from_env()
    return load_engines(settings), settings


def _read_cards(seeds: list[int], style: StyleName) -> list[ReadScene]:
    engines, settings = _prepare()
    return [read_scene(make_scene(seed, style), engines, settings) for seed in seeds]


def _read_others(seeds: range, style: StyleName) -> list[ReadScene]:
    engines, settings = _prepare()
    return [read_scene(scene, engines, settings) for scene in other_scenes(style, seeds)]
