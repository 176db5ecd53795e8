"""What Ctrl-C, SIGTERM and a closed terminal mean to `up`."""

from __future__ import annotations

import signal
from types import FrameType

from deploy.processes import STOPPING


class StopRequested(BaseException):
    """Somebody wants `up` to end; as little of an error as KeyboardInterrupt."""


class Interrupts:
    """Turns the first signal into StopRequested, wherever the program is; later ones only say that it is urgent."""

    def __init__(self) -> None:
        self._received = 0

    def take_over(self) -> None:
        """Handle the signals from now on."""
        for number in STOPPING:
            signal.signal(number, self._receive)

    def raise_no_more(self) -> None:
        """From now on a signal no longer raises: the stop is under way."""
        self._received = max(self._received, 1)

    def is_urgent(self) -> bool:
        """Whether one more came while the stop was under way."""
        return self._received > 1

    def _receive(self, number: int, frame: FrameType | None) -> None:
        self._received += 1
        if self._received == 1:
            raise StopRequested
