"""The outbox: the deliveries of webhooks, which `finish` writes, from their first attempt to their end.

A delivery bears the id of its job, which is also the `webhook-id` of each attempt: a job cannot have two. Nothing here
is personal: the URL is in the sealed request of the job, and the body is made from the job at each attempt.
"""

from __future__ import annotations

import random
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, cast, get_args

import orjson
from redis import Redis

from shared.metrics import WEBHOOK_ATTEMPTS
from shared.queue import WEBHOOK_QUEUE
from shared.redis_keys import (
    RECEIVER_PREFIX,
    WEBHOOK_PREFIX,
    WEBHOOKS_DUE,
    WEBHOOKS_LEASES,
    WEBHOOKS_PARKED,
    redis_time_ms,
    register_script,
    webhook_key,
    webhook_log_key,
    webhooks_of_key,
)
from shared.retry_schedule import JITTER, LONGEST_PAUSE, read_delays
from shared.settings import Settings

State = Literal["pending", "sending", "delivered", "dead"]
Verdict = Literal["delivered", "dead", "retry"]
Ended = Verdict | Literal["queued", "cancelled"]
"""What became of a delivery: `queued`, its message was lost before anybody took it; `cancelled`, its job is deleted."""
ReceiverState = Literal["up", "down", "unknown"]

_MOST_QUEUED = 64
"""Messages in Celery's queue at once: what is due beyond that waits in Redis, where it can still be cancelled."""
_ROUNDS = 3
"""Attempts that a thread makes, at most, until it takes the last of those messages: it has one in hand, and the queue
is twice the 32 threads of a worker. A message that has waited longer is lost."""
_PAGE = 200
"""Deliveries that are read in one round trip."""
_LOOK_AGAIN_MS = 60_000


@dataclass(frozen=True)
class Attempt:
    """One attempt: the HTTP status of the answer, or the class of the error without one; `duration_s` of the whole."""

    at: datetime
    status: int | None
    error: str | None
    duration_s: float


@dataclass(frozen=True)
class Delivery:
    """The webhook of the job `id` as its owner may see it.

    `next_attempt_at` while it is pending: past if it waits for its turn.
    """

    id: str
    owner: str
    state: State
    created_at: datetime
    expires_at: datetime
    next_attempt_at: datetime | None
    attempts: tuple[Attempt, ...]


@dataclass(frozen=True)
class DeliveryClaim:
    """The right to make one attempt; `attempt` counts from 1 and includes this one."""

    job_id: str
    token: str
    attempt: int
    owner: str


@dataclass(frozen=True)
class AttemptResult:
    """How an attempt went, and what it says of the receiver: `unknown` where none was reached."""

    verdict: Verdict
    receiver: ReceiverState
    status: int | None
    error: str | None
    duration_s: float


_LOST = AttemptResult("retry", "unknown", None, "lost", 0.0)


