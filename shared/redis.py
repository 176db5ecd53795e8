"""The one way to a Redis connection, and which of its failures mean that the service is not available."""

from __future__ import annotations

import re
from typing import Any

from redis import Redis
from redis.backoff import ExponentialBackoff
from redis.commands.core import Script
from redis.connection import DefaultParser
from redis.exceptions import (
    BusyLoadingError,
    ClusterDownError,
    ConnectionError,
    MasterDownError,
    OutOfMemoryError,
    ReadOnlyError,
    ResponseError,
    TimeoutError,
    TryAgainError,
)
from redis.retry import Retry

from shared.settings import Settings


class RefusedError(ResponseError):
    """Redis answers and carries out nothing for now.

    It cannot write to its disk (MISCONF), has too few replicas (NOREPLICAS), or is busy with a script (BUSY).
    """


# redis-py has no classes of its own for these, and makes them the same error as a wrong command.
DefaultParser.EXCEPTION_CLASSES.update(dict.fromkeys(("MISCONF", "NOREPLICAS", "BUSY"), RefusedError))
# What Redis before 7 makes of the refusal of a command in a script.
_REFUSED_IN_SCRIPT = re.compile(r"-(?:OOM|MISCONF|NOREPLICAS|READONLY) ")

UNAVAILABLE = (
    *(BusyLoadingError, ConnectionError, OutOfMemoryError, ReadOnlyError, RefusedError, TimeoutError),
    *(ClusterDownError, MasterDownError, TryAgainError),
)
"""Redis is down, hangs, is full, is not the primary or refuses to write: 503."""


class PlainScript(Script):
    """A script whose failures are those of UNAVAILABLE with every version of Redis."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run it, as `Script` does."""
        try:
            return super().__call__(*args, **kwargs)
        except ResponseError as error:
            if _REFUSED_IN_SCRIPT.search(str(error)):
                raise RefusedError("refused in a script") from None
            raise


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
