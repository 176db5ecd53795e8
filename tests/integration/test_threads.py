"""Jobs taken by threads of one process, as on a GPU, with real Celery: signs of life, results, limits."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from redis import Redis

from deploy import stack
from deploy.processes import ChildDiedError, Program, Supervisor
from shared.heartbeats import alive
from shared.jobs import JobStore
from shared.queue import JobQueue, make_celery
from shared.records import Outcome, ReadRequest
from shared.settings import Settings
from tests.conftest import DATA, accept_job, make_png
from tests.integration.threads import GREEDY, SLOW, STUCK
from worker.engines import load_engines
from worker.outcome import outcome_of
from worker.pipeline.read import read_card
from worker.pipeline.types import ReadOptions

WITHIN_S = 60


@dataclass
class Worker:
    """The worker, and the way in and out of its queue."""

    supervisor: Supervisor
    redis: Redis
    settings: Settings

    def submit(self, image: bytes) -> str:
        job_id = accept_job(self.redis, self.settings, image=image)
        JobQueue(make_celery(self.settings), self.redis).enqueue(job_id)
        return job_id

    def outcome(self, job_id: str) -> Outcome:
        jobs = JobStore(self.redis, self.settings)
        self.wait_until(lambda: jobs.get(job_id).ended)
        return jobs.get(job_id).outcome

    def wait_until(self, condition: Callable[[], bool]) -> None:
        self.supervisor.wait_until(condition, WITHIN_S, "What is waited for")

    def how_it_ends(self) -> str:
        until = time.monotonic() + WITHIN_S
        while time.monotonic() < until:
            try:
                self.supervisor.check()
            except ChildDiedError as died:
                return str(died)
            time.sleep(0.05)
        raise AssertionError("it goes on")


@contextmanager
def running(valkey_url: str, settings: Settings, logs: Path, **variables: str) -> Iterator[Worker]:
    """A worker with four threads that says that it is there."""
    settings = replace(settings, redis_url=valkey_url)
    environment = os.environ | {
        "KARTU_REDIS_URL": valkey_url,
        "KARTU_SEALING_KEYS": settings.sealing_keys,
        **variables,
    }
    command = (sys.executable, *stack.worker_command(4, "gpu"), "--include", "tests.integration.threads")
    supervisor, redis = Supervisor(logs), Redis.from_url(valkey_url)
    supervisor.start(Program("worker", command, environment, stop_within_s=20))
    try:
        worker = Worker(supervisor, redis, settings)
        worker.wait_until(lambda: len(alive(redis)) == 1)
        yield worker
    finally:
        supervisor.stop(lambda _: None, lambda: False)


def test_cards_read_at_once_by_threads_are_read_as_one_by_one(valkey_url, settings, tmp_path):
    if not Settings().weights.exists():
        pytest.skip("the OCR weights are not there; ./deploy/test fetches them")
    images = [path.read_bytes() for path in sorted(DATA.glob("*.jpg"))[:6]]
    with running(valkey_url, settings, tmp_path, KARTU_BATCH_MS="20") as worker:
        ids = [worker.submit(image) for image in images * 2]
        found = [worker.outcome(job_id) for job_id in ids]
        assert len(alive(worker.redis)) == 1
    engines = load_engines(Settings())
    for image, *outcomes in zip(images, found[: len(images)], found[len(images) :], strict=True):
        alone = outcome_of(read_card(image, ReadOptions(), engines, 10**8), ReadRequest())
        assert [each.result for each in outcomes] == [alone.result] * 2


def test_a_card_that_takes_too_long_is_given_up_and_others_are_read_meanwhile(valkey_url, settings, tmp_path):
    limits = {"KARTU_SOFT_LIMIT_S": "1", "KARTU_HARD_LIMIT_S": "60", "KARTU_MAX_ATTEMPTS": "2", "KARTU_ENGINE": "null"}
    with running(valkey_url, settings, tmp_path, **limits) as worker:
        slow, others = worker.submit(make_png(*SLOW)), [worker.submit(make_png()) for _ in range(8)]
        assert {worker.outcome(other).name for other in others} == {"succeeded"}
        assert worker.outcome(slow).error_type == "processing_failed"
        assert worker.outcome(worker.submit(make_png())).name == "succeeded"


def test_a_card_that_is_stuck_in_native_code_ends_the_process_which_is_started_again(valkey_url, settings, tmp_path):
    limits = {"KARTU_SOFT_LIMIT_S": "1", "KARTU_HARD_LIMIT_S": "2", "KARTU_ENGINE": "null"}
    with running(valkey_url, settings, tmp_path, **limits) as worker:
        worker.submit(make_png(*STUCK))
        assert "signal SIGKILL" in worker.how_it_ends()
        worker.supervisor.revive()
        assert worker.outcome(worker.submit(make_png())).name == "succeeded"


def test_a_process_that_has_grown_too_much_ends_when_its_jobs_have(valkey_url, settings, tmp_path):
    with running(valkey_url, settings, tmp_path, KARTU_WORKER_MEMORY_MB="200", KARTU_ENGINE="null") as worker:
        ids = [worker.submit(image) for image in (make_png(), make_png(*GREEDY), make_png())]
        assert "exit status 0" in worker.how_it_ends()
        worker.supervisor.revive()
        assert {worker.outcome(job_id).name for job_id in ids} == {"succeeded"}
