"""The one way to a Redis connection, and which of its failures mean that the service is not available."""

from __future__ import annotations

from redis import Redis
from redis.backoff import ExponentialBackoff
from redis.exceptions import BusyLoadingError, ConnectionError, OutOfMemoryError, ReadOnlyError, TimeoutError
from redis.retry import Retry

from shared.settings import Settings

UNAVAILABLE = (BusyLoadingError, ConnectionError, OutOfMemoryError, ReadOnlyError, TimeoutError)
"""Redis is down, hangs, is full or is not the primary: 503."""


_PATIENT = Retry(ExponentialBackoff(cap=2.0, base=0.1), 9)
# One more try for a connection that went stale in the pool. None after a timeout: who waits for a Redis that hangs
# would only wait twice as long.
_HASTY = Retry(ExponentialBackoff(cap=0.1, base=0.02), 1, supported_errors=(ConnectionError,))


def connect(settings: Settings, *, patient: bool = False) -> Redis:
    """Give a thread-safe client; bytes in, bytes out.

    It answers or fails within about KARTU_REDIS_TIMEOUT_S. A `patient` one rides out a restart of Redis of some
    ten seconds: for workers, which hold a result that would have to be made again.
    """
    return Redis.from_url(
        settings.redis_url,
        socket_timeout=settings.redis_timeout_s,
        socket_connect_timeout=settings.redis_timeout_s,
        health_check_interval=30,
        retry=_PATIENT if patient else _HASTY,
    )
