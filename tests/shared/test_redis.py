"""A Redis that answers and refuses counts as one that is away, whatever words it has for it."""

import time

import pytest
from redis import Redis
from redis.exceptions import ResponseError

from shared.heartbeats import keep_beating
from shared.redis import UNAVAILABLE, PlainScript, RefusedError
from shared.retractions import Retraction, Retractions


@pytest.fixture
def refusing(valkey_url):
    """A Valkey that carries out no write: it wants a replica and has none."""
    redis = Redis.from_url(valkey_url)
    redis.config_set("min-replicas-to-write", 1)
    yield redis
    redis.config_set("min-replicas-to-write", 0)


def test_a_refused_write_is_no_wrong_command(refusing):
    with pytest.raises(UNAVAILABLE):
        refusing.set("key", "value")
    with pytest.raises(UNAVAILABLE):
        PlainScript(refusing, "return redis.call('SET', 'key', 'value')")()
    with pytest.raises(ResponseError) as caught:
        refusing.execute_command("NONSENSE")
    assert not isinstance(caught.value, UNAVAILABLE)


@pytest.mark.parametrize("code", ["OOM", "MISCONF", "NOREPLICAS", "READONLY"])
def test_before_version_7_a_script_tells_it_within_a_sentence(redis, code):
    said = f"Error running script (call to f_0): @user_script:3: @user_script: 3: -{code} command not allowed"
    with pytest.raises(RefusedError):
        PlainScript(redis, f"return redis.error_reply('{said}')")()
    with pytest.raises(ResponseError) as caught:
        PlainScript(redis, "return redis.error_reply('ERR wrong number of arguments')")()
    assert not isinstance(caught.value, RefusedError)


def test_what_works_in_the_background_goes_on_when_it_may(refusing):
    """The sign of life of a worker, and the taking back of jobs: both are threads that nobody starts again."""
    refusing.config_set("min-replicas-to-write", 0)
    refusing.hset("kartu:job:1", mapping={"status": "queued"})
    refusing.config_set("min-replicas-to-write", 1)
    keys = ("waiting", "due", "kartu:idempotency:none", "quota", "", "kartu:job:1", "image")
    Retractions(refusing).add(Retraction(keys, ("", 0, "1")))
    beats = keep_beating(refusing)
    time.sleep(0.3)
    assert beats.is_alive()
    assert refusing.exists("kartu:job:1")
    refusing.config_set("min-replicas-to-write", 0)
    deadline = time.monotonic() + 5
    while refusing.exists("kartu:job:1") and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not refusing.exists("kartu:job:1")
