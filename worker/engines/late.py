"""A text engine that is loaded late, for it is slow to load and few cards need it, and used by one caller at a time."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from worker.pipeline.types import Pixels, Quad, RecognizedText, TextEngine

_log = logging.getLogger(__name__)


class LateText:
    """Loads its engine by `make` when it is first needed, or before in the background. Safe for use by several threads
    at once: they take turns, since the engine behind it need not be."""

    def __init__(self, make: Callable[[], TextEngine]) -> None:
        self._make = make
        self._engine: TextEngine | None = None
        self._turn = threading.Lock()

    def find_text(self, pixels: Pixels) -> list[Quad]:
        """As the engine's own."""
        with self._turn:
            return self._loaded().find_text(pixels)

    def recognize(self, crops: list[Pixels]) -> list[RecognizedText]:
        """As the engine's own."""
        with self._turn:
            return self._loaded().recognize(crops)

    def load(self) -> None:
        """Load the engine now, unless it is there."""
        with self._turn:
            self._loaded()

    def load_in_background(self) -> None:
        """Begin to load; whoever needs the engine meanwhile waits for it, and no longer than if it had come first."""
        threading.Thread(target=self._load_quietly, name="text engine", daemon=True).start()

    def _load_quietly(self) -> None:
        try:
            self.load()
        except Exception as fault:
            _log.error("the text engine could not be loaded; the next card that needs it tries again", exc_info=fault)

    def _loaded(self) -> TextEngine:
        if self._engine is None:
            self._engine = self._make()
        return self._engine
