"""Shows what a long step is doing: one line that renews itself on a terminal, a line now and then elsewhere.

Standard library only: it runs before anything is installed.
"""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import TextIO

TERMINAL_INTERVAL_S = 0.5
LOG_INTERVAL_S = 15.0


class Step:
    """A long step, as a context manager: `update` says how far it is, leaving it prints how long it took."""

    def __init__(self, title: str, stream: TextIO | None = None) -> None:
        self.title = title
        self._stream = sys.stderr if stream is None else stream
        self._renews = self._stream.isatty()
        self._interval = TERMINAL_INTERVAL_S if self._renews else LOG_INTERVAL_S
        self._detail = "…"
        self._started = self._shown = time.monotonic()

    def __enter__(self) -> Step:
        self._started = self._shown = time.monotonic()
        self._show("…")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._show(f"{'done' if kind is None else 'failed'} after {self._elapsed()}")
        if self._renews:
            print(file=self._stream)

    def update(self, detail: str | None = None) -> None:
        """Say what is going on (None: the same as before); shown at most every so often, so call it freely."""
        self._detail = self._detail if detail is None else detail
        if time.monotonic() - self._shown >= self._interval:
            self._show(f"{self._detail}  {self._elapsed()}")

    def _elapsed(self) -> str:
        seconds = int(time.monotonic() - self._started)
        return f"{seconds // 60}:{seconds % 60:02d}"

    def _show(self, text: str) -> None:
        self._shown = time.monotonic()
        line = f"  {self.title}: {text}"
        # \033[K clears what a longer line has left behind.
        print(f"\r{line[:110]}\033[K" if self._renews else line, end="" if self._renews else "\n", file=self._stream)
        self._stream.flush()
