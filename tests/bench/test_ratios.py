"""A guard on speed: ratios of two things in one run, on one machine, never a time.

Both are measured in processor time of this process, in turns, and the medians are compared, so that what else the
machine does counts for neither. The bounds are about half of what was measured: crossed by a card that takes twice its
time, not by chance.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import cv2
import numpy as np
import pytest

from shared.settings import Settings
from tests.conftest import DATA
from worker.engines import load_engines, strips
from worker.engines.paddle_default import PaddleDefault
from worker.engines.sessions import has_integer_units
from worker.engines.strips import StripReader
from worker.pipeline.read import read_card
from worker.pipeline.types import ReadOptions

SAMPLE = (DATA / "sample.jpg").read_bytes()
LEAST_AGAINST_PADDLEOCR = 11.0 if has_integer_units() else 5.5
"""Measured: 20.3, 23.4 and 24.6 in 8 bits; 11.7, 11.9 and 12.1 in float32."""

LEAST_OF_8_BITS = 1.5
"""Measured: 2.9, 3.0 and 3.0."""

needs_weights = pytest.mark.skipif(not Settings().weights.exists(), reason="the OCR weights are not there")


def ratio(slow: Callable[[], object], fast: Callable[[], object], repeats: int) -> float:
    """How many times the processor time of `fast` is that of `slow`: medians, after one call of each."""
    slow(), fast()
    taken: dict[Callable[[], object], list[float]] = {slow: [], fast: []}
    for _ in range(repeats):
        for call, seconds in taken.items():
            begun = time.process_time()
            call()
            seconds.append(time.process_time() - begun)
    return statistics.median(taken[slow]) / statistics.median(taken[fast])


@needs_weights
def test_a_card_takes_a_fraction_of_what_paddleocr_takes_for_it():
    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        plain, engines = PaddleDefault(Settings()), load_engines(Settings())
        pixels = np.asarray(cv2.imdecode(np.frombuffer(SAMPLE, np.uint8), cv2.IMREAD_COLOR))
        found = ratio(lambda: plain.read(pixels), lambda: read_card(SAMPLE, ReadOptions(), engines, 10**8), repeats=5)
    finally:
        cv2.setNumThreads(before)
    assert found > LEAST_AGAINST_PADDLEOCR


@pytest.mark.skipif(not has_integer_units(), reason="this processor has no units for 8 bits")
def test_the_line_reader_in_8_bits_takes_a_fraction_of_the_one_in_float32(monkeypatch):
    integer = StripReader()
    monkeypatch.setattr(strips, "has_integer_units", lambda: False)
    exact, lines = StripReader(), [np.full((40, 320), 200, np.uint8)] * 8
    assert ratio(lambda: exact.read(lines), lambda: integer.read(lines), repeats=15) > LEAST_OF_8_BITS
