"""The worker of the tests of threads: `celery -A worker.app worker --pool threads --include tests.integration.threads`.

Celery imports it before the models are loaded, and it puts engines there as a GPU has them, on this processor: lines of
concurrent jobs are read together. Cards that are marked by their size do what else is tested.
"""

from __future__ import annotations

import time
from dataclasses import replace

import worker.app
from shared.settings import Settings
from worker.engines import load_engines
from worker.engines.batching import BatchedReader
from worker.pipeline.types import CardEngine, Engines, FoundCard, Pixels

SLOW, STUCK, GREEDY = (301, 200), (303, 200), (305, 200)
"""Width and height of images that take for ever in Python, that do so in native code, and that leave memory behind."""

LEFT_BEHIND_MB = 300
_left_behind: list[bytes] = []


class MarkedCards:
    """Finds cards as `cards` does, and does what images are marked for."""

    def __init__(self, cards: CardEngine) -> None:
        self._cards = cards

    def find(self, pixels: Pixels) -> FoundCard:
        """As the engine's own, unless the image is marked."""
        size = (pixels.shape[1], pixels.shape[0])
        while size == SLOW:
            time.sleep(0.01)
        if size == STUCK:
            time.sleep(3600)
        if size == GREEDY:
            _left_behind.append(b"1" * (LEFT_BEHIND_MB * 2**20))
        return self._cards.find(pixels)


def load_as_on_a_gpu(settings: Settings, **_: bool) -> Engines:
    """The engines of the settings; the lines of several jobs are read together."""
    engines = load_engines(settings)
    strips, again = (
        BatchedReader(reader, settings.batch_ms) if reader else None for reader in (engines.strips, engines.again)
    )
    return replace(engines, cards=MarkedCards(engines.cards), strips=strips, again=again)


worker.app.load_engines = load_as_on_a_gpu
