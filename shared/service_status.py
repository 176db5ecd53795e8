"""How the service is: what waits, how long, how fast it goes, and who works on it. Nothing of a person is in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from redis import Redis

from shared.heartbeats import ALIVE_WITHIN_S, alive
from shared.redis_keys import LEASES, PACE, WAITING, redis_time_ms


@dataclass(frozen=True)
class ServiceStatus:
    """`waiting`, `in_work`: jobs. `oldest_s`: how long the oldest job has waited. `interval_s`: mean time between two
    claims of a queue that was not empty; None before the first. `workers`: names of the processes that are alive.
    """

    waiting: int
    oldest_s: float
    in_work: int
    interval_s: float | None
    workers: tuple[str, ...]

    def stuck(self, wait_limit_s: float) -> bool:
        """Whether a job that is accepted now would not be read soon: nobody works, or far too much waits."""
        nobody = not self.workers and self.oldest_s > ALIVE_WITHIN_S
        return nobody or self.oldest_s > wait_limit_s


def read_status(redis: Redis) -> ServiceStatus:
    """Ask Redis. May raise the exceptions of `shared.redis.UNAVAILABLE`."""
    now = redis_time_ms(redis)
    with redis.pipeline(transaction=False) as pipe:
        pipe.zcount(WAITING, "-inf", now)
        pipe.zrange(WAITING, 0, 0, withscores=True)
        pipe.zcard(LEASES)
        pipe.hget(PACE, "interval")
        waiting, oldest, in_work, interval = pipe.execute()
    first = cast("list[tuple[bytes, float]]", oldest)
    # A delayed job stands there with the time from which it may be taken.
    oldest_s = max(0.0, (now - first[0][1]) / 1000) if first else 0.0
    return ServiceStatus(
        waiting=int(waiting),
        oldest_s=oldest_s,
        in_work=int(in_work),
        interval_s=None if interval is None else float(interval) / 1000,
        workers=tuple(alive(redis)),
    )
