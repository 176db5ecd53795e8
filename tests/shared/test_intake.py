"""Jobs come in whole or not at all, once for each idempotency key, on the fake Redis and on the real one."""

import threading
import time
from dataclasses import replace

import pytest
from redis.exceptions import ConnectionError, TimeoutError

from shared.batches import BatchStore
from shared.errors import IdempotencyKeyReused, QueueFull, RateLimited
from shared.intake import Intake, NewJob, Refusal, Terms
from shared.jobs import JobStore
from shared.limits import Limits, quota_key
from shared.records import ReadRequest
from shared.redis import connect

JOB = NewJob(ReadRequest(reference_id="r"), b"image")
TERMS = Terms("client", Limits(), image_ttl_s=100, result_ttl_s=50)


@pytest.fixture(params=["fakeredis", "valkey"])
def server(request, settings, redis):
    if request.param == "valkey":
        return connect(replace(settings, redis_url=request.getfixturevalue("valkey_url")))
    return redis


@pytest.fixture
def intake(server, settings) -> Intake:
    return Intake(server, settings)


@pytest.fixture
def jobs(server, settings) -> JobStore:
    return JobStore(server, settings)


def under(key: str, digest: str = "payload") -> Terms:
    return replace(TERMS, idempotency_key=key, payload_digest=digest)


def test_a_full_queue_takes_no_job_and_keeps_nothing(server, settings, jobs):
    small = Intake(server, replace(settings, queue_limit=1))
    first = small.accept(TERMS, JOB)
    before = sorted(server.keys("*"))
    with pytest.raises(QueueFull):
        small.accept(TERMS, JOB)
    with pytest.raises(QueueFull):
        small.accept(under("k"), JOB)
    assert sorted(server.keys("*")) == before
    jobs.claim(first.id, "m1")
    assert small.accept(TERMS, JOB)


def test_what_redis_does_too_late_is_not_done(server, settings):
    # The caller has given up after 2 s and told its client so; the command is still on its way.
    slow = Intake(server, replace(settings, redis_timeout_s=-0.01))
    with pytest.raises(TimeoutError):
        slow.accept(under("k"), JOB)
    assert server.keys("*") == []


def test_retention_is_that_of_the_terms(server, intake, jobs):
    job_id = intake.accept(TERMS, JOB).id
    assert 0 < server.pttl(f"kartu:image:{job_id}") <= 100_000
    assert 100_000 < server.pttl(f"kartu:job:{job_id}") <= 150_000
    job = jobs.get(job_id)
    assert round((job.expires_at - job.created_at).total_seconds()) == 150


def test_one_idempotency_key_is_one_job(intake, jobs):
    first, again = intake.accept(under("k"), JOB), intake.accept(under("k"), JOB)
    assert (again.id, again.job_ids, again.is_repeated) == (first.id, (), True)
    assert intake.accept(under("other"), JOB).id != first.id
    assert intake.accept(replace(under("k"), owner="somebody-else"), JOB).id != first.id
    with pytest.raises(IdempotencyKeyReused):
        intake.accept(under("k", "another payload"), JOB)


def test_a_key_is_kept_a_day_and_tells_neither_itself_nor_the_payload(server, intake):
    intake.accept(under("CANARY-KEY", "CANARY-DIGEST"), JOB)
    (name,) = server.keys("kartu:idempotency:*")
    assert 23.9 * 3600 < server.ttl(name) <= 24 * 3600
    assert b"CANARY" not in name + server.get(name)


