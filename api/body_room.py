"""How much of request bodies one process has in memory at once."""

from __future__ import annotations

import threading

from shared.errors import ServiceUnavailable


class BodyRoom:
    """Room for the bodies that this process reads and has not stored yet.

    Without it, 24 batches of 32 MB at once took 2 GB: one client's, in a process that serves all.
    """

    def __init__(self, most_bytes: int) -> None:
        self._most, self._taken = most_bytes, 0
        self._lock = threading.Lock()

    def take(self, size: int) -> None:
        """Take so many bytes, however many for one that is alone; raises ServiceUnavailable."""
        with self._lock:
            if self._taken and self._taken + size > self._most:
                raise ServiceUnavailable()
            self._taken += size

    def give_back(self, size: int) -> None:
        """Give back what was taken."""
        with self._lock:
            self._taken -= size
