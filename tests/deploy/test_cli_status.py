"""`kartu status` and `kartu doctor` say how the service is, and what to do."""

import json
import time
from collections.abc import Callable, Iterator

import pytest
from click.testing import CliRunner
from redis import Redis

from deploy.cli import main
from shared.heartbeats import beat
from tests.conftest import accept_job
from tests.fake_service import SUCCEEDED


@pytest.fixture
def redis(valkey_url) -> Redis:
    return Redis.from_url(valkey_url)


@pytest.fixture
def kartu(valkey_url, monkeypatch, tmp_path):
    monkeypatch.setenv("KARTU_REDIS_URL", valkey_url)
    monkeypatch.setenv("KARTU_HOME", str(tmp_path))
    return lambda *arguments: CliRunner().invoke(main, arguments)


def test_status_of_a_service_at_work(kartu, redis, settings):
    beat(redis, "host:1")
    accept_job(redis, settings)
    redis.hset("kartu:pace", "interval", 500)
    result = kartu("status")
    assert result.exit_code == 0
    waiting, in_work, pace, webhooks, workers = result.stdout.splitlines()
    assert webhooks == "webhooks  0 due"
    assert waiting.startswith("waiting   1 jobs, the oldest for ")
    assert in_work == "in work   0 jobs"
    assert pace == "pace      a job every 0.50 s when busy"
    assert workers == "workers   1 processes alive: host:1"
    assert json.loads(kartu("status", "--json").stdout)["waiting"] == 1


def test_status_of_a_service_that_is_stuck(kartu, redis, settings):
    job_id = accept_job(redis, settings)
    redis.zadd("kartu:waiting", {job_id: (time.time() - 100) * 1000})
    result = kartu("status")
    assert result.exit_code == 1
    assert "kartu doctor" in result.stderr


def test_status_without_redis(kartu, monkeypatch, unused_port):
    monkeypatch.setenv("KARTU_REDIS_URL", f"redis://127.0.0.1:{unused_port}/0")
    result = kartu("status")
    assert result.exit_code == 1
    assert "does not answer" in result.stderr


@pytest.fixture
def configured(redis) -> Iterator[Callable[..., None]]:
    """Configure the Valkey, which serves other tests afterwards as it was before."""
    before: dict[str, str] = {}

    def configure(**values: str) -> None:
        for name, value in values.items():
            name = name.replace("_", "-")
            before.setdefault(name, redis.config_get(name)[name])
            redis.config_set(name, value)

    yield configure
    for name, value in before.items():
        redis.config_set(name, value)


@pytest.fixture
def whole(kartu, redis, fake_service, monkeypatch):
    """What `kartu doctor` says of a service that has nothing wrong but, maybe, its Redis."""
    beat(redis, "host:1")
    monkeypatch.setenv("KARTU_ENGINE", "null")

    def examine():
        fake_service.answers = [(200, SUCCEEDED, {})]
        return kartu("doctor", "--url", fake_service.url)

    return examine


def test_a_doctor_who_finds_nothing_wrong(whole, configured):
    configured(appendonly="yes", appendfsync="always")
    result = whole()
    assert result.exit_code == 0, result.output
    assert {line[0] for line in result.stdout.splitlines()} == {"✓"}
    assert "✓ disk       append-only file, synced always" in result.stdout


def test_a_redis_that_loses_accepted_jobs(whole, configured):
    result = whole()
    assert result.exit_code == 1
    assert "✗ disk       no append-only file\n             → appendonly yes, appendfsync always" in result.stdout
    configured(appendonly="yes", appendfsync="everysec")
    result = whole()
    assert result.exit_code == 1
    assert "✗ disk       append-only file, synced everysec\n             → appendfsync always" in result.stdout


def test_a_redis_that_does_not_tell(whole, configured, redis, valkey_url, monkeypatch):
    """Managed ones forbid CONFIG: what can be seen is looked at, and for the rest is said what it should be."""
    configured(appendonly="yes", appendfsync="always")
    granted = ["+@all", "-config"]
    redis.acl_setuser("tenant", enabled=True, passwords="+secret", keys="*", channels="*", commands=granted)
    monkeypatch.setenv("KARTU_REDIS_URL", valkey_url.replace("redis://", "redis://tenant:secret@"))
    try:
        result = whole()
    finally:
        redis.acl_deluser("tenant")
    assert result.exit_code == 0, result.output
    assert "! disk       append-only file; how it is synced the server does not tell" in result.stdout
    assert "→ make sure that its appendfsync is always" in result.stdout
    assert "✓ memory" in result.stdout


def test_a_doctor_who_finds_much_wrong(kartu, configured, unused_port):
    configured(maxmemory_policy="allkeys-lru")
    result = kartu("doctor", "--url", f"http://127.0.0.1:{unused_port}")
    assert result.exit_code == 1
    for part in ("weights", "api", "memory", "disk", "workers"):
        assert f"✗ {part}" in result.stdout
    assert result.stdout.count("→") >= 4


def test_a_setting_that_makes_no_sense(kartu, monkeypatch):
    monkeypatch.setenv("KARTU_ENGINE", "magic")
    result = kartu("doctor")
    assert result.exit_code == 1
    assert "✗ settings   KARTU_ENGINE must be one of: paddle, null." in result.stdout


def test_a_redis_that_is_away(kartu, monkeypatch, unused_port):
    monkeypatch.setenv("KARTU_REDIS_URL", f"redis://127.0.0.1:{unused_port}/0")
    result = kartu("doctor")
    assert result.exit_code == 1
    assert "✗ redis      does not answer" in result.stdout


def test_a_container_of_the_api_needs_no_models(kartu, monkeypatch):
    monkeypatch.setattr("deploy.cli.doctor.find_spec", lambda name: None)
    assert "weights" not in kartu("doctor").stdout
