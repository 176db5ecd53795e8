"""Each job counts once, under its key, its day and what became of it."""

from datetime import date, timedelta

import pytest

from shared.errors import CardNotFound, ProcessingFailed
from shared.jobs import JobStore
from shared.records import Outcome
from shared.usage import read_usage, today, total_usage
from tests.conftest import accept_job

READ = Outcome("OK", True)


@pytest.fixture
def jobs(redis, settings) -> JobStore:
    return JobStore(redis, settings)


def used(redis, owner="client"):
    return read_usage(redis, owner, today(), today())[today()]


def test_a_job_counts_once_however_often_its_message_is_delivered(jobs, redis, settings):
    job_id = accept_job(redis, settings)
    first = jobs.claim(job_id, "m1")
    second = jobs.claim(job_id, "m1")
    assert not jobs.finish(first, READ)
    assert jobs.finish(second, READ)
    assert not jobs.finish(second, READ)
    assert jobs.claim(job_id, "m1") is None
    assert (used(redis).jobs, used(redis).charged, used(redis).outcomes) == (1, 1, {"succeeded": 1})


def test_outcomes_are_counted_apart_and_only_some_are_charged(jobs, redis, settings):
    for error in (CardNotFound(), CardNotFound(), ProcessingFailed()):
        claim = jobs.claim(accept_job(redis, settings), "m")
        jobs.finish(claim, Outcome.failure(error, "id"))
    jobs.finish(jobs.claim(accept_job(redis, settings, owner="other"), "m"), READ)
    assert used(redis).outcomes == {"card_not_found": 2, "processing_failed": 1}
    assert used(redis).charged == 2
    assert used(redis, "other").outcomes == {"succeeded": 1}


def test_a_job_that_is_deleted_before_its_end_is_cancelled_and_not_charged(jobs, redis, settings):
    queued, working, ended = (accept_job(redis, settings) for _ in range(3))
    claim = jobs.claim(working, "m")
    jobs.finish(jobs.claim(ended, "m"), READ)
    for job_id in (queued, working, ended):
        job = jobs.get(job_id)
        assert jobs.purge(job)
        assert not jobs.purge(job)
        assert jobs.get(job_id) is None
    assert not jobs.finish(claim, READ)
    assert jobs.claim(queued, "m") is None
    assert (used(redis).outcomes, used(redis).charged) == ({"cancelled": 2, "succeeded": 1}, 1)
    assert redis.zcard("kartu:waiting") == redis.zcard("kartu:leases") == 0
    assert redis.keys("kartu:job:*") == redis.keys("kartu:image:*") == []


def test_every_day_of_a_span_is_there(redis):
    last = date(2026, 3, 1)
    redis.hset("kartu:usage:client:2026-02-28", mapping={"succeeded": 3, "charged": 3})
    redis.hset("kartu:usage:client:2026-03-01", mapping={"succeeded": 1, "parsing_failed": 2, "charged": 3})
    days = read_usage(redis, "client", last - timedelta(days=2), last)
    assert [(day.isoformat(), each.jobs) for day, each in days.items()] == [
        ("2026-02-27", 0),
        ("2026-02-28", 3),
        ("2026-03-01", 3),
    ]
    total = total_usage(list(days.values()))
    assert (total.charged, total.outcomes) == (6, {"succeeded": 4, "parsing_failed": 2})
