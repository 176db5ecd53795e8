"""How the service is: what waits, how long, how fast it goes, and who works on it. Nothing of a person is in it."""

from __future__ import annotations

from dataclasses import dataclass

from redis import Redis

from shared.heartbeats import ALIVE_WITHIN_S, alive
from shared.redis_keys import LEASES, PACE, WAITING, WEBHOOKS_DUE, redis_time_ms


@dataclass(frozen=True)
class ServiceStatus:
    """`waiting`, `in_work`: jobs. `oldest_s`: how long the oldest job has waited. `interval_s`: mean time between two
    claims of a queue that was not empty; None before the first. `workers`: names of the processes that are alive.
    `webhooks_due`: deliveries whose time has come, the first of them `webhooks_late_s` ago.
    """

    waiting: int
    oldest_s: float
    in_work: int
    interval_s: float | None
    workers: tuple[str, ...]
    webhooks_due: int = 0
    webhooks_late_s: float = 0.0

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
        pipe.zcount(WEBHOOKS_DUE, "-inf", now)
        pipe.zrange(WEBHOOKS_DUE, 0, 0, withscores=True)
        waiting, oldest, in_work, interval, webhooks_due, first_due = pipe.execute()
    return ServiceStatus(
        waiting=int(waiting),
        oldest_s=_age_s(oldest, now),
        in_work=int(in_work),
        interval_s=None if interval is None else float(interval) / 1000,
        workers=tuple(alive(redis)),
        webhooks_due=int(webhooks_due),
        webhooks_late_s=_age_s(first_due, now),
    )


def _age_s(first: list[tuple[bytes, float]], now: int) -> float:
    """Seconds since the time of the first entry; 0 for none, and for one whose time has not come."""
    return max(0.0, (now - first[0][1]) / 1000) if first else 0.0