def test_racing_with_one_key_makes_one_job(settings, valkey_url, jobs):
    settings = replace(settings, redis_url=valkey_url)
    found = []

    def race():
        found.append(Intake(connect(settings), settings).accept(under("race"), JOB))

    threads = [threading.Thread(target=race) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({each.id for each in found}) == 1
    assert sum(not each.is_repeated for each in found) == 1
    assert len(connect(settings).keys("kartu:job:*")) == 1


def test_the_days_quota_counts_what_was_accepted(server, intake):
    terms = replace(TERMS, limits=Limits(quota_per_day=3))
    intake.accept(terms, JOB)
    with pytest.raises(RateLimited) as refused:
        intake.accept_batch(terms, [JOB, JOB, JOB])
    assert 0 < refused.value.retry_after_s <= 24 * 3600
    intake.accept_batch(terms, [JOB, JOB])
    with pytest.raises(RateLimited):
        intake.accept(terms, JOB)
    assert len(server.keys("kartu:job:*")) == 3


def test_a_repeated_submission_takes_no_quota(intake):
    terms = replace(under("k"), limits=Limits(quota_per_day=1))
    assert intake.accept(terms, JOB).id == intake.accept(terms, JOB).id


def test_a_batch_is_stored_with_what_was_refused_of_it(server, settings, intake, jobs):
    refusal = Refusal({"message": "CANARY", "errors": {"errorType": "corrupted_image"}}, "r-1")
    accepted = intake.accept_batch(TERMS, [JOB, refusal, JOB])
    assert len(accepted.job_ids) == 2
    batch = BatchStore(server, settings).get(accepted.id)
    assert [item.status for item in batch.items] == ["queued", "rejected", "queued"]
    assert [item.reference_id for item in batch.items] == ["r", "r-1", "r"]
    assert batch.items[1].refusal["message"] == "CANARY"
    assert b"CANARY" not in server.get(f"kartu:batch:{accepted.id}")
    jobs.purge(jobs.get(accepted.job_ids[0]))
    jobs.claim(accepted.job_ids[1], "m1")
    batch = BatchStore(server, settings).get(accepted.id)
    assert [item.status for item in batch.items] == ["gone", "rejected", "processing"]


def test_a_batch_is_accepted_whole_or_not_at_all(server, settings):
    with pytest.raises(QueueFull):
        Intake(server, replace(settings, queue_limit=2)).accept_batch(TERMS, [JOB] * 3)
    assert server.keys("*") == []


def test_a_delayed_job_is_due_when_its_time_has_come_and_not_lost_before(server, settings, intake, jobs):
    hasty = JobStore(server, replace(settings, requeue_after_s=0))
    job_id = intake.accept(TERMS, replace(JOB, delay_s=30)).id
    assert jobs.due() == []
    assert hasty.overtaken(queue_is_empty=True) == []
    server.zadd("kartu:due", {job_id: 1})
    assert jobs.due() == [job_id]
    assert jobs.due() == []


class LostAnswers:
    """A script that is carried out and whose answer does not arrive."""

    def __init__(self, script):
        self._script = script

    def __call__(self, **call):
        self._script(**call)
        raise ConnectionError()


def refused_though_stored(intake, terms, monkeypatch, items=None):
    """Submit while answers are lost; gives once nothing is left to be taken back."""
    with monkeypatch.context() as patch:
        patch.setattr(intake, "_accept", LostAnswers(intake._accept))
        with pytest.raises(ConnectionError):
            intake.accept(terms, JOB) if items is None else intake.accept_batch(terms, items)


def wait_for(condition):
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.parametrize("items", [None, [JOB, JOB, Refusal({})]])
def test_what_was_stored_and_refused_is_taken_back(intake, server, monkeypatch, items):
    terms = replace(under("k"), limits=Limits(quota_per_day=5))
    refused_though_stored(intake, terms, monkeypatch, items)
    wait_for(lambda: [name for name in server.keys("*") if not name.startswith(b"kartu:quota:")] == [])
    assert int(server.get(quota_key("client"))) == 0
    assert not intake.accept(terms, JOB).is_repeated


def test_a_redis_that_stays_away_is_waited_for(intake, server, monkeypatch):
    retract = intake._retractions._retract
    answers = [ConnectionError(), TimeoutError(), None]

    def hesitant(**call):
        if error := answers.pop(0):
            raise error
        return retract(**call)

    monkeypatch.setattr(intake._retractions, "_retract", hesitant)
    refused_though_stored(intake, TERMS, monkeypatch)
    wait_for(lambda: server.keys("*") == [])
    assert answers == []


def test_what_somebody_was_told_of_or_works_on_is_not_taken_back(intake, server, jobs, monkeypatch):
    """Who comes again under the same key before that has the job, and so has the worker that took it."""
    taken = []
    retract = intake._retractions._retract
    monkeypatch.setattr(intake._retractions, "_retract", lambda **call: taken.append(call) or 0)
    refused_though_stored(intake, under("told"), monkeypatch)
    told = intake.accept(under("told"), JOB)
    assert told.is_repeated
    assert intake.accept(under("told"), JOB).id == told.id
    refused_though_stored(intake, under("other payload"), monkeypatch)
    with pytest.raises(IdempotencyKeyReused):
        intake.accept(under("other payload", "changed"), JOB)
    refused_though_stored(intake, TERMS, monkeypatch)
    wait_for(lambda: len(taken) == 3)
    in_work = taken[2]["args"][2]
    assert jobs.claim(in_work, "m1")
    assert [retract(**call) for call in taken] == [0, 1, 0]
    assert jobs.get(told.id).status == "queued"
    assert jobs.get(in_work).status == "processing"
