import time

from shared.heartbeats import ALIVE_WITHIN_S, alive, beat, keep_beating
from shared.redis import connect


def test_who_beats_is_alive_until_it_has_said_nothing_for_long(redis):
    beat(redis, "b")
    beat(redis, "a")
    assert alive(redis) == ["a", "b"]
    redis.zadd("kartu:workers", {"a": (time.time() - ALIVE_WITHIN_S - 1) * 1000})
    assert alive(redis) == ["b"]


def test_the_long_dead_are_forgotten(redis):
    redis.zadd("kartu:workers", {"old": 1})
    beat(redis, "a")
    assert redis.zrange("kartu:workers", 0, -1) == [b"a"]


def test_a_process_beats_by_itself(redis):
    keep_beating(redis)
    deadline = time.monotonic() + 5
    while not alive(redis) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert len(alive(redis)) == 1


def test_a_redis_that_is_away_ends_nothing(settings, unused_port):
    from dataclasses import replace

    thread = keep_beating(connect(replace(settings, redis_url=f"redis://127.0.0.1:{unused_port}/0")))
    time.sleep(0.2)
    assert thread.is_alive()
