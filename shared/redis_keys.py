"""Names of what jobs have in Redis. Ids, states and times there are plain; all else is sealed.

`kartu:job:<id>` (hash), `kartu:image:<id>` (sealed bytes), `kartu:batch:<id>` (sealed), `kartu:waiting` (queued jobs by
the time they were queued), `kartu:due` (delayed jobs by the time they may be queued), `kartu:leases` (jobs in work by
the end of their lease), `kartu:horizon` (how far the queue is worked off), `kartu:pace` (hash: how fast that goes).

Webhooks: `kartu:webhook:<job id>` (hash) and `kartu:webhook:<job id>:log` (list of attempts), `kartu:webhooks:due` (by
the time of the next attempt), `kartu:webhooks:leases` (handed over or under way, by the end of the lease),
`kartu:webhooks:of:<key id>` (by creation), `kartu:webhooks:parked` (lines that deliveries wait in, by the time to look
again); of each line, which is a receiver's (`kartu:receiver:<digest>`) or that of all receivers of a key
(`kartu:receiver:of:<key id>`), `…:under_way` (by the end of the lease) and `…:parked` (by the time they were due); of a
receiver also a hash: failures in a row, the end of its pause.
"""

from __future__ import annotations

import hashlib
from importlib import resources

from redis import Redis

from shared.redis import PlainScript

WAITING = "kartu:waiting"
DUE = "kartu:due"
LEASES = "kartu:leases"
HORIZON = "kartu:horizon"
PACE = "kartu:pace"
WORKERS = "kartu:workers"
"""Worker processes by their last sign of life."""
FINISHED_CHANNEL = "kartu:finished"
"""Pub/sub channel on which the id of each job that ends is published."""

WEBHOOKS_DUE = "kartu:webhooks:due"
WEBHOOKS_LEASES = "kartu:webhooks:leases"
WEBHOOKS_PARKED = "kartu:webhooks:parked"
WEBHOOK_PREFIX = "kartu:webhook:"
RECEIVER_PREFIX = "kartu:receiver:"


def job_key(job_id: str) -> str:
    """The hash of a job."""
    return f"kartu:job:{job_id}"


def image_key(job_id: str) -> str:
    """The image of a job."""
    return f"kartu:image:{job_id}"


def batch_key(batch_id: str) -> str:
    """What is kept of a batch."""
    return f"kartu:batch:{batch_id}"


def webhook_key(job_id: str) -> str:
    """The delivery of a job's webhook."""
    return f"{WEBHOOK_PREFIX}{job_id}"


def webhook_log_key(job_id: str) -> str:
    """The attempts at that delivery."""
    return f"{WEBHOOK_PREFIX}{job_id}:log"


def webhooks_of_key(owner: str) -> str:
    """All deliveries of an API key."""
    return f"kartu:webhooks:of:{owner}"


def idempotency_name(owner: str, idempotency_key: str | None) -> str:
    """Where an idempotency key of an owner is kept: its hash, which does not tell it. Nothing is kept under None's."""
    if idempotency_key is None:
        return "kartu:idempotency:none"
    return f"kartu:idempotency:{hashlib.sha256(f'{owner}:{idempotency_key}'.encode()).hexdigest()}"


def register_script(redis: Redis, name: str) -> PlainScript:
    """The script `shared/lua/<name>.lua`."""
    return PlainScript(redis, resources.files("shared").joinpath("lua", f"{name}.lua").read_text())


def redis_time_ms(redis: Redis) -> int:
    """Milliseconds since 1970 by the clock of Redis, which times all changes of a job."""
    seconds, microseconds = redis.time()
    return int(seconds) * 1000 + int(microseconds) // 1000
