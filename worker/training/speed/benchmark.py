"""Milliseconds a card, by part, beside PaddleOCR's default pipeline on the same pictures in the same run."""

from __future__ import annotations

import time
from dataclasses import fields

import cv2
import numpy as np

from shared.errors import KartuError
from shared.settings import Settings
from worker.engines import load_engines
from worker.pipeline.decode import decode_photo
from worker.pipeline.read import read_card
from worker.pipeline.types import KtpFields, ReadOptions
from worker.training.reading.score import same
from worker.training.speed.floor import describe_floor
from worker.training.speed.pictures import SIZES, Picture, take_pictures
from worker.training.speed.plain import parse_plainly
from worker.training.speed.stopwatch import Stopwatch, timed
from worker.training.speed.together import compare_ways, ways_of

WARM_UP = 3
"""Pictures that are read before anything is measured."""

_NAMES = tuple(each.name for each in fields(KtpFields))
_NOTHING = KtpFields()


def benchmark(cards: int, processes: int) -> str:
    """Measure so many cards of each size, one after the other and in so many processes; gives tables in Markdown."""
    parts = []
    for width, height in SIZES:
        pictures = take_pictures(cards + WARM_UP, width, height)
        parts.append(f"{width}x{height}, {cards} cards\n\n" + _table(pictures, processes))
    return "\n\n".join(parts)


def _table(pictures: list[Picture], processes: int) -> str:
    watch, ours, right = _measure_ours(pictures)
    plain, plain_right = _measure_plain(pictures)
    data = [picture.data for picture in pictures[WARM_UP:]]
    together = [f"{pace:.1f} cards a second: {way}" for way, pace in compare_ways(data, ways_of(processes)).items()]
    cards = len(data)
    rows = [f"| {name} | {1000 * seconds / cards:.1f} |" for name, seconds in watch.seconds.items()]
    rest = sum(ours) - sum(watch.seconds.values())
    rows.append(f"| the rest: rows, lists, decoding of texts | {1000 * rest / cards:.1f} |")
    return "\n".join(
        (
            "| part, one thread | ms a card |\n|---|--:|",
            *rows,
            f"| all: mean, median, p95 | {_summary(ours)} |",
            describe_floor(data, _prepare()),
            f"| PaddleOCR's defaults with regular expressions: mean, median, p95 | {_summary(plain)} |",
            "",
            f"{sum(plain) / sum(ours):.1f} times as fast; fields right: {_share(right)}, PaddleOCR "
            f"{_share(plain_right)}\n",
            *(f"- {line}" for line in together),
        )
    )


def _measure_ours(pictures: list[Picture]) -> tuple[Stopwatch, list[float], list[bool]]:
    settings, watch = _prepare(), Stopwatch()
    engines = timed(load_engines(settings), watch)
    seconds, right = [], []
    for number, picture in enumerate(pictures):
        if number == WARM_UP:
            watch.seconds.clear()
        with watch.part("decoding of the JPEG"):
            decode_photo(picture.data, settings.max_image_pixels, mirror=False)
        decoding = time.thread_time()
        try:
            read = read_card(picture.data, ReadOptions(), engines, settings.max_image_pixels).fields
        except KartuError:
            read = _NOTHING
        if number >= WARM_UP:
            seconds.append(time.thread_time() - decoding)
            right += _right(read, picture.fields)
    return watch, seconds, right


def _measure_plain(pictures: list[Picture]) -> tuple[list[float], list[bool]]:
    from worker.engines.paddle_default import PaddleDefault

    paddle = PaddleDefault(_prepare())
    seconds, right = [], []
    for number, picture in enumerate(pictures):
        started = time.process_time()
        pixels = cv2.imdecode(np.frombuffer(picture.data, np.uint8), cv2.IMREAD_COLOR)
        read = parse_plainly(paddle.read(np.asarray(pixels, dtype=np.uint8)))
        if number >= WARM_UP:
            seconds.append(time.process_time() - started)
            right += _right(read, picture.fields)
    return seconds, right


def _prepare() -> Settings:
    cv2.setNumThreads(1)
    return Settings.from_env()


def _right(read: KtpFields, truth: KtpFields) -> list[bool]:
    return [same(getattr(read, name), getattr(truth, name)) for name in _NAMES]


def _share(right: list[bool]) -> str:
    return f"{100 * sum(right) / len(right):.1f} %"


def _summary(seconds: list[float]) -> str:
    values = 1000 * np.asarray(seconds)
    return f"{values.mean():.0f}, {np.median(values):.0f}, {np.percentile(values, 95):.0f}"
