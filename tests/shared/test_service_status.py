import time

import pytest

from shared.heartbeats import ALIVE_WITHIN_S, beat
from shared.jobs import JobStore
from shared.service_status import ServiceStatus, read_status
from tests.conftest import accept_job


def test_an_empty_service(redis):
    assert read_status(redis) == ServiceStatus(0, 0.0, 0, None, ())


def test_what_waits_and_what_is_in_work(redis, settings):
    first, _ = accept_job(redis, settings), accept_job(redis, settings)
    JobStore(redis, settings).claim(first, "m")
    accept_job(redis, settings, delay_s=60)
    redis.hset("kartu:pace", "interval", 250)
    beat(redis, "a")
    time.sleep(0.01)
    status = read_status(redis)
    assert (status.waiting, status.in_work, status.interval_s, status.workers) == (1, 1, 0.25, ("a",))
    assert 0 < status.oldest_s < 5


def test_a_job_whose_time_has_not_come_does_not_wait(redis, settings):
    accept_job(redis, settings, delay_s=60)
    assert (read_status(redis).waiting, read_status(redis).oldest_s) == (0, 0.0)


@pytest.mark.parametrize(
    ("oldest_s", "workers", "stuck"),
    [
        (0.0, (), False),
        (ALIVE_WITHIN_S + 1, (), True),
        (ALIVE_WITHIN_S + 1, ("a",), False),
        (601.0, ("a",), True),
    ],
)
def test_stuck_is_a_queue_that_nobody_works_off_or_far_too_long(oldest_s, workers, stuck):
    assert ServiceStatus(1, oldest_s, 0, None, workers).stuck(600) is stuck
