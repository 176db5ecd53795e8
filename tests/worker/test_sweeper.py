import threading
import time
from dataclasses import replace

import pytest

from shared.callback_urls import Target
from shared.deliveries import DeliveryStore
from shared.intake import Intake, NewJob, Terms
from shared.jobs import JobStore
from shared.limits import Limits
from shared.records import Outcome, ReadRequest
from shared.redis import connect
from shared.usage import read_usage, today
from tests.conftest import accept_job
from worker.sweeper import end_unread, run, sweep, sweep_webhooks


class Messages(list):
    enqueue = list.append

    def depth(self) -> int:
        return len(self)


@pytest.fixture
def hasty(settings):
    """Settings under which leases and waiting run out at once."""
    return replace(settings, hard_limit_s=-5, requeue_after_s=0, webhook_timeout_s=0, sweep_interval_s=0.01)


def test_jobs_of_dead_workers_and_lost_messages_are_queued_again(redis, hasty):
    jobs, queue = JobStore(redis, hasty), Messages()
    lost = accept_job(redis, hasty)
    abandoned = accept_job(redis, hasty)
    ended = accept_job(redis, hasty)
    jobs.claim(abandoned, "m1")
    jobs.finish(jobs.claim(ended, "m1"), Outcome("OK", True))
    time.sleep(0.005)
    assert sorted(sweep(jobs, queue)) == sorted([lost, abandoned])
    assert sorted(queue) == sorted([lost, abandoned])


def test_jobs_that_are_well_are_left_alone(redis, settings):
    jobs, queue = JobStore(redis, settings), Messages()
    accept_job(redis, settings)
    jobs.claim(accept_job(redis, settings), "m1")
    assert sweep(jobs, queue) == []


def test_two_sweepers_queue_an_expired_job_once(redis, hasty):
    jobs, queue = JobStore(redis, replace(hasty, requeue_after_s=60)), Messages()
    jobs.claim(accept_job(redis, hasty), "m1")
    time.sleep(0.005)
    assert len(sweep(jobs, queue)) == 1
    assert sweep(jobs, queue) == []


def test_a_job_that_nobody_reads_ends_with_its_image(redis, settings):
    """All workers are away for longer than a key keeps images: its owner learns that, and the job is not just gone."""
    brief = replace(settings, image_ttl_s=1, result_ttl_s=60)
    jobs = JobStore(redis, brief)
    request, target = ReadRequest(callback_url="https://example.com/"), Target("https", "example.com", 443, "/")
    terms = Terms("owner", Limits(), brief.image_ttl_s, brief.result_ttl_s)
    job_id = Intake(redis, brief).accept(terms, NewJob(request, b"image", target=target)).id
    kept = accept_job(redis, settings)
    assert end_unread(jobs) == []
    redis.delete(f"kartu:image:{job_id}")
    assert end_unread(jobs) == [job_id]
    assert end_unread(jobs) == []
    assert (jobs.get(job_id).status, jobs.get(job_id).outcome.error_type) == ("failed", "processing_failed")
    assert DeliveryStore(redis, settings).get(job_id) is not None
    assert sum(usage.jobs for usage in read_usage(redis, "owner", today(), today()).values()) == 1
    assert redis.zrange("kartu:waiting", 0, -1) == [kept.encode()]
    assert jobs.get(kept).status == "queued"


def test_a_job_that_is_in_work_is_not_ended_for_its_image(redis, settings):
    jobs = JobStore(redis, settings)
    job_id = accept_job(redis, settings)
    jobs.claim(job_id, "m1")
    redis.delete(f"kartu:image:{job_id}")
    assert end_unread(jobs) == []
    assert jobs.get(job_id).status == "processing"


def test_webhooks_are_handed_over_when_due_and_taken_back_when_their_message_is_lost(redis, hasty, caplog):
    jobs, deliveries, queue = JobStore(redis, hasty), DeliveryStore(redis, hasty), Messages()
    queue.enqueue_webhook = queue.append
    target = Target("https", "hooks.example.com", 443, "/")
    new = NewJob(ReadRequest(callback_url="https://hooks.example.com/"), b"image", target=target)
    job_id = Intake(redis, hasty).accept(Terms("client", Limits(), 60, 60), new).id
    assert sweep_webhooks(deliveries, queue) == []
    jobs.finish(jobs.claim(job_id, "m1"), Outcome("OK", True))
    assert sweep_webhooks(deliveries, queue) == [job_id]
    time.sleep(0.005)
    assert sweep_webhooks(deliveries, queue) == [job_id]
    assert "webhooks taken back" in caplog.text
    assert queue == [job_id, job_id]


def test_the_loop_survives_a_redis_that_is_away_and_stops_when_told(hasty, unused_port, caplog):
    stop = threading.Event()
    settings = replace(hasty, redis_url=f"redis://127.0.0.1:{unused_port}/0")
    thread = threading.Thread(target=run, args=(settings, stop))
    thread.start()
    time.sleep(0.5)
    assert thread.is_alive()
    stop.set()
    thread.join(5)
    assert not thread.is_alive()
    assert "Redis is not available" in caplog.text


def test_the_loop_queues_a_job_whose_message_is_lost(hasty, valkey_url):
    settings = replace(hasty, redis_url=valkey_url)
    redis = connect(settings)
    accept_job(redis, settings)
    stop = threading.Event()
    thread = threading.Thread(target=run, args=(settings, stop))
    thread.start()
    deadline = time.monotonic() + 10
    while redis.llen("ocr") == 0 and time.monotonic() < deadline:
        time.sleep(0.01)
    stop.set()
    thread.join(5)
    assert redis.llen("ocr") >= 1
