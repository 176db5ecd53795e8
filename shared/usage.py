"""The usage ledger: per key and day (UTC) how many jobs ended in what, and how many of them are charged.

It is written by the very scripts that end a job, so each job counts once, however often its message is delivered.
Key: `kartu:usage:<key id>:<yyyy-mm-dd>` (hash): `charged`, and one counter for each outcome.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import cast

from redis import Redis

KEPT_DAYS = 400
KEPT_MS = KEPT_DAYS * 24 * 3600 * 1000
_CHARGED = b"charged"


@dataclass(frozen=True)
class Usage:
    """Jobs that ended in a span of time: `outcomes` maps `succeeded`, `cancelled` and each errorType to a count."""

    charged: int = 0
    outcomes: dict[str, int] = field(default_factory=dict)

    @property
    def jobs(self) -> int:
        """All jobs that ended."""
        return sum(self.outcomes.values())


def usage_key(owner: str, day: date | None = None) -> str:
    """Where the ledger of a key and a day is; today's by default."""
    return f"kartu:usage:{owner}:{(day or today()).isoformat()}"


def today() -> date:
    """The day in UTC."""
    return datetime.fromtimestamp(time.time(), UTC).date()


def read_usage(redis: Redis, owner: str, first: date, last: date) -> dict[date, Usage]:
    """The ledger of a key for the days from `first` to `last`, both included; every day is there."""
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    with redis.pipeline(transaction=False) as pipe:
        for day in days:
            pipe.hgetall(usage_key(owner, day))
        stored = cast("list[dict[bytes, bytes]]", pipe.execute())
    return {day: _usage(counts) for day, counts in zip(days, stored, strict=True)}


def total_usage(usages: list[Usage]) -> Usage:
    """All of them together."""
    outcomes: dict[str, int] = {}
    for each in usages:
        for name, count in each.outcomes.items():
            outcomes[name] = outcomes.get(name, 0) + count
    return Usage(sum(each.charged for each in usages), outcomes)


def _usage(counts: dict[bytes, bytes]) -> Usage:
    outcomes = {name.decode(): int(count) for name, count in sorted(counts.items()) if name != _CHARGED}
    return Usage(int(counts.get(_CHARGED, 0)), outcomes)