class DeliveryStore:
    """Hands over, claims, settles, gives and replays deliveries. May raise `shared.redis.UNAVAILABLE`."""

    def __init__(self, redis: Redis, settings: Settings) -> None:
        self._redis = redis
        self._lease_ms = int(settings.webhook_lease_s * 1000)
        self._queued_ms = int(max(settings.requeue_after_s, _ROUNDS * settings.webhook_timeout_s) * 1000)
        self._host_limit, self._key_limit = settings.webhook_host_limit, settings.webhook_key_limit
        self._host_failures = settings.webhook_host_failures
        self._pause_ms = settings.webhook_host_pause_s * 1000
        self._delays_ms = [int(delay * 1000) for delay in read_delays(settings.webhook_retries_s)]
        self._hand_over, self._claim, self._settle, self._replay = (
            register_script(redis, f"webhook_{name}") for name in ("hand_over", "claim", "settle", "replay")
        )

    def hand_over(self, limit: int = _MOST_QUEUED) -> list[str]:
        """Take deliveries that can be sent now, to be queued; whose message is lost is handed over again."""
        args: list[str | int] = [_MOST_QUEUED, limit, self._queued_ms, self._host_limit, self._key_limit]
        args += [self._host_failures, _LOOK_AGAIN_MS, WEBHOOK_PREFIX, RECEIVER_PREFIX]
        keys = [WEBHOOKS_DUE, WEBHOOKS_LEASES, WEBHOOKS_PARKED, WEBHOOK_QUEUE]
        return [raw.decode() for raw in self._hand_over(keys=keys, args=args)]

    def claim(self, job_id: str) -> DeliveryClaim | None:
        """Take a delivery for one attempt; None if it was not handed over, or somebody else has taken it."""
        token = uuid.uuid4().hex
        args: list[str | int] = [job_id, token, self._lease_ms, RECEIVER_PREFIX]
        claimed = self._claim(keys=[webhook_key(job_id), WEBHOOKS_LEASES, WEBHOOKS_PARKED], args=args)
        if not claimed:
            return None
        attempt, owner = claimed
        return DeliveryClaim(job_id, token, int(attempt), owner.decode())

    def settle(self, claim: DeliveryClaim, result: AttemptResult) -> Ended | None:
        """Note how an attempt went, and when the next one is; None if the claim's lease ran out and was taken back.

        A `retry` after the last attempt of the schedule is `dead`.
        """
        return self._end(claim.job_id, claim.token, result)

    def release_expired(self, limit: int = 100) -> list[str]:
        """Take back what was handed over or claimed and whose lease has run out; gives the ids."""
        expired = cast(
            "list[bytes]",
            self._redis.zrangebyscore(WEBHOOKS_LEASES, "-inf", redis_time_ms(self._redis), start=0, num=limit),
        )
        return [job_id for job_id in (raw.decode() for raw in expired) if self._end(job_id, "", _LOST)]

    def replay(self, job_id: str) -> bool:
        """Have a webhook sent again, or at once if it waits for its next attempt; False if it is gone."""
        return bool(self._replay(keys=[webhook_key(job_id), WEBHOOKS_DUE], args=[job_id]))

    def get(self, job_id: str) -> Delivery | None:
        """The delivery of a job's webhook; None if there is none (any more)."""
        found = self._read([job_id])
        return found[0] if found else None

    def of_owner(self, owner: str, limit: int) -> list[Delivery]:
        """The deliveries of an API key, the newest first."""
        # By id, since one that comes meanwhile moves the others down, some of them into the next page.
        found: dict[str, Delivery] = {}
        start = 0
        while len(found) < limit:
            page = self._redis.zrange(webhooks_of_key(owner), start, start + _PAGE - 1, desc=True)
            ids = [raw.decode() for raw in cast("list[bytes]", page)]
            found |= {each.id: each for each in self._read(ids)}
            if len(ids) < _PAGE:
                break
            start += _PAGE
        return list(found.values())[:limit]

    def _read(self, ids: list[str]) -> list[Delivery]:
        """Those of the deliveries that there are, in this order."""
        pipeline = self._redis.pipeline(transaction=False)
        pipeline.time()
        for job_id in ids:
            pipeline.hgetall(webhook_key(job_id))
            pipeline.lrange(webhook_log_key(job_id), 0, -1)
        (seconds, microseconds), *answers = pipeline.execute()
        now = seconds * 1000 + microseconds // 1000
        read = zip(ids, answers[::2], answers[1::2], strict=True)
        return [found for job_id, stored, log in read if (found := _delivery(job_id, stored, log, now))]

    def _end(self, job_id: str, token: str, result: AttemptResult) -> Ended | None:
        factor = 1 + random.random() * JITTER
        keys = [webhook_key(job_id), webhook_log_key(job_id), WEBHOOKS_DUE, WEBHOOKS_LEASES, WEBHOOKS_PARKED]
        args: list[str | int | float] = [job_id, token, result.verdict, result.receiver]
        args += [result.status or "", result.error or "", int(result.duration_s * 1000), factor]
        args += [self._host_failures, self._pause_ms, self._pause_ms * LONGEST_PAUSE, RECEIVER_PREFIX]
        ended = self._settle(keys=keys, args=[*args, *self._delays_ms])
        if ended is None:
            return None
        became = cast("Ended", ended.decode())
        if became in get_args(Verdict):
            WEBHOOK_ATTEMPTS.labels(became).inc()
        return became


def _delivery(job_id: str, stored: dict[bytes, bytes], log: list[bytes], now: int) -> Delivery | None:
    state = stored.get(b"state", b"cancelled").decode()
    if state == "cancelled" or int(stored[b"expires_at"]) <= now:
        return None
    state = "pending" if state == "queued" else state
    return Delivery(
        id=job_id,
        owner=stored[b"owner"].decode(),
        state=cast("State", state),
        created_at=_time(int(stored[b"created_at"])),
        expires_at=_time(int(stored[b"expires_at"])),
        next_attempt_at=_time(int(stored[b"next_at"])) if state == "pending" else None,
        attempts=tuple(_attempt(raw) for raw in log),
    )


def _attempt(raw: bytes) -> Attempt:
    entry = orjson.loads(raw)
    status = entry["status"]
    return Attempt(
        _time(entry["at"]), int(status) if status else None, entry["error"] or None, entry["duration_ms"] / 1000
    )


def _time(milliseconds: float) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
