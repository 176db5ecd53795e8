"""Counts what became of every request: accepted jobs by how they ended, the usage ledger, and what was left behind."""

from __future__ import annotations

import json
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta

from redis import Redis

from shared.client import RESOURCE
from shared.redis_keys import DUE, LEASES, WAITING, image_key, job_key
from tests.faults.senders import Connection, Traffic
from tests.faults.service import Service

ENDED = ("succeeded", "failed", "cancelled")


@dataclass(frozen=True)
class Tally:
    """One row of the README's table.

    `once`: accepted jobs that ended in the outcome that they must have, and whose document did not change afterwards.
    `lost`: accepted jobs that did not end or are gone. `double`: ends that the ledger counts beyond the ended jobs.
    `odd`: jobs with another outcome, documents that changed, answers outside the contract. `left`: jobs, images and
    queue entries in Redis that no accepted request accounts for. `webhooks`: ended jobs whose end arrived at the client
    under exactly one webhook-id, and as the document that it is. `wrong`: the answers outside the contract, and how
    often each came: of what is odd once in many runs nothing else is left.
    """

    scenario: str
    sent: int
    faults: int
    accepted: int
    refused: int
    once: int
    lost: int
    double: int
    odd: int
    left: int
    webhooks: int
    seconds: int
    wrong: dict[str, int] = field(default_factory=dict)

    @property
    def is_clean(self) -> bool:
        """Whether nothing was lost, doubled, odd or left behind."""
        counts = (self.once, self.webhooks, self.lost, self.double, self.odd, self.left)
        return counts == (self.accepted, self.accepted, 0, 0, 0, 0)

    def to_json(self) -> str:
        """As it is kept."""
        return json.dumps(asdict(self))


def count_up(
    scenario: str, faults: int, traffic: Traffic, key: tuple[str, str], service: Service, begun: float
) -> Tally:
    """The tally of a scenario whose jobs have had the time to end, and whose webhooks have had that to arrive."""
    key_id, plain = key
    connection = Connection(service.port, plain)
    first = {job_id: _document(connection, job_id) for job_id in traffic.accepted}
    ended = {job_id: each for job_id, each in first.items() if each and json.loads(each)["data"]["status"] in ENDED}
    odd = len(traffic.wrong) + traffic.unknown
    once = 0
    for job_id, document in ended.items():
        is_right = _outcome(json.loads(document)) == traffic.accepted[job_id].outcome
        once += is_right and _document(connection, job_id) == document
    webhooks = sum(
        service.inbox.webhook_ids(job_id) == 1 and service.inbox.documents(job_id) == {document}
        for job_id, document in ended.items()
    )
    return Tally(
        scenario=scenario,
        sent=traffic.sent,
        faults=faults,
        accepted=len(traffic.accepted),
        refused=len(traffic.refused),
        once=once,
        lost=len(first) - len(ended),
        double=_counted(connection) - len(ended),
        odd=odd + len(ended) - once,
        left=_left_behind(service.redis, key_id, set(traffic.accepted)),
        webhooks=webhooks,
        seconds=round(time.monotonic() - begun),
        wrong=dict(Counter(traffic.wrong)),
    )


def not_ended(redis: Redis, job_ids: list[str]) -> Callable[[], int]:
    """Gives how many of these jobs have not ended yet, as far as Redis has been asked: 200 at a time, in turn."""
    left = deque(job_ids)

    def count() -> int:
        asked = [left.popleft() for _ in range(min(200, len(left)))]
        with redis.pipeline(transaction=False) as pipe:
            for job_id in asked:
                pipe.hget(job_key(job_id), "status")
            statuses = pipe.execute()
        for job_id, status in zip(asked, statuses, strict=True):
            if status is not None and status.decode() not in ENDED:
                left.append(job_id)
        return len(left)

    return count


def _document(connection: Connection, job_id: str) -> bytes | None:
    answer = connection.ask("GET", f"{RESOURCE}/{job_id}") or connection.ask("GET", f"{RESOURCE}/{job_id}")
    return answer[1] if answer and answer[0] == 200 else None


def _outcome(document: dict) -> str:
    return document["errors"]["errorType"] if "errors" in document else document["data"]["status"]


def _counted(connection: Connection) -> int:
    """Ends of jobs in the usage ledger of the scenario's key; a stepped clock may have put some into another day."""
    today = datetime.now(UTC).date()
    span = f"from={today - timedelta(days=2)}&to={today + timedelta(days=2)}"
    answer = connection.ask("GET", f"/v1/billing/usage?{span}")
    assert answer
    assert answer[0] == 200, answer
    return int(json.loads(answer[1])["data"]["total"]["jobs"])


def _left_behind(redis: Redis, key_id: str, accepted: set[str]) -> int:
    ids = [key.decode().rpartition(":")[2] for key in redis.scan_iter(job_key("*"), count=1000)]
    with redis.pipeline(transaction=False) as pipe:
        for job_id in ids:
            pipe.hget(job_key(job_id), "owner")
        owners = pipe.execute()
    strangers = sum(
        owner == key_id.encode() and job_id not in accepted for job_id, owner in zip(ids, owners, strict=True)
    )
    images = sum(1 for _ in redis.scan_iter(image_key("*"), count=1000))
    return strangers + images + sum(int(redis.zcard(name)) for name in (WAITING, LEASES, DUE))
