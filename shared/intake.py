"""The way in: jobs are accepted by one script in Redis, all that were sent together or none of them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import orjson
from redis import Redis
from redis.exceptions import TimeoutError

from shared.callback_urls import Target, receiver_digest
from shared.errors import IdempotencyKeyReused, QueueFull
from shared.job_ids import JobIds
from shared.limits import Limits, quota_key, quota_used_up
from shared.records import ReadRequest
from shared.redis import UNAVAILABLE
from shared.redis_keys import (
    DUE,
    WAITING,
    batch_key,
    idempotency_name,
    image_key,
    job_key,
    redis_time_ms,
    register_script,
)
from shared.retractions import Retraction, Retractions
from shared.sealing import Sealer, read_keys
from shared.settings import Settings

_IDEMPOTENCY_MS = 24 * 3600 * 1000
_QUOTA_KEPT_MS = 2 * 24 * 3600 * 1000


@dataclass(frozen=True)
class NewJob:
    """A job to accept: queued at once, or `delay_s` seconds later.

    `target` is its `callback_url`, checked and taken apart.
    """

    request: ReadRequest
    image: bytes = field(repr=False)
    delay_s: float = 0.0
    target: Target | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Refusal:
    """An item of a batch that is refused: `body` is that of the error answer."""

    body: dict[str, Any]
    reference_id: str | None = None


@dataclass(frozen=True)
class Terms:
    """On which terms jobs are accepted: of whom, kept how long, and under which `idempotency_key` if there is one.

    `payload_digest` tells the payloads under one key apart.
    """

    owner: str
    limits: Limits
    image_ttl_s: int
    result_ttl_s: int
    idempotency_key: str | None = None
    payload_digest: str = ""


@dataclass(frozen=True)
class Accepted:
    """The id under which jobs were accepted: that of the one job, or of the batch; and the ids of all new jobs.

    `is_repeated`: the idempotency key has brought these jobs before, and nothing is new.
    """

    id: str
    job_ids: tuple[str, ...]
    is_repeated: bool = False


class Intake:
    """Accepts jobs. Every method may raise the exceptions of `shared.redis.UNAVAILABLE`."""

    def __init__(self, redis: Redis, settings: Settings) -> None:
        self._redis = redis
        self._sealer = Sealer.from_setting(settings.sealing_keys)
        keys = read_keys(settings.sealing_keys)
        self._ids, self._receiver_key = JobIds(keys), keys[0]
        self._timeout_ms = int(settings.redis_timeout_s * 1000)
        self._queue_limit = settings.queue_limit
        self._accept = register_script(redis, "accept")
        self._retractions = Retractions(redis)

    def accept(self, terms: Terms, job: NewJob) -> Accepted:
        """Accept one job.

        Raises QueueFull, RateLimited (the day's quota) and IdempotencyKeyReused. Who was told 503 has no job: what
        Redis carries out only after this call has failed by a timeout is refused there, by the clock of Redis itself,
        and what it had carried out before is taken back.
        """
        job_id = self._ids.new(terms.owner, "job")
        return self._run(terms, job_id, {job_id: job}, b"", "")

    def accept_batch(self, terms: Terms, items: Sequence[NewJob | Refusal]) -> Accepted:
        """Accept a batch of jobs, and keep what was refused of it; raises as `accept`."""
        batch_id = self._ids.new(terms.owner, "batch")
        jobs: dict[str, NewJob] = {}
        kept: list[dict[str, object]] = []
        for item in items:
            if isinstance(item, NewJob):
                job_id = self._ids.new(terms.owner, "job")
                jobs[job_id] = item
                kept.append({"id": job_id, "reference_id": item.request.reference_id})
            else:
                kept.append({"refusal": item.body, "reference_id": item.reference_id})
        record = orjson.dumps({"owner": terms.owner, "items": kept})
        return self._run(terms, batch_id, jobs, self._sealer.seal(record, f"batch:{batch_id}"), batch_key(batch_id))

    def _run(
        self, terms: Terms, accepted_id: str, jobs: dict[str, NewJob], sealed_batch: bytes, batch: str
    ) -> Accepted:
        value = _idempotency_value(terms, accepted_id)
        name = idempotency_name(terms.owner, terms.idempotency_key)
        keys = [WAITING, DUE, name, quota_key(terms.owner), batch]
        args: list[str | bytes | int] = [
            terms.owner,
            redis_time_ms(self._redis) + self._timeout_ms,
            self._queue_limit,
            terms.limits.quota_per_day,
            value,
            _IDEMPOTENCY_MS,
            terms.image_ttl_s * 1000,
            terms.result_ttl_s * 1000,
            sealed_batch,
            _QUOTA_KEPT_MS,
        ]
        for job_id, job in jobs.items():
            keys += [job_key(job_id), image_key(job_id)]
            args += [
                job_id,
                self._sealer.seal(orjson.dumps(asdict(job.request)), f"request:{job_id}"),
                self._sealer.seal(job.image, f"image:{job_id}"),
                int(job.delay_s * 1000),
                receiver_digest(job.target, terms.owner, self._receiver_key) if job.target else "",
            ]
        try:
            verdict, *rest = self._accept(keys=keys, args=args)
        except UNAVAILABLE:
            has_quota = int(terms.limits.quota_per_day > 0)
            self._retractions.add(Retraction(tuple(keys), (value, has_quota, *jobs)))
            raise
        match verdict:
            case b"full":
                raise QueueFull()
            case b"quota":
                raise quota_used_up()
            case b"late":
                raise TimeoutError("Redis was too slow to accept the job")
            case b"known":
                fingerprint, known_id, *_ = rest[0].decode().split(":")
                if fingerprint != value.partition(":")[0]:
                    raise IdempotencyKeyReused()
                return Accepted(known_id, (), is_repeated=True)
        return Accepted(accepted_id, tuple(jobs))


def _idempotency_value(terms: Terms, accepted_id: str) -> str:
    """What is kept under an idempotency key: a hash of key and payload, and what they gave; '' without a key."""
    if terms.idempotency_key is None:
        return ""
    told_apart = f"{terms.owner}:{terms.idempotency_key}{terms.payload_digest}"
    return f"{hashlib.sha256(told_apart.encode()).hexdigest()}:{accepted_id}"
