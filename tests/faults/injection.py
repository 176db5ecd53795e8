"""The workers of the fault tests: `celery -A worker.app worker --include tests.faults.injection`.

Celery imports it in every process before the models are loaded, and it puts an engine there that does what images are
marked for. The product knows nothing of it, and all the rest of the worker is the product's.
"""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import worker.app
from shared.settings import Settings
from tests.faults.marks import POISON, SLOW, SLOW_LOADING, STUCK
from worker.engines.null import NullCards, NullText
from worker.pipeline.types import Engines, FoundCard, Pixels

SLOW_S = 0.3


class FaultyCards(NullCards):
    """Sees no card, and what goes wrong with marked images goes wrong here."""

    def find(self, pixels: Pixels) -> FoundCard:
        """As NullCards, unless the image is marked."""
        height, width = pixels.shape[:2]
        if (width, height) == POISON.size:
            # As a fault in native code ends it: nothing in the process gets to know.
            os.kill(os.getpid(), signal.SIGSEGV)
        if (width, height) == STUCK.size:
            # As native code that does not return: no handler of a signal runs, so only a kill ends it.
            signal.pthread_sigmask(signal.SIG_BLOCK, set(signal.valid_signals()) - {signal.SIGKILL})
            time.sleep(3600)
        if (width, height) == SLOW.size:
            time.sleep(SLOW_S)
        return super().find(pixels)


def load_faulty_engines(_: Settings, **__: bool) -> Engines:
    """The engines of these workers, loaded as slowly as the file says."""
    slow = Path(os.environ[SLOW_LOADING])
    if slow.exists():
        time.sleep(float(slow.read_text()))
    return Engines(text=NullText(), cards=FaultyCards())


worker.app.load_engines = load_faulty_engines
