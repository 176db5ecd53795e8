import threading
import time

from redis import Redis

from api.waiting import FinishedJobs
from shared.jobs import JobStore
from shared.records import Outcome
from tests.conftest import accept_job

READ = Outcome("OK", True)


def test_waiting_reads_redis_only_when_something_happened(settings, parts):
    finished, jobs = FinishedJobs(parts.redis, 9), parts.jobs
    job_id = accept_job(parts.redis, settings)
    reads = []

    def read():
        reads.append(time.monotonic())
        return jobs.get(job_id)

    assert finished.wait(job_id, 1.0, read).status == "queued"
    # One at the start, at most one when the subscription came to be, one at the end.
    assert len(reads) <= 3


def test_a_listener_that_lost_its_connection_finds_what_ended_meanwhile(settings, valkey_url):
    redis = Redis.from_url(valkey_url)
    jobs, finished = JobStore(redis, settings), FinishedJobs(redis, 9)
    job_id = accept_job(redis, settings)
    ended = threading.Thread(target=lambda: results.append(finished.wait(job_id, 20, lambda: jobs.get(job_id))))
    results: list = []
    ended.start()
    time.sleep(0.3)
    redis.client_kill_filter(_type="pubsub")
    jobs.finish(jobs.claim(job_id, "m1"), READ)
    ended.join(15)
    assert results
    assert results[0].status == "succeeded"


def test_a_job_that_vanishes_ends_the_wait(settings, parts):
    assert FinishedJobs(parts.redis, 9).wait("unknown", 10, lambda: None) is None
