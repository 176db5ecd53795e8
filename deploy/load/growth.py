"""Whether the queue takes longer the more jobs wait in it: each step of a job's way, at one length after another."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median
from typing import ParamSpec, TypeVar

from deploy.load.pictures import make_jpeg
from deploy.load.service import MeasuredService
from shared.intake import Intake, NewJob, Terms
from shared.jobs import JobStore
from shared.limits import Gate, Limits
from shared.queue import JobQueue, make_celery
from shared.records import Outcome, ReadRequest
from shared.redis import connect

OWNER = "growth"
TAKES = 100
"""How often each step is timed at each length."""

_IMAGE_BYTES = 2_000
_AT_ONCE = 50

Takes = ParamSpec("Takes")
Given = TypeVar("Given")


@dataclass(frozen=True)
class Grown:
    """Median milliseconds of each step while `waiting` jobs wait."""

    waiting: int
    admit: float
    accept: float
    enqueue: float
    claim: float
    finish: float


def measure_growth(service: MeasuredService, lengths: Sequence[int]) -> Iterator[Grown]:
    """Fill the queue to one length after the other, and time what the API and a worker do with it at each.

    For every job that is taken one more is accepted, so the length stays; no worker runs beside it.
    """
    settings = service.settings
    redis = connect(settings)
    gate, intake, jobs = Gate(redis, settings), Intake(redis, settings), JobStore(redis, settings)
    queue = JobQueue(make_celery(settings), redis)
    terms = Terms(OWNER, Limits(), settings.image_ttl_s, settings.result_ttl_s)
    job = NewJob(ReadRequest(), make_jpeg(_IMAGE_BYTES))
    waiting: list[str] = []
    for length in sorted(lengths):
        # Filling is not what is measured, and a sync for each of 50,000 takes minutes.
        redis.config_set("appendfsync", "no")
        while len(waiting) < length:
            added = intake.accept_batch(terms, [job] * min(_AT_ONCE, length - len(waiting))).job_ids
            for job_id in added:
                queue.enqueue(job_id)
            waiting += added
        redis.config_set("appendfsync", "always")
        steps: dict[str, list[float]] = {name: [] for name in ("admit", "accept", "enqueue", "claim", "finish")}
        for _ in range(TAKES):
            _time(steps["admit"], gate.admit, OWNER, Limits())
            (added_id,) = _time(steps["accept"], lambda: intake.accept(terms, job)).job_ids
            _time(steps["enqueue"], queue.enqueue, added_id)
            taken = _time(steps["claim"], jobs.claim, waiting.pop(0), uuid.uuid4().hex)
            assert taken
            _time(steps["finish"], jobs.finish, taken, Outcome("OK", charged=False))
            waiting.append(added_id)
        yield Grown(length, **{name: 1000 * median(each) for name, each in steps.items()})


def _time(seconds: list[float], call: Callable[Takes, Given], *args: Takes.args, **named: Takes.kwargs) -> Given:
    started = time.perf_counter()
    given = call(*args, **named)
    seconds.append(time.perf_counter() - started)
    return given
