"""Engines that note how much processor time each of them takes; what is left of a card is our own code."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

from worker.pipeline.types import Engines, FoundCard, Grey, LineReader, Pixels, Quad, RecognizedText, StripText


class Stopwatch:
    """Seconds of this thread's processor time, and calls, by the name of a part."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self.calls: dict[str, int] = defaultdict(int)

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """Note the time that the block takes."""
        started = time.thread_time()
        try:
            yield
        finally:
            self.seconds[name] += time.thread_time() - started
            self.calls[name] += 1


class TimedCards:
    """A card engine under the watch."""

    def __init__(self, engines: Engines, watch: Stopwatch) -> None:
        self._cards, self._watch = engines.cards, watch

    def find(self, pixels: Pixels) -> FoundCard:
        """As the engine's own."""
        with self._watch.part("card model"):
            return self._cards.find(pixels)


class TimedStrips:
    """A line reader under the watch."""

    def __init__(self, reader: LineReader, name: str, watch: Stopwatch) -> None:
        self._strips, self._name, self._watch = reader, name, watch

    def read(self, strips: list[Grey]) -> list[StripText]:
        """As the engine's own."""
        with self._watch.part(self._name):
            return self._strips.read(strips)


class TimedText:
    """A text engine under the watch."""

    def __init__(self, engines: Engines, watch: Stopwatch) -> None:
        self._text, self._watch = engines.text, watch

    def find_text(self, pixels: Pixels) -> list[Quad]:
        """As the engine's own."""
        with self._watch.part("text detection (PP-OCR)"):
            return self._text.find_text(pixels)

    def recognize(self, crops: list[Pixels]) -> list[RecognizedText]:
        """As the engine's own."""
        with self._watch.part("text recognition (PP-OCR)"):
            return self._text.recognize(crops)


def timed(engines: Engines, watch: Stopwatch) -> Engines:
    """The same engines under the watch."""
    assert engines.strips
    return Engines(
        TimedText(engines, watch),
        TimedCards(engines, watch),
        TimedStrips(engines.strips, "line reader", watch),
        TimedStrips(engines.again or engines.strips, "line reader, doubtful lines again", watch),
    )
