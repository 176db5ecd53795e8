"""One attempt at a job: whatever happens, it has ended or is back in the queue."""

import logging
from dataclasses import replace

import pytest

from shared.errors import CardNotFound, ParsingFailed
from shared.jobs import JobStore
from shared.logs import JsonFormatter
from shared.records import BLOCKS, Outcome, ReadRequest
from shared.sealing import new_key
from tests.conftest import accept_job
from worker.pipeline.types import CardCrops, CardReading, Engines, ExtraFields, KtpFields
from worker.tasks import Reader

READING = CardReading(KtpFields(identity_id="3171", full_name="BUDI"), tilt=12.34, card_detected=True, flipped=False)


class Messages(list):
    """A queue that only remembers what was put into it."""

    enqueue = list.append


@pytest.fixture
def jobs(redis, settings) -> JobStore:
    return JobStore(redis, settings)


@pytest.fixture
def reader(jobs) -> Reader:
    return Reader(jobs=jobs, queue=Messages(), engines=Engines(text=None, cards=None), max_attempts=3, max_pixels=1_000)


@pytest.fixture
def job_id(redis, settings) -> str:
    return accept_job(redis, settings, ReadRequest(check_flip_image=True))


def stub_reading(monkeypatch, result):
    calls = []

    def read_card(data, options, engines, max_pixels):
        calls.append((data, options, max_pixels))
        if isinstance(result, Exception):
            raise result
        return result

    monkeypatch.setattr("worker.tasks.read_card", read_card)
    return calls


def test_a_card_that_is_read_ends_the_job(reader, jobs, job_id, monkeypatch):
    calls = stub_reading(monkeypatch, READING)
    reader.work(job_id, "m1")
    job = jobs.get(job_id)
    assert job.status == "succeeded"
    assert job.outcome.result["fullName"] == "BUDI"
    assert job.outcome.information == {"tilt": 12.3, "cardDetected": True, "flipped": False}
    assert job.outcome.charged
    assert calls[0][0] == b"image"
    assert calls[0][1].check_flip_image
    assert jobs.image(job_id) is None


@pytest.mark.parametrize("error", [CardNotFound(), ParsingFailed()])
def test_an_error_of_the_contract_ends_the_job_at_once(reader, jobs, job_id, monkeypatch, error):
    stub_reading(monkeypatch, error)
    reader.work(job_id, "m1")
    outcome = jobs.get(job_id).outcome
    assert (outcome.error_type, outcome.charged, outcome.http_status) == (error.error_type, error.charged, 422)
    assert reader.queue == []


def test_a_fault_is_tried_again_and_ends_uncharged_after_the_last_attempt(reader, jobs, job_id, monkeypatch):
    stub_reading(monkeypatch, RuntimeError("boom"))
    for attempt in (1, 2):
        reader.work(job_id, "m1")
        assert jobs.get(job_id).status == "queued"
        assert reader.queue == [job_id] * attempt
    reader.work(job_id, "m1")
    outcome = jobs.get(job_id).outcome
    assert (outcome.error_type, outcome.charged, outcome.http_status) == ("processing_failed", False, 500)
    assert reader.queue == [job_id] * 2
    assert jobs.image(job_id) is None


def test_an_image_that_kills_its_process_ends_after_the_last_attempt(reader, jobs, job_id, monkeypatch):
    calls = stub_reading(monkeypatch, READING)
    for _ in range(3):
        assert jobs.claim(job_id, "m1")
    reader.work(job_id, "m1")
    assert jobs.get(job_id).outcome.error_type == "processing_failed"
    assert calls == []


def test_a_message_delivered_twice_is_read_once(reader, job_id, monkeypatch):
    calls = stub_reading(monkeypatch, READING)
    reader.work(job_id, "m1")
    reader.work(job_id, "m1")
    assert len(calls) == 1


def test_a_message_for_a_job_in_work_does_nothing(reader, jobs, job_id, monkeypatch):
    calls = stub_reading(monkeypatch, READING)
    claim = jobs.claim(job_id, "m1")
    reader.work(job_id, "m2")
    assert calls == []
    assert jobs.finish(claim, Outcome("OK", True))


def test_a_result_that_comes_too_late_changes_nothing(reader, jobs, job_id, monkeypatch):
    def read_card(*_):
        heir = jobs.claim(job_id, "m1")
        jobs.finish(heir, Outcome("by the heir", True))
        return READING

    monkeypatch.setattr("worker.tasks.read_card", read_card)
    reader.work(job_id, "m1")
    assert jobs.get(job_id).outcome.message == "by the heir"


def test_a_job_whose_image_is_gone_fails_uncharged(reader, jobs, redis, job_id, monkeypatch):
    stub_reading(monkeypatch, READING)
    redis.delete(f"kartu:image:{job_id}")
    reader.work(job_id, "m1")
    assert jobs.get(job_id).outcome.error_type == "processing_failed"


def test_a_request_that_cannot_be_opened_ends_after_the_last_attempt(reader, job_id, redis, settings, monkeypatch):
    calls = stub_reading(monkeypatch, READING)
    rekeyed = replace(reader, jobs=JobStore(redis, replace(settings, sealing_keys=new_key())))
    for _ in range(3):
        rekeyed.work(job_id, "m1")
    assert redis.hget(f"kartu:job:{job_id}", "status") == b"failed"
    assert redis.keys("kartu:image:*") == []
    assert calls == []


def test_an_unknown_job_is_no_fault(reader):
    reader.work("unknown", "m1")


def test_nothing_personal_is_logged(reader, jobs, redis, settings, monkeypatch, caplog):
    caplog.set_level(logging.DEBUG)
    stub_reading(
        monkeypatch,
        replace(
            READING,
            fields=KtpFields(identity_id="CANARY", full_name="CANARY"),
            extra=ExtraFields(blood_type="CANARY", issued_place="CANARY"),
            crops=CardCrops(photo=b"CANARY", signature=b"CANARY"),
        ),
    )
    job_id = accept_job(redis, settings, ReadRequest(reference_id="CANARY", include=BLOCKS), image=b"CANARY")
    reader.work(job_id, "m1")
    assert jobs.get(job_id).outcome.extra["bloodType"] == "CANARY"
    stub_reading(monkeypatch, RuntimeError("CANARY"))
    reader.work(accept_job(redis, settings, image=b"CANARY"), "m1")
    assert caplog.records
    # The crops as base64 too.
    for canary in ("CANARY", "Q0FOQVJZ"):
        assert not any(canary in str(vars(record)) for record in caplog.records if not record.exc_info)
        assert not any(canary in JsonFormatter().format(record) for record in caplog.records)
