"""`kartu keys`: the keys that it makes are valid, shown once, and gone when revoked."""

import os
import time
from dataclasses import replace

import pytest
from click.testing import CliRunner

from deploy.cli import main, service_redis
from deploy.secret_files import write_private
from shared.key_store import KeyStore
from shared.keys import KeySettings


@pytest.fixture
def kartu(redis, monkeypatch):
    monkeypatch.setattr(service_redis, "connect", lambda settings: redis)
    return lambda *arguments: CliRunner().invoke(main, ["keys", *arguments])


def created(result) -> tuple[str, str]:
    lines = dict(line.split(maxsplit=1) for line in result.stdout.splitlines())
    return lines["id"], lines["key"]


def test_a_key_that_was_made_is_valid_until_it_is_revoked(kartu, redis):
    key_id, plain = created(kartu("create", "shop"))
    assert KeyStore(redis).find(plain).name == "shop"
    assert kartu("revoke", key_id).exit_code == 0
    assert KeyStore(redis).find(plain) is None


def test_the_list_shows_all_but_the_secrets(kartu):
    assert "no key yet" in kartu("list").stderr
    (first, plain), (second, _) = created(kartu("create", "shop")), created(kartu("create", "bank"))
    kartu("revoke", second)
    header, *rows = kartu("list").stdout.splitlines()
    assert header.split() == ["ID", "NAME", "CREATED", "EXPIRES", "REVOKED", "SETTINGS"]
    assert [row.split()[:2] for row in rows] == [[first, "shop"], [second, "bank"]]
    assert [len(row.split()) for row in rows] == [4, 6]
    assert plain not in "".join(rows)


def test_settings_are_chosen_changed_and_listed(kartu, redis):
    key_id, plain = created(
        kartu("create", "shop", "--scope", "jobs:submit", "--scope", "jobs:read", "--rate", "5", "--sandbox")
    )
    expected = KeySettings(scopes=("jobs:submit", "jobs:read"), rate_per_minute=5, sandbox=True)
    assert KeyStore(redis).find(plain).settings == expected
    assert kartu("change", key_id, "--rate", "0", "--default-wait", "20").exit_code == 0
    expected = replace(expected, rate_per_minute=0, default_wait_s=20)
    assert KeyStore(redis).find(plain).settings == expected
    (_, row) = kartu("list").stdout.splitlines()
    assert "scopes=jobs:submit,jobs:read default_wait_s=20 rate_per_minute=0 sandbox=True" in row


def test_a_setting_is_given_back_to_the_service(kartu, redis):
    key_id, plain = created(kartu("create", "shop", "--rate", "5", "--quota", "7", "--result-ttl", "60"))
    assert kartu("change", key_id, "--rate", "default", "--result-ttl", "default").exit_code == 0
    assert KeyStore(redis).find(plain).settings == KeySettings(quota_per_day=7)
    assert kartu("change", key_id, "--rate", "usual").exit_code == 2


def test_a_rotated_key_holds_for_the_overlap(kartu, redis):
    key_id, first = created(kartu("create", "shop"))
    rotated = dict(line.split(maxsplit=1) for line in kartu("rotate", key_id, "--overlap", "1").stdout.splitlines())
    assert KeyStore(redis).find(first).id == KeyStore(redis).find(rotated["key"]).id == key_id
    at_once = kartu("rotate", key_id, "--overlap", "0")
    assert at_once.exit_code == 0
    assert KeyStore(redis).find(rotated["key"]) is None


def test_a_key_expires(kartu, redis):
    _, plain = created(kartu("create", "shop", "--expires-in", "0.000001"))
    time.sleep(0.2)
    assert KeyStore(redis).find(plain) is None


def test_an_unknown_key_cannot_be_revoked(kartu):
    result = kartu("revoke", "nonesuch")
    assert result.exit_code == 1
    assert "nonesuch" in result.stderr


def test_a_redis_that_is_away_is_one_sentence(unused_port, monkeypatch):
    monkeypatch.setenv("KARTU_REDIS_URL", f"redis://:hunter2@127.0.0.1:{unused_port}/0")
    result = CliRunner().invoke(main, ["keys", "list"])
    assert result.exit_code == 1
    assert len(result.stderr.splitlines()) == 1
    assert "hunter2" not in result.output


def test_finds_the_redis_of_a_running_up(tmp_path, monkeypatch):
    monkeypatch.setenv("KARTU_HOME", str(tmp_path))
    monkeypatch.delenv("KARTU_REDIS_URL", raising=False)
    assert "KARTU_REDIS_URL" not in service_redis.environment()
    write_private(tmp_path / "redis.url", "redis://up")
    assert service_redis.environment()["KARTU_REDIS_URL"] == "redis://up"
    monkeypatch.setenv("KARTU_REDIS_URL", "redis://mine")
    assert service_redis.environment()["KARTU_REDIS_URL"] == "redis://mine"
    assert service_redis.environment()["PATH"] == os.environ["PATH"]
