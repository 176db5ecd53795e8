"""`kartu usage`: what each key has used, by day or in all."""

import pytest
from click.testing import CliRunner

from deploy.cli import main, service_redis
from shared.key_store import KeyStore
from shared.keys import KeySettings
from shared.usage import today, usage_key


@pytest.fixture
def kartu(redis, monkeypatch):
    monkeypatch.setattr(service_redis, "connect", lambda settings: redis)
    return lambda *arguments: CliRunner().invoke(main, ["usage", *arguments])


def test_usage_of_all_keys_and_of_one(kartu, redis):
    shop, _ = KeyStore(redis).create("shop")
    trial, _ = KeyStore(redis).create("trial", KeySettings(sandbox=True))
    KeyStore(redis).create("idle")
    for key in (shop, trial):
        redis.hset(usage_key(key.id), mapping={"succeeded": 2, "processing_failed": 1, "charged": 2})
    header, *rows = kartu().stdout.splitlines()
    assert header.split() == ["ID", "NAME", "DAYS", "JOBS", "CHARGED", "OUTCOMES"]
    cells = [row.split() for row in rows]
    assert [each[0] for each in cells] == [shop.id, trial.id]
    assert [each[3:] for each in cells] == [
        ["3", "2", "processing_failed=1", "succeeded=2"],
        ["3", "0", "processing_failed=1", "succeeded=2"],
    ]
    (_, row) = kartu("--key", shop.id, "--daily", "--from", str(today()), "--to", str(today())).stdout.splitlines()
    assert row.split()[2] == str(today())


def test_nothing_used_unknown_keys_and_wrong_spans(kartu):
    assert "No job" in kartu().stderr
    assert kartu("--key", "nonesuch").exit_code == 1
    assert kartu("--from", "2026-02-01", "--to", "2026-01-01").exit_code == 2
    assert kartu("--from", "2020-02-01", "--to", "2026-01-01").exit_code == 2
