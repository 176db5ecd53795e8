"""Takes back what may have been accepted although its client was told 503.

Redis can carry out a command and be gone, or hang, before it answers. Until it answers again nobody knows; then the
jobs are removed before the sweeper would queue them (KARTU_REQUEUE_AFTER_S). What is remembered here dies with the
process.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from dataclasses import dataclass

from redis import Redis
from redis.exceptions import RedisError

from shared.redis_keys import register_script

_log = logging.getLogger(__name__)
_MOST = 10_000
_AGAIN_AFTER_S = 0.2


@dataclass(frozen=True)
class Retraction:
    """Keys and arguments of retract.lua."""

    keys: tuple[str, ...]
    args: tuple[str | int, ...]


class Retractions:
    """A list of them, worked off by a thread of its own from the first one on."""

    def __init__(self, redis: Redis) -> None:
        self._retract = register_script(redis, "retract")
        self._lock = threading.Lock()
        self._left: deque[Retraction] = deque(maxlen=_MOST)
        self._thread: threading.Thread | None = None

    def add(self, retraction: Retraction) -> None:
        """Take this back as soon as Redis answers."""
        with self._lock:
            self._left.append(retraction)
            # Started here and not at import: gunicorn forks, and threads do not survive that.
            if self._thread is None:
                self._thread = threading.Thread(target=self._work_off, name="retractions", daemon=True)
                self._thread.start()

    def _work_off(self) -> None:
        while True:
            with self._lock:
                if not self._left:
                    self._thread = None
                    return
                first = self._left[0]
            try:
                taken = self._retract(keys=first.keys, args=first.args)
            except RedisError:
                # Whatever is wrong with it: this thread is the only one that remembers.
                time.sleep(_AGAIN_AFTER_S)
                continue
            if taken:
                _log.warning("jobs taken back that were refused and stored all the same", extra={"jobs": taken})
            with self._lock:
                # A full list may have dropped it meanwhile.
                if self._left and self._left[0] is first:
                    self._left.popleft()
