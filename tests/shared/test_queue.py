from dataclasses import replace

import orjson
import pytest
from kombu.exceptions import OperationalError
from kombu.transport.redis import QoS
from redis import Redis
from redis.exceptions import TimeoutError

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


@pytest.mark.parametrize("settle", [lambda message: message.ack(), lambda message: message.requeue()])
def test_a_message_that_redis_hung_over_keeps_no_other_from_the_worker(settings, valkey_url, monkeypatch, settle):
    app = make_celery(replace(settings, redis_url=valkey_url))
    queue = JobQueue(app, Redis.from_url(valkey_url))
    queue.enqueue("job-1")

    def hang(*_, **__):
        raise TimeoutError

    with app.connection_for_read() as connection:
        channel = connection.default_channel
        channel.basic_qos(0, 1, False)
        message = channel.basic_get(OCR_QUEUE, no_ack=False)
        assert not channel.qos.can_consume()
        with monkeypatch.context() as hanging:
            hanging.setattr(QoS, "_remove_from_indices", hang)
            with pytest.raises(TimeoutError):
                settle(message)
        assert channel.qos.can_consume()
        # It is not forgotten: it comes back when its time is over.
        assert channel.client.hexists("unacked", message.delivery_tag)
