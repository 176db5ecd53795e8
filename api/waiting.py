"""Wakes requests that wait for a job. One subscription a process, so a waiting client costs Redis nothing."""

from __future__ import annotations

import logging
import threading
import time
from collections import defaultdict
from collections.abc import Callable

from redis import Redis

from shared.records import Job
from shared.redis import UNAVAILABLE
from shared.redis_keys import FINISHED_CHANNEL

_log = logging.getLogger(__name__)
_RECONNECT_S = 0.5


class FinishedJobs:
    """Listens for jobs that end, from the first wait on, and wakes those who wait for them."""

    def __init__(self, redis: Redis, most: int) -> None:
        self._redis = redis
        self._most = most
        self._waiting = 0
        self._lock = threading.Lock()
        self._events: dict[str, list[threading.Event]] = defaultdict(list)
        self._listener: threading.Thread | None = None

    def has_room(self) -> bool:
        """Whether one more may wait: some threads are left for those who do not, health checks among them."""
        return self._waiting < self._most

    def wait(self, job_id: str, timeout_s: float, read: Callable[[], Job | None]) -> Job | None:
        """Wait until the job has ended, or is gone, or the time is up; gives it as `read` finds it then."""
        deadline = time.monotonic() + timeout_s
        event = threading.Event()
        with self._lock:
            self._events[job_id].append(event)
            self._waiting += 1
            self._ensure_listener()
        try:
            # Read after the registration: an end between the two sets the event.
            job = read()
            while job is not None and not job.ended and (left := deadline - time.monotonic()) > 0:
                event.wait(left)
                event.clear()
                job = read()
            return job
        finally:
            with self._lock:
                self._waiting -= 1
                self._events[job_id].remove(event)
                if not self._events[job_id]:
                    del self._events[job_id]

    def _ensure_listener(self) -> None:
        # Started here and not at import: gunicorn forks, and threads do not survive that.
        if self._listener is None or not self._listener.is_alive():
            self._listener = threading.Thread(target=self._listen, name="finished-jobs", daemon=True)
            self._listener.start()

    def _listen(self) -> None:
        is_away = False
        while True:
            try:
                with self._redis.pubsub() as subscription:  # type: ignore[no-untyped-call]
                    subscription.subscribe(FINISHED_CHANNEL)
                    while True:
                        self._hear(subscription.get_message(timeout=1.0))
                        is_away = False
            except UNAVAILABLE as error:
                with self._lock:
                    if not self._events:
                        # Nobody waits: the next one who does starts a new listener.
                        self._listener = None
                        return
                if not is_away:
                    _log.warning("Redis is away; waiting to listen again", extra={"cause": type(error).__name__})
                is_away = True
                time.sleep(_RECONNECT_S)

    def _hear(self, message: dict[str, object] | None) -> None:
        if message is None:
            return
        with self._lock:
            if message["type"] == "subscribe":
                # What ended while nobody listened was not heard: let everybody look.
                events = [event for waiting in self._events.values() for event in waiting]
            elif isinstance(message["data"], bytes):
                events = list(self._events.get(message["data"].decode(), ()))
            else:
                events = []
        for event in events:
            event.set()
