import time
from dataclasses import replace
from functools import partial

import pytest

from shared.errors import CardNotFound
from shared.jobs import JobStore
from shared.records import Outcome, ReadRequest
from shared.redis import connect
from shared.sealing import Sealer
from tests.conftest import accept_job

READ = Outcome(message="OK", charged=True, result={"fullName": "BUDI SANTOSO"}, information={"tilt": 0.0})


@pytest.fixture(params=["fakeredis", "valkey"])
def store(request, settings, redis):
    """The job store on the fake and on the real server: the scripts must do the same on both."""
    if request.param == "valkey":
        redis = connect(replace(settings, redis_url=request.getfixturevalue("valkey_url")))
    store = JobStore(redis, settings)
    store.redis_of_test = redis
    return store


@pytest.fixture
def accept(store, settings):
    """Accepts a job in the store of the test."""
    return partial(accept_job, store.redis_of_test, settings)


def test_a_new_job_is_queued_and_belongs_to_its_owner(store, accept):
    request = ReadRequest(flip_image=True, reference_id="ref", include=("boxes", "crops"))
    job_id = accept(request)
    job = store.get(job_id)
    assert (job.status, job.owner, job.outcome) == ("queued", "client", None)
    assert job.request == request
    assert store.image(job_id) == b"image"
    assert job.expires_at > job.created_at


def test_a_request_that_was_stored_before_there_was_include_is_read(store, settings, accept):
    job_id = accept()
    old = Sealer.from_setting(settings.sealing_keys).seal(b'{"card_detect": false}', f"request:{job_id}")
    store.redis_of_test.hset(f"kartu:job:{job_id}", "request", old)
    assert store.get(job_id).request == ReadRequest(card_detect=False)


def test_claim_and_finish_end_a_job_and_remove_its_image(store, accept):
    job_id = accept()
    claim = store.claim(job_id, "m1")
    assert claim.attempt == 1
    assert store.get(job_id).status == "processing"
    assert store.finish(claim, READ)
    job = store.get(job_id)
    assert (job.status, job.outcome) == ("succeeded", READ)
    assert job.created_at <= job.started_at <= job.finished_at <= job.expires_at
    assert store.image(job_id) is None


def test_a_job_in_work_cannot_be_claimed_again(store, accept):
    job_id = accept()
    assert store.claim(job_id, "m1")
    assert store.claim(job_id, "m2") is None


def test_an_ended_job_cannot_be_claimed(store, accept):
    job_id = accept()
    store.finish(store.claim(job_id, "m1"), READ)
    assert store.claim(job_id, "m1") is None


def test_an_unknown_job_cannot_be_claimed_and_leaves_nothing(store):
    assert store.claim("unknown", "m1") is None
    assert store.redis_of_test.keys("*") == []


def test_a_message_delivered_again_takes_over_and_its_dead_process_cannot_finish(store, accept):
    job_id = accept()
    dead = store.claim(job_id, "m1")
    heir = store.claim(job_id, "m1")
    assert heir.attempt == 2
    assert not store.finish(dead, READ)
    assert store.finish(heir, Outcome.failure(CardNotFound(), "error-id"))
    assert not store.finish(heir, READ)
    job = store.get(job_id)
    assert (job.status, job.outcome.error_type, job.outcome.charged) == ("failed", "card_not_found", True)


def test_a_message_delivered_again_takes_nothing_from_another(store, accept):
    job_id = accept()
    store.release(store.claim(job_id, "m1"))
    working = store.claim(job_id, "m2")
    assert store.claim(job_id, "m1") is None
    assert store.finish(working, READ)


def test_a_released_job_can_be_claimed_and_its_old_claim_is_void(store, accept):
    job_id = accept()
    claim = store.claim(job_id, "m1")
    assert store.release(claim)
    assert store.get(job_id).status == "queued"
    assert not store.release(claim)
    assert not store.finish(claim, READ)
    assert store.claim(job_id, "m1").attempt == 2


def test_only_a_lease_that_ran_out_is_released(store, settings, accept):
    job_id = accept()
    store.claim(job_id, "m1")
    assert store.release_expired() == []
    short = JobStore(store.redis_of_test, replace(settings, hard_limit_s=-5))
    short.claim(job_id, "m1")
    time.sleep(0.002)
    assert store.release_expired() == [job_id]
    assert store.release_expired() == []
    assert store.claim(job_id, "m1").attempt == 3


def test_a_job_whose_message_was_lost_is_found_once_the_queue_is_empty(store, settings, accept):
    patient = store
    hasty = JobStore(store.redis_of_test, replace(settings, requeue_after_s=0))
    job_id = accept()
    time.sleep(0.002)
    assert patient.overtaken(queue_is_empty=True) == []
    assert hasty.overtaken(queue_is_empty=False) == []
    assert hasty.overtaken(queue_is_empty=True) == [job_id]
    store.claim(job_id, "m1")
    time.sleep(0.002)
    assert hasty.overtaken(queue_is_empty=True) == []


def test_a_job_that_a_younger_one_has_overtaken_has_lost_its_message(store, settings, accept):
    hasty = JobStore(store.redis_of_test, replace(settings, requeue_after_s=0))
    lost = accept()
    time.sleep(0.005)
    younger = accept()
    waiting = accept()
    assert hasty.overtaken(queue_is_empty=False) == []
    store.claim(younger, "m1")
    assert hasty.overtaken(queue_is_empty=False) == [lost]
    assert store.claim(waiting, "m1")


def test_keys_expire_with_the_retention(store, settings, accept):
    job_id = accept()
    redis = store.redis_of_test
    assert redis.ttl(f"kartu:image:{job_id}") <= settings.image_ttl_s
    assert settings.image_ttl_s < redis.ttl(f"kartu:job:{job_id}") <= settings.image_ttl_s + settings.result_ttl_s
    store.finish(store.claim(job_id, "m1"), READ)
    assert 0 < redis.ttl(f"kartu:job:{job_id}") <= settings.result_ttl_s


def test_nothing_personal_is_stored_in_plain(store, accept):
    job_id = accept(ReadRequest(reference_id="CANARY-REF"), image=b"CANARY-IMAGE")
    redis = store.redis_of_test

    def stored() -> bytes:
        values = [redis.get(f"kartu:image:{job_id}") or b"", *redis.hgetall(f"kartu:job:{job_id}").values()]
        return b"".join(values)

    before = stored()
    store.finish(store.claim(job_id, "m1"), replace(READ, result={"fullName": "CANARY-NAME"}))
    assert b"CANARY" not in before + stored()
