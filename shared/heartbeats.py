"""Signs of life of worker processes: each says now and then that it is there, by the clock of Redis."""

from __future__ import annotations

import logging
import os
import socket
import threading
from typing import cast

from redis import Redis
from redis.exceptions import RedisError

from shared.redis_keys import WORKERS, redis_time_ms

INTERVAL_S = 10.0
ALIVE_WITHIN_S = 3 * INTERVAL_S + 5.0
"""A process that has said nothing for so long is taken for dead."""

_log = logging.getLogger(__name__)


def beat(redis: Redis, name: str) -> None:
    """Say once that the process `name` is alive; forgets those that are long dead."""
    now = redis_time_ms(redis)
    with redis.pipeline(transaction=False) as pipe:
        pipe.zadd(WORKERS, {name: now})
        pipe.zremrangebyscore(WORKERS, "-inf", now - int(ALIVE_WITHIN_S * 10_000))
        pipe.execute()


def alive(redis: Redis) -> list[str]:
    """Names of the processes that are alive, in order."""
    since = redis_time_ms(redis) - int(ALIVE_WITHIN_S * 1000)
    return sorted(raw.decode() for raw in cast("list[bytes]", redis.zrangebyscore(WORKERS, since, "+inf")))


def keep_beating(redis: Redis) -> threading.Thread:
    """Beat for this process from a thread of its own, as long as the process lives."""
    name = f"{socket.gethostname()}:{os.getpid()}"

    def run() -> None:
        pause = threading.Event()
        while True:
            try:
                beat(redis, name)
            except RedisError as error:
                _log.warning("no sign of life could be given", extra={"cause": type(error).__name__})
            pause.wait(INTERVAL_S)

    thread = threading.Thread(target=run, name="heartbeat", daemon=True)
    thread.start()
    return thread
