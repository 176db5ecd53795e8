from dataclasses import replace

import orjson
import pytest
from kombu.exceptions import OperationalError
from redis import Redis

from shared.queue import OCR_QUEUE, JobQueue, make_celery


def test_a_message_carries_the_id_and_nothing_else(settings, valkey_url):
    redis = Redis.from_url(valkey_url)
    queue = JobQueue(make_celery(replace(settings, redis_url=valkey_url)), redis)
    queue.enqueue("job-1")
    assert queue.depth() == 1
    message = orjson.loads(redis.lindex(OCR_QUEUE, 0))
    assert message["headers"]["argsrepr"] == "['job-1']"
    assert len(redis.lindex(OCR_QUEUE, 0)) < 1500


def test_a_dead_redis_is_an_error_and_not_a_hang(settings, unused_port):
    url = f"redis://127.0.0.1:{unused_port}/0"
    with pytest.raises(OperationalError):
        JobQueue(make_celery(replace(settings, redis_url=url)), Redis.from_url(url)).enqueue("job-1")


def test_no_retry_comes_from_a_countdown_shorter_than_an_attempt(settings):
    conf = make_celery(settings).conf
    assert conf.broker_transport_options["visibility_timeout"] > 2 * settings.hard_limit_s
    assert settings.lease_s > settings.hard_limit_s
    assert conf.task_acks_late
    assert conf.result_backend is None
