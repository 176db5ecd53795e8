"""How much a key may submit, and whether the queue has room: decided before the body of a request is read."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from datetime import date
from typing import Literal

from redis import Redis

from shared.errors import KartuError, QueueFull, RateLimited
from shared.redis_keys import PACE, WAITING, idempotency_name, register_script
from shared.settings import Settings
from shared.usage import today

MINUTE_S, DAY_S = 60, 24 * 3600
_LONGEST_RETRY_S = 300

Verdict = Literal["ok", "rate", "quota", "full"]


@dataclass(frozen=True)
class Limits:
    """Images a minute and accepted jobs a day of a key; 0 is no limit."""

    rate_per_minute: int = 0
    quota_per_day: int = 0


@dataclass(frozen=True)
class Admission:
    """What was decided about a submission, and what the key has left.

    `expected_wait_s`: until a worker takes a job that is accepted now. `tokens`: images that may be sent at once;
    `full_in_s`: until all of `limits.rate_per_minute` may; `retry_in_s`: until those that were asked for may.
    """

    verdict: Verdict
    limits: Limits
    waiting: int
    expected_wait_s: float
    tokens: int
    full_in_s: float
    retry_in_s: float
    accepted_today: int

    @property
    def policy(self) -> str:
        """RateLimit-Policy, of the fields for rate limits in HTTP that the IETF works on; empty without limits."""
        rate, quota = self.limits.rate_per_minute, self.limits.quota_per_day
        return self._list(f'"minute";q={rate};w={MINUTE_S}', f'"day";q={quota};w={DAY_S}')

    @property
    def state(self) -> str:
        """RateLimit of the same draft: what is left (`r`), and in how many seconds all of it is back (`t`)."""
        left = max(0, self.limits.quota_per_day - self.accepted_today)
        return self._list(
            f'"minute";r={self.tokens};t={math.ceil(self.full_in_s)}', f'"day";r={left};t={until_tomorrow_s()}'
        )

    def _list(self, minute: str, day: str) -> str:
        parts = [minute] if self.limits.rate_per_minute else []
        return ", ".join([*parts, day] if self.limits.quota_per_day else parts)

    def refusal(self, wait_limit_s: float) -> KartuError | None:
        """The error to answer with; None for a submission that is let in."""
        match self.verdict:
            case "rate":
                return RateLimited(retry_after_s=max(1, math.ceil(self.retry_in_s)))
            case "quota":
                return quota_used_up()
            case "full":
                # Half of what is expected to wait must be gone, or what is above the limit: whatever takes longer.
                wait_s = max(self.expected_wait_s / 2, self.expected_wait_s - wait_limit_s)
                return QueueFull(retry_after_s=min(_LONGEST_RETRY_S, max(1, math.ceil(wait_s))))
        return None


class Gate:
    """Admits submissions. May raise the exceptions of `shared.redis.UNAVAILABLE`."""

    def __init__(self, redis: Redis, settings: Settings) -> None:
        self._redis = redis
        self._queue_limit = settings.queue_limit
        self.wait_limit_s = settings.wait_limit_s
        self._admit = register_script(redis, "admit")

    def admit(
        self, owner: str, limits: Limits, images: int = 1, *, takes: bool = True, idempotency_key: str | None = None
    ) -> Admission:
        """Take tokens for so many images of the key, if the queue has room; without `takes` only look.

        Whatever was accepted under the `idempotency_key` before is let in again and takes nothing.
        """
        verdict, waiting, wait_ms, tokens, full_ms, retry_ms, used = self._admit(
            keys=[WAITING, PACE, f"kartu:rate:{owner}", quota_key(owner), idempotency_name(owner, idempotency_key)],
            args=[
                limits.rate_per_minute,
                images,
                limits.quota_per_day,
                self._queue_limit,
                int(self.wait_limit_s * 1000),
                int(takes),
            ],
        )
        return Admission(
            verdict.decode(), limits, waiting, wait_ms / 1000, tokens, full_ms / 1000, retry_ms / 1000, used
        )


def quota_key(owner: str, day: date | None = None) -> str:
    """Where the accepted jobs of a key and a day (UTC) are counted; today by default."""
    return f"kartu:quota:{owner}:{(day or today()).isoformat()}"


def quota_used_up() -> RateLimited:
    """The error of a key that may have no more jobs today."""
    return RateLimited("The key's quota for today is used up.", retry_after_s=until_tomorrow_s())


def until_tomorrow_s() -> int:
    """Seconds until the next day begins in UTC, at least 1."""
    return DAY_S - int(time.time()) % DAY_S
