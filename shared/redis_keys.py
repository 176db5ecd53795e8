"""Names of what jobs have in Redis. Ids, states and times there are plain; all else is sealed.

`kartu:job:<id>` (hash), `kartu:image:<id>` (sealed bytes), `kartu:batch:<id>` (sealed), `kartu:waiting` (queued jobs by
the time they were queued), `kartu:due` (delayed jobs by the time they may be queued), `kartu:leases` (jobs in work by
the end of their lease), `kartu:horizon` (how far the queue is worked off), `kartu:pace` (hash: how fast that goes).
"""

from __future__ import annotations

from importlib import resources

from redis import Redis
from redis.commands.core import Script

WAITING = "kartu:waiting"
DUE = "kartu:due"
LEASES = "kartu:leases"
HORIZON = "kartu:horizon"
PACE = "kartu:pace"
WORKERS = "kartu:workers"
"""Worker processes by their last sign of life."""
FINISHED_CHANNEL = "kartu:finished"
"""Pub/sub channel on which the id of each job that ends is published."""


def job_key(job_id: str) -> str:
    """The hash of a job."""
    return f"kartu:job:{job_id}"


def image_key(job_id: str) -> str:
    """The image of a job."""
    return f"kartu:image:{job_id}"


def batch_key(batch_id: str) -> str:
    """What is kept of a batch."""
    return f"kartu:batch:{batch_id}"


def register_script(redis: Redis, name: str) -> Script:
    """The script `shared/lua/<name>.lua`."""
    return redis.register_script(resources.files("shared").joinpath("lua", f"{name}.lua").read_text())


def redis_time_ms(redis: Redis) -> int:
    """Milliseconds since 1970 by the clock of Redis, which times all changes of a job."""
    seconds, microseconds = redis.time()
    return int(seconds) * 1000 + int(microseconds) // 1000
