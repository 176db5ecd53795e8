"""What is watched while load is on: the age of the queue, and the memory of the processes and of Valkey."""

from __future__ import annotations

import threading
from collections import defaultdict
from typing import cast

from redis import Redis

from deploy.load.consumption import memory_by_role
from shared.redis_keys import WAITING, redis_time_ms

EVERY_S = 0.5
MB = 1024 * 1024


class Observation:
    """Samples from its start to its end; keeps the most of everything."""

    def __init__(self, redis: Redis) -> None:
        self.oldest_s = 0.0
        self.waiting = 0
        self.megabytes: dict[str, float] = defaultdict(float)
        self._redis = redis
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> Observation:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._stop.wait(EVERY_S):
            oldest = cast("list[tuple[bytes, float]]", self._redis.zrange(WAITING, 0, 0, withscores=True))
            if oldest:
                self.oldest_s = max(self.oldest_s, (redis_time_ms(self._redis) - oldest[0][1]) / 1000)
            self.waiting = max(self.waiting, self._redis.zcard(WAITING))
            used = self._redis.info("memory")["used_memory"]
            for role, megabytes in {**memory_by_role(), "Valkey": used / MB}.items():
                self.megabytes[role] = max(self.megabytes[role], megabytes)
