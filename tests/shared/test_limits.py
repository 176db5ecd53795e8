"""Tokens, quotas and room in the queue, on the fake Redis and on the real one."""

import time
from dataclasses import replace

import pytest

from shared.errors import QueueFull, RateLimited
from shared.jobs import JobStore
from shared.limits import Gate, Limits
from shared.redis import connect
from tests.conftest import accept_job


@pytest.fixture(params=["fakeredis", "valkey"])
def server(request, settings, redis):
    if request.param == "valkey":
        return connect(replace(settings, redis_url=request.getfixturevalue("valkey_url")))
    return redis


@pytest.fixture
def gate(server, settings) -> Gate:
    return Gate(server, settings)


def test_a_key_without_limits_is_told_of_none(gate):
    admission = gate.admit("client", Limits())
    assert (admission.verdict, admission.policy, admission.state) == ("ok", "", "")
    assert admission.refusal(600) is None


def test_tokens_are_taken_one_by_one_until_none_is_left(gate):
    limits = Limits(rate_per_minute=3)
    left = [gate.admit("client", limits).tokens for _ in range(3)]
    assert left == [2, 1, 0]
    refused = gate.admit("client", limits)
    assert refused.verdict == "rate"
    error = refused.refusal(600)
    assert isinstance(error, RateLimited)
    assert 19 <= error.retry_after_s <= 20
    assert gate.admit("somebody-else", limits).verdict == "ok"


def test_a_refusal_takes_nothing_and_tokens_come_back(gate, server):
    limits = Limits(rate_per_minute=6000)
    assert gate.admit("client", limits, 6000).tokens < 100
    assert gate.admit("client", limits, 3000).verdict == "rate"
    time.sleep(0.2)
    assert gate.admit("client", limits, 10).verdict == "ok"


def test_a_batch_larger_than_the_bucket_takes_all_of_it(gate):
    limits = Limits(rate_per_minute=5)
    assert gate.admit("client", limits, 50).verdict == "ok"
    assert gate.admit("client", limits, 1).verdict == "rate"


def test_the_headers_say_policy_and_what_is_left(gate):
    admission = gate.admit("client", Limits(rate_per_minute=60, quota_per_day=1000))
    assert admission.policy == '"minute";q=60;w=60, "day";q=1000;w=86400'
    minute, day = admission.state.split(", ")
    assert minute == '"minute";r=59;t=1'
    assert day.startswith('"day";r=1000;t=')


def test_a_quota_that_is_used_up_refuses_before_the_body_is_read(gate, server):
    from shared.limits import quota_key

    server.set(quota_key("client"), 10)
    assert isinstance(gate.admit("client", Limits(quota_per_day=10)).refusal(600), RateLimited)
    assert gate.admit("client", Limits(quota_per_day=11)).verdict == "ok"
    assert gate.admit("client", Limits(quota_per_day=11), 2).verdict == "quota"


def test_a_queue_at_its_limit_refuses(server, settings):
    gate = Gate(server, replace(settings, queue_limit=2))
    accept_job(server, settings)
    assert gate.admit("client", Limits(5)).verdict == "ok"
    accept_job(server, settings)
    refused = gate.admit("client", Limits(5))
    assert (refused.verdict, refused.tokens) == ("full", 4)
    assert isinstance(refused.refusal(600), QueueFull)


def test_a_queue_that_moves_too_slowly_refuses(server, settings):
    for _ in range(10):
        accept_job(server, settings)
    server.hset("kartu:pace", "interval", 5000)
    admission = Gate(server, settings).admit("client", Limits())
    assert admission.expected_wait_s == pytest.approx(50, abs=1)
    refused = Gate(server, replace(settings, wait_limit_s=40)).admit("client", Limits())
    assert refused.verdict == "full"
    assert refused.refusal(40).retry_after_s == 25


