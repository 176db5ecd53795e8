"""The job store: every change of a job's state is one atomic script in Redis, timed by the clock of Redis.

Jobs come in by `shared.intake`. What can hold personal data (request, image, outcome) is sealed; ids, states and times
are plain.
"""

from __future__ import annotations

import math
import uuid
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime
from typing import cast

import orjson
from redis import Redis

from shared.records import Claim, Job, Outcome, ReadRequest, Status, restore
from shared.redis_keys import (
    DUE,
    FINISHED_CHANNEL,
    HORIZON,
    LEASES,
    PACE,
    WAITING,
    WEBHOOK_PREFIX,
    WEBHOOKS_DUE,
    image_key,
    job_key,
    redis_time_ms,
    register_script,
    webhook_key,
    webhooks_of_key,
)
from shared.sealing import SealBrokenError, Sealer
from shared.settings import Settings
from shared.usage import KEPT_MS, usage_key

_LONGEST_INTERVAL_MS, _INTERVAL_WEIGHT = 60_000, 0.2
"""What one pause between two claims counts for at most, and its weight in the running mean."""

_DELIVERY_MARGIN_MS = 10 * 60_000
"""For how long a delivery is kept beyond its result: longer than any attempt takes."""

LONGEST_RETRY_S = 30


class JobStore:
    """Claims, finishes, gives and purges jobs. Every method may raise the exceptions of `shared.redis.UNAVAILABLE`."""

    def __init__(self, redis: Redis, settings: Settings) -> None:
        self._redis = redis
        self._sealer = Sealer.from_setting(settings.sealing_keys)
        self._result_ttl_ms = settings.result_ttl_s * 1000
        self._lease_ms = int(settings.lease_s * 1000)
        self._grace_ms = int(settings.requeue_after_s * 1000)
        self._claim, self._finish, self._release, self._overtaken, self._due, self._purge = (
            register_script(redis, name) for name in ("claim", "finish", "release", "overtaken", "due", "purge")
        )

    def claim(self, job_id: str, delivery: str) -> Claim | None:
        """Take a job for one attempt; None if it has ended, is gone, or is in somebody's work.

        `delivery` names the message: one that is delivered again takes the job over from its own earlier delivery,
        whose process must be dead, and from nobody else.
        """
        token = uuid.uuid4().hex
        claimed = self._claim(
            keys=[job_key(job_id), WAITING, LEASES, HORIZON, PACE],
            args=[job_id, token, self._lease_ms, delivery, _LONGEST_INTERVAL_MS, _INTERVAL_WEIGHT],
        )
        if not claimed:
            return None
        attempt, sealed, owner, waited_ms = claimed
        return Claim(job_id, token, int(attempt), owner.decode(), sealed, waited_ms / 1000)

    def request(self, claim: Claim) -> ReadRequest:
        """What the client asked for; raises SealBrokenError."""
        return self._open_request(claim.job_id, claim.sealed_request)

    def traceparent(self, claim: Claim) -> str | None:
        """The span of the request that brought the job; None if it was not traced, or that cannot be told."""
        with suppress(SealBrokenError):
            return self.request(claim).traceparent
        return None

    def image(self, job_id: str) -> bytes | None:
        """The bytes of the image as the client sent it; None once they are gone."""
        sealed = cast("bytes | None", self._redis.get(image_key(job_id)))
        return None if sealed is None else self._sealer.open(sealed, f"image:{job_id}")

    def finish(self, claim: Claim, outcome: Outcome) -> bool:
        """End the job, remove its image and post its webhook.

        False, and nothing changed, if the claim is no longer the job's.
        """
        ended = self._finish(
            keys=[
                job_key(claim.job_id),
                image_key(claim.job_id),
                LEASES,
                usage_key(claim.owner),
                webhook_key(claim.job_id),
                WEBHOOKS_DUE,
                webhooks_of_key(claim.owner),
            ],
            args=[
                claim.job_id,
                claim.token,
                outcome.status,
                self._sealer.seal(orjson.dumps(asdict(outcome)), f"outcome:{claim.job_id}"),
                self._result_ttl_ms,
                FINISHED_CHANNEL,
                outcome.name,
                int(outcome.charged),
                KEPT_MS,
                claim.owner,
                _DELIVERY_MARGIN_MS,
                WEBHOOK_PREFIX,
            ],
        )
        return bool(ended)

    def release(self, claim: Claim) -> bool:
        """Give the job back for another attempt; False if the claim is no longer the job's."""
        return bool(self._release(keys=self._release_keys(claim.job_id), args=[claim.job_id, claim.token]))

    def release_expired(self, limit: int = 100) -> list[str]:
        """Put jobs back whose holder let the lease run out; gives their ids, to be queued again."""
        expired = cast(
            "list[bytes]", self._redis.zrangebyscore(LEASES, "-inf", redis_time_ms(self._redis), start=0, num=limit)
        )
        ids = [raw.decode() for raw in expired]
        return [job_id for job_id in ids if self._release(keys=self._release_keys(job_id), args=[job_id, ""])]

    def overtaken(self, *, queue_is_empty: bool, limit: int = 100) -> list[str]:
        """Ids of waiting jobs whose message must have been lost, to be queued again (see overtaken.lua)."""
        args = [self._grace_ms, int(queue_is_empty), limit]
        return [raw.decode() for raw in self._overtaken(keys=[WAITING, HORIZON], args=args)]

    def without_image(self, limit: int = 1000) -> list[str]:
        """Ids of the jobs that have waited longest and whose image is gone: they can never be read."""
        ids = [raw.decode() for raw in cast("list[bytes]", self._redis.zrange(WAITING, 0, limit - 1))]
        with self._redis.pipeline(transaction=False) as pipe:
            for job_id in ids:
                pipe.exists(image_key(job_id))
            kept = pipe.execute()
        return [job_id for job_id, is_there in zip(ids, kept, strict=True) if not is_there]

    def due(self, limit: int = 100) -> list[str]:
        """Take the ids of delayed jobs whose time has come, to be queued."""
        return [raw.decode() for raw in self._due(keys=[DUE], args=[limit])]

    def purge(self, job: Job) -> Status | None:
        """Remove a job with image and result at once; one that has not ended is cancelled.

        Gives the status that it had at that moment; None if it was gone.
        """
        keys = [
            *(job_key(job.id), image_key(job.id), WAITING, LEASES, DUE, usage_key(job.owner)),
            *(webhook_key(job.id), WEBHOOKS_DUE, webhooks_of_key(job.owner)),
        ]
        status = self._purge(keys=keys, args=[job.id, FINISHED_CHANNEL, KEPT_MS])
        return None if status is None else cast("Status", status.decode())

    def retry_after_s(self, job: Job) -> int:
        """Seconds until it is worth while to ask for the job again: by its place in the queue and the queue's pace."""
        if job.status != "queued":
            return 1
        with self._redis.pipeline(transaction=False) as pipe:
            pipe.zrank(WAITING, job.id)
            pipe.hget(PACE, "interval")
            place, interval = pipe.execute()
        return min(LONGEST_RETRY_S, max(1, math.ceil((place or 0) * float(interval or 0) / 1000)))

    def get(self, job_id: str) -> Job | None:
        """The job as it is now; None if it is unknown or expired."""
        stored = cast("dict[bytes, bytes]", self._redis.hgetall(job_key(job_id)))
        if not stored:
            return None
        outcome = stored.get(b"outcome")
        return Job(
            id=job_id,
            owner=stored[b"owner"].decode(),
            status=cast("Status", stored[b"status"].decode()),
            created_at=_time(stored[b"created_at"]),
            expires_at=_time(stored[b"expires_at"]),
            request=self._open_request(job_id, stored[b"request"]),
            started_at=_time(stored[b"started_at"]) if b"started_at" in stored else None,
            finished_at=_time(stored[b"finished_at"]) if b"finished_at" in stored else None,
            outcome=self._open_outcome(job_id, outcome) if outcome else None,
        )

    def _open_request(self, job_id: str, sealed: bytes) -> ReadRequest:
        stored = orjson.loads(self._sealer.open(sealed, f"request:{job_id}"))
        # JSON knows no tuples; a request that an earlier release stored has no `include`.
        return restore(ReadRequest, stored | {"include": tuple(stored.get("include", ()))})

    def _open_outcome(self, job_id: str, sealed: bytes) -> Outcome:
        return restore(Outcome, orjson.loads(self._sealer.open(sealed, f"outcome:{job_id}")))

    @staticmethod
    def _release_keys(job_id: str) -> list[str]:
        return [job_key(job_id), WAITING, LEASES]


def _time(milliseconds: bytes) -> datetime:
    return datetime.fromtimestamp(float(milliseconds) / 1000, UTC)
