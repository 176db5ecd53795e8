"""Limits of attempts that run in threads of one process, which Celery holds to none: time, and the process's memory."""

from __future__ import annotations

import ctypes
import logging
import os
import resource
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from celery.exceptions import SoftTimeLimitExceeded

_STATM = Path("/proc/self/statm")
_MB = 1024 * 1024
_EVERY_S = 0.25

_log = logging.getLogger(__name__)


@dataclass
class _Attempt:
    """One under way: its thread, when it began (time.monotonic), and whether it was told to give up."""

    began: float
    thread: int = field(default_factory=threading.get_ident)
    is_told: bool = False


def _end_after_jobs() -> None:
    """Celery's warm shutdown: what is under way is ended first. Whoever watches over the process starts it again."""
    os.kill(os.getpid(), signal.SIGTERM)


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class ThreadLimits:
    """Gives attempts up after `soft_s`, and ends the process after `hard_s` of one, or when it has grown too much.

    An attempt in native code cannot be given up, as in a process of its own. Those beside one that is stuck end with
    the process; their leases run out, and they are made again.
    """

    def __init__(
        self,
        soft_s: float,
        hard_s: float,
        memory_mb: int,
        end_after_jobs: Callable[[], None] = _end_after_jobs,
        die: Callable[[], None] = _die,
    ) -> None:
        """`memory_mb`: by how much the process may grow beyond what it has now; 0: any."""
        self._soft_s, self._hard_s = soft_s, hard_s
        self._most = resident_bytes() + memory_mb * _MB if memory_mb else None
        self._end_after_jobs, self._die = end_after_jobs, die
        self._under_way: dict[int, _Attempt] = {}
        self._lock = threading.Lock()
        threading.Thread(target=self._watch, name="limits", daemon=True).start()

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """Hold the block to the limits; SoftTimeLimitExceeded comes up in it when it is to give up."""
        attempt = _Attempt(time.monotonic())
        with self._lock:
            self._under_way[id(attempt)] = attempt
        try:
            yield
        finally:
            try:
                self._leave(attempt)
            except SoftTimeLimitExceeded:
                # It came up when all was done; it comes up once.
                self._leave(attempt)

    def _leave(self, attempt: _Attempt) -> None:
        with self._lock:
            self._under_way.pop(id(attempt), None)
            if attempt.is_told:
                # It may not have come up yet, and must not do so in what the thread does next.
                _raise_in(attempt.thread, None)
        if self._most is not None and resident_bytes() > self._most:
            self._most = None
            _log.warning("the process has grown too much; it ends after its jobs")
            self._end_after_jobs()

    def _watch(self) -> None:
        pause = threading.Event()
        while not pause.wait(_EVERY_S):
            with self._lock:
                now = time.monotonic()
                for attempt in self._under_way.values():
                    if now - attempt.began > self._soft_s and not attempt.is_told:
                        attempt.is_told = True
                        _raise_in(attempt.thread, SoftTimeLimitExceeded)
                is_stuck = any(now - attempt.began > self._hard_s for attempt in self._under_way.values())
            if is_stuck:
                _log.error("an attempt is stuck; the process ends")
                self._die()
                return


def resident_bytes() -> int:
    """Memory that this process takes now; 0 where there is no /proc."""
    return int(_STATM.read_text().split()[1]) * resource.getpagesize() if _STATM.exists() else 0


def _raise_in(thread: int, kind: type[Exception] | None) -> None:
    """Let an exception come up in another thread at its next step in Python; None takes back what has not come up."""
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(kind) if kind else None)
