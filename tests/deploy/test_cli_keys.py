"""`kartu keys`: the keys that it makes are valid, shown once, and gone when revoked."""

import os

import pytest
from click.testing import CliRunner

from deploy.cli import keys, main
from deploy.secret_files import write_private
from shared.keys import KeyStore


@pytest.fixture
def kartu(redis, monkeypatch):
    monkeypatch.setattr(keys, "connect", lambda settings: redis)
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
    assert header.split() == ["ID", "NAME", "CREATED", "REVOKED"]
    assert [row.split()[:2] for row in rows] == [[first, "shop"], [second, "bank"]]
    assert [len(row.split()) for row in rows] == [4, 6]
    assert plain not in "".join(rows)


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
    assert "KARTU_REDIS_URL" not in keys.environment()
    write_private(tmp_path / "redis.url", "redis://up")
    assert keys.environment()["KARTU_REDIS_URL"] == "redis://up"
    monkeypatch.setenv("KARTU_REDIS_URL", "redis://mine")
    assert keys.environment()["KARTU_REDIS_URL"] == "redis://mine"
    assert keys.environment()["PATH"] == os.environ["PATH"]
