"""The job store: every change of a job's state is one atomic script in Redis, timed by the clock of Redis.

Keys: `kartu:job:<id>` (hash), `kartu:image:<id>` (sealed bytes), `kartu:waiting` (queued jobs by the time they were
queued), `kartu:leases` (jobs in work by the end of their lease), `kartu:horizon` (how far the queue is worked off).
What can hold personal data (request, image, outcome) is sealed; ids, states and times are plain.
"""

from __future__ import annotations

import uuid
from dataclasses import asdict
from datetime import UTC, datetime
from importlib import resources
from typing import cast

import orjson
from redis import Redis
from redis.commands.core import Script
from redis.exceptions import TimeoutError

from shared.errors import QueueFull
from shared.records import Claim, Job, Outcome, ReadRequest, Status
from shared.sealing import Sealer
from shared.settings import Settings

FINISHED_CHANNEL = "kartu:finished"
"""Pub/sub channel on which the id of each job that ends is published."""

_WAITING = "kartu:waiting"
_LEASES = "kartu:leases"
_HORIZON = "kartu:horizon"


class JobStore:
    """Creates, claims, finishes and gives jobs. Every method may raise the exceptions of `shared.redis.UNAVAILABLE`."""

    def __init__(self, redis: Redis, settings: Settings) -> None:
        self._redis = redis
        self._sealer = Sealer.from_setting(settings.sealing_keys)
        self._image_ttl_ms = settings.image_ttl_s * 1000
        self._result_ttl_ms = settings.result_ttl_s * 1000
        self._lease_ms = int(settings.lease_s * 1000)
        self._timeout_ms = int(settings.redis_timeout_s * 1000)
        self._queue_limit = settings.queue_limit
        self._grace_ms = int(settings.requeue_after_s * 1000)
        self._create = self._script("create")
        self._claim = self._script("claim")
        self._finish = self._script("finish")
        self._release = self._script("release")
        self._overtaken = self._script("overtaken")

    def create(self, owner: str, request: ReadRequest, image: bytes) -> str:
        """Accept a job and give its id; image and job are stored together or not at all.

        Raises QueueFull. What Redis carries out only after this call has failed by a timeout is refused there, by the
        clock of Redis itself: who was told 503 has no job.
        """
        job_id = str(uuid.uuid4())
        not_after = self._now_ms() + self._timeout_ms
        answer = self._create(
            keys=[_job_key(job_id), _image_key(job_id), _WAITING],
            args=[
                job_id,
                owner,
                self._sealer.seal(orjson.dumps(asdict(request)), f"request:{job_id}"),
                self._sealer.seal(image, f"image:{job_id}"),
                self._image_ttl_ms,
                # A job must outlive its image, so that its owner learns that it was not read in time.
                self._image_ttl_ms + self._result_ttl_ms,
                not_after,
                self._queue_limit,
            ],
        )
        if answer == b"full":
            raise QueueFull()
        if answer == b"late":
            raise TimeoutError("Redis was too slow to accept the job")
        return job_id

    def claim(self, job_id: str, delivery: str) -> Claim | None:
        """Take a job for one attempt; None if it has ended, is gone, or is in somebody's work.

        `delivery` names the message: one that is delivered again takes the job over from its own earlier delivery,
        whose process must be dead, and from nobody else.
        """
        token = uuid.uuid4().hex
        claimed = self._claim(
            keys=[_job_key(job_id), _WAITING, _LEASES, _HORIZON],
            args=[job_id, token, self._lease_ms, delivery],
        )
        if not claimed:
            return None
        attempt, sealed = claimed
        return Claim(job_id=job_id, token=token, attempt=int(attempt), sealed_request=sealed)

    def request(self, claim: Claim) -> ReadRequest:
        """What the client asked for; raises SealBrokenError."""
        return self._open_request(claim.job_id, claim.sealed_request)

    def image(self, job_id: str) -> bytes | None:
        """The bytes of the image as the client sent it; None once they are gone."""
        sealed = cast("bytes | None", self._redis.get(_image_key(job_id)))
        return None if sealed is None else self._sealer.open(sealed, f"image:{job_id}")

    def finish(self, claim: Claim, outcome: Outcome) -> bool:
        """End the job and remove its image; False (and nothing changed) if the claim is no longer the job's."""
        ended = self._finish(
            keys=[_job_key(claim.job_id), _image_key(claim.job_id), _LEASES],
            args=[
                claim.job_id,
                claim.token,
                outcome.status,
                self._sealer.seal(orjson.dumps(asdict(outcome)), f"outcome:{claim.job_id}"),
                self._result_ttl_ms,
                FINISHED_CHANNEL,
            ],
        )
        return bool(ended)

    def release(self, claim: Claim) -> bool:
        """Give the job back for another attempt; False if the claim is no longer the job's."""
        return bool(self._release(keys=self._release_keys(claim.job_id), args=[claim.job_id, claim.token]))

    def release_expired(self, limit: int = 100) -> list[str]:
        """Put jobs back whose holder let the lease run out; gives their ids, to be queued again."""
        expired = cast("list[bytes]", self._redis.zrangebyscore(_LEASES, "-inf", self._now_ms(), start=0, num=limit))
        ids = [raw.decode() for raw in expired]
        return [job_id for job_id in ids if self._release(keys=self._release_keys(job_id), args=[job_id, ""])]

    def overtaken(self, *, queue_is_empty: bool, limit: int = 100) -> list[str]:
        """Ids of waiting jobs whose message must have been lost, to be queued again (see overtaken.lua)."""
        args = [self._grace_ms, int(queue_is_empty), limit]
        return [raw.decode() for raw in self._overtaken(keys=[_WAITING, _HORIZON], args=args)]

    def get(self, job_id: str) -> Job | None:
        """The job as it is now; None if it is unknown or expired."""
        stored = cast("dict[bytes, bytes]", self._redis.hgetall(_job_key(job_id)))
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
            outcome=Outcome(**orjson.loads(self._sealer.open(outcome, f"outcome:{job_id}"))) if outcome else None,
        )

    def _open_request(self, job_id: str, sealed: bytes) -> ReadRequest:
        stored = orjson.loads(self._sealer.open(sealed, f"request:{job_id}"))
        # JSON knows no tuples; a request that an earlier release stored has no `include`.
        return ReadRequest(**stored | {"include": tuple(stored.get("include", ()))})

    def _now_ms(self) -> int:
        seconds, microseconds = self._redis.time()
        return int(seconds) * 1000 + int(microseconds) // 1000

    def _script(self, name: str) -> Script:
        return self._redis.register_script(resources.files("shared").joinpath("lua", f"{name}.lua").read_text())

    @staticmethod
    def _release_keys(job_id: str) -> list[str]:
        return [_job_key(job_id), _WAITING, _LEASES]


def _job_key(job_id: str) -> str:
    return f"kartu:job:{job_id}"


def _image_key(job_id: str) -> str:
    return f"kartu:image:{job_id}"


def _time(milliseconds: bytes) -> datetime:
    return datetime.fromtimestamp(float(milliseconds) / 1000, UTC)