def test_a_queue_that_nobody_works_off_is_as_old_as_its_oldest_job(server, settings):
    job_id = accept_job(server, settings)
    server.zadd("kartu:waiting", {job_id: (time.time() - 100) * 1000})
    assert Gate(server, settings).admit("client", Limits()).expected_wait_s == pytest.approx(100, abs=5)


def accept_one_ms_later(server, settings):
    # Jobs of the same millisecond have their places by chance.
    time.sleep(0.002)
    return accept_job(server, settings)


def test_the_pace_is_the_time_between_claims_of_a_queue_that_was_never_empty(server, settings):
    jobs, interval = JobStore(server, settings), lambda: server.hget("kartu:pace", "interval")
    first, second, third, last = (accept_one_ms_later(server, settings) for _ in range(4))
    jobs.claim(first, "m")
    assert interval() is None
    time.sleep(0.05)
    jobs.claim(second, "m")
    assert 40 <= float(interval()) < 500
    assert jobs.retry_after_s(jobs.get(last)) == 1
    server.hset("kartu:pace", "interval", 9_000)
    assert jobs.retry_after_s(jobs.get(last)) == 9
    jobs.claim(third, "m")
    jobs.claim(last, "m")
    before = interval()
    # The queue was empty now: the next pause says nothing.
    jobs.claim(accept_job(server, settings), "m")
    assert interval() == before


def test_one_long_pause_says_little_of_the_pace(server, settings):
    jobs = JobStore(server, settings)
    first, second = accept_one_ms_later(server, settings), accept_one_ms_later(server, settings)
    accept_job(server, settings)
    jobs.claim(first, "m")
    server.hset("kartu:pace", mapping={"interval": 500, "claimed_at": int(time.time() * 1000) - 61_000})
    jobs.claim(second, "m")
    assert 500 < float(server.hget("kartu:pace", "interval")) < 1000


def test_a_clock_that_is_set_back_leaves_the_pace_as_it_was(server, settings):
    jobs = JobStore(server, settings)
    ids = [accept_one_ms_later(server, settings) for _ in range(4)]
    an_hour_ahead = int(time.time() * 1000) + 3_600_000
    server.hset("kartu:pace", mapping={"interval": 500, "claimed_at": an_hour_ahead, "was_busy": 1})
    jobs.claim(ids[0], "m")
    assert float(server.hget("kartu:pace", "interval")) == 500
    jobs.claim(ids[1], "m")
    assert 0 < float(server.hget("kartu:pace", "interval")) < 500


@pytest.mark.parametrize("kept", ["-1e259", "-inf", "inf", "nan", "-nan"])
def test_a_pace_that_a_clock_has_spoilt_is_measured_anew(server, settings, kept):
    jobs = JobStore(server, settings)
    first, last = accept_one_ms_later(server, settings), accept_one_ms_later(server, settings)
    claimed_at = int(time.time() * 1000) - 2_000
    server.hset("kartu:pace", mapping={"interval": kept, "claimed_at": claimed_at, "was_busy": 1})
    jobs.claim(first, "m")
    assert 2_000 <= float(server.hget("kartu:pace", "interval")) < 10_000
    assert 1 <= jobs.retry_after_s(jobs.get(last)) <= 30


def test_a_bucket_that_was_kept_before_the_clock_was_set_back_is_full(gate, server):
    limits = Limits(rate_per_minute=3)
    server.set("kartu:rate:client", int(time.time() * 1000) + 3_600_000)
    assert [gate.admit("client", limits).tokens for _ in range(3)] == [2, 1, 0]
    assert gate.admit("client", limits).verdict == "rate"
    server.set("kartu:rate:client", int(time.time() * 1000) + 90_000)
    refused = gate.admit("client", limits)
    assert (refused.verdict, refused.tokens, refused.refusal(600).retry_after_s) == ("rate", 0, 20)


def test_jobs_whose_time_has_not_come_take_no_room(server, settings):
    small = replace(settings, queue_limit=1)
    accept_job(server, small, delay_s=60)
    assert accept_job(server, small)
