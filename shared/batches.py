"""Batches as they are kept: which jobs were sent together, what was refused of them, and how far they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, cast

import orjson
from redis import Redis

from shared.records import Status
from shared.redis_keys import batch_key, job_key
from shared.sealing import Sealer
from shared.settings import Settings

ItemStatus = Status | Literal["rejected", "gone"]
ITEM_STATUSES: tuple[ItemStatus, ...] = (
    "queued",
    "processing",
    "succeeded",
    "failed",
    "rejected",
    "gone",
)


@dataclass(frozen=True)
class BatchItem:
    """One item: its job and status, or the error body with which it was refused (`rejected`).

    `gone`: the job was deleted or has expired.
    """

    status: ItemStatus
    job_id: str | None = None
    reference_id: str | None = None
    refusal: dict[str, Any] | None = None


@dataclass(frozen=True)
class Batch:
    """A batch as its owner may see it, items in the order in which they were sent."""

    id: str
    owner: str
    items: tuple[BatchItem, ...]


class BatchStore:
    """Gives batches. May raise the exceptions of `shared.redis.UNAVAILABLE`."""

    def __init__(self, redis: Redis, settings: Settings) -> None:
        self._redis = redis
        self._sealer = Sealer.from_setting(settings.sealing_keys)

    def get(self, batch_id: str) -> Batch | None:
        """The batch as it is now; None if it is unknown or expired."""
        sealed = cast("bytes | None", self._redis.get(batch_key(batch_id)))
        if sealed is None:
            return None
        record = orjson.loads(self._sealer.open(sealed, f"batch:{batch_id}"))
        statuses = self._statuses([item["id"] for item in record["items"] if "id" in item])
        items = tuple(
            BatchItem("rejected", refusal=item["refusal"], reference_id=item["reference_id"])
            if "refusal" in item
            else BatchItem(statuses[item["id"]], item["id"], item["reference_id"])
            for item in record["items"]
        )
        return Batch(batch_id, record["owner"], items)

    def _statuses(self, job_ids: list[str]) -> dict[str, ItemStatus]:
        with self._redis.pipeline(transaction=False) as pipe:
            for job_id in job_ids:
                pipe.hget(job_key(job_id), "status")
            found = cast("list[bytes | None]", pipe.execute())
        return {
            job_id: cast("ItemStatus", raw.decode()) if raw else "gone"
            for job_id, raw in zip(job_ids, found, strict=True)
        }
