import time
from datetime import UTC, datetime, timedelta

import fakeredis
import orjson
import pytest

from shared.key_store import KeyStore, UnknownKeyError
from shared.keys import SCOPES, KeySettings


@pytest.fixture
def keys(redis):
    return KeyStore(redis)


def test_a_key_is_found_by_its_text(keys):
    record, plain = keys.create("onboarding")
    assert plain.startswith("kartu_")
    assert keys.find(plain) == record
    assert keys.all() == [record]


@pytest.mark.parametrize(
    "change", [lambda k: k + "x", lambda k: k[:-1], lambda k: k.upper(), lambda k: "", lambda k: "é"]
)
def test_anything_else_is_not_a_key(keys, change):
    _, plain = keys.create("onboarding")
    assert keys.find(change(plain)) is None


def test_a_key_does_not_open_another_keys_door(keys):
    first, plain = keys.create("one")
    second, _ = keys.create("two")
    assert keys.find(plain.replace(first.id, second.id)) is None


def test_a_revoked_key_is_invalid_at_once_and_stays_listed(keys):
    record, plain = keys.create("onboarding")
    keys.revoke(record.id)
    assert keys.find(plain) is None
    for key_id in (record.id, "unknown"):
        with pytest.raises(UnknownKeyError):
            keys.revoke(key_id)
        with pytest.raises(UnknownKeyError):
            keys.rotate(key_id, 60)
        with pytest.raises(UnknownKeyError):
            keys.change(key_id, KeySettings())
    assert keys.all()[0].revoked_at is not None


def test_the_secret_is_not_stored(keys, redis: fakeredis.FakeRedis):
    record, plain = keys.create("onboarding")
    secret = plain.split("_", 2)[2].encode()
    stored = redis.hgetall(f"kartu:key:{record.id}")
    assert stored
    assert not any(secret in value for value in stored.values())


def test_settings_are_kept_and_changed_at_once(keys):
    chosen = KeySettings(scopes=("jobs:submit",), default_wait_s=20, rate_per_minute=5, result_ttl_s=60, sandbox=True)
    record, plain = keys.create("onboarding", chosen)
    assert keys.find(plain).settings == chosen
    keys.change(record.id, KeySettings(quota_per_day=7))
    assert keys.find(plain).settings == KeySettings(quota_per_day=7)


def test_a_key_that_an_earlier_release_stored_may_do_everything(keys, redis):
    record, plain = keys.create("onboarding")
    redis.hdel(f"kartu:key:{record.id}", "settings")
    assert keys.find(plain).settings == KeySettings()
    assert keys.find(plain).settings.scopes == SCOPES


def test_a_key_that_has_expired_is_invalid(keys):
    now = datetime.now(UTC)
    _, old = keys.create("old", expires_at=now - timedelta(seconds=1))
    record, new = keys.create("new", expires_at=now + timedelta(seconds=60))
    assert keys.find(old) is None
    assert keys.find(new) == record
    assert record.expires_at == now + timedelta(seconds=60)


def test_a_rotation_keeps_the_id_and_the_old_secret_for_the_overlap(keys, monkeypatch):
    record, first = keys.create("onboarding", KeySettings(default_wait_s=3))
    second = keys.rotate(record.id, overlap_s=60)
    assert keys.find(first) == keys.find(second) == record
    third = keys.rotate(record.id, overlap_s=60)
    assert keys.find(first) is None
    assert keys.find(second) == keys.find(third) == record
    later = time.time() + 61
    monkeypatch.setattr("shared.key_store.time.time", lambda: later)
    assert keys.find(second) is None
    assert keys.find(third) == record


def test_what_a_later_release_has_added_is_left_out(keys, redis):
    record, plain = keys.create("onboarding", KeySettings(rate_per_minute=7))
    stored = orjson.loads(redis.hget(f"kartu:key:{record.id}", "settings"))
    redis.hset(f"kartu:key:{record.id}", "settings", orjson.dumps(stored | {"of_tomorrow": True}))
    assert keys.find(plain).settings == KeySettings(rate_per_minute=7)
