import fakeredis
import pytest

from shared.keys import KeyStore


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
    assert keys.revoke(record.id)
    assert keys.find(plain) is None
    assert not keys.revoke(record.id)
    assert not keys.revoke("unknown")
    assert keys.all()[0].revoked_at is not None


def test_the_secret_is_not_stored(keys, redis: fakeredis.FakeRedis):
    record, plain = keys.create("onboarding")
    secret = plain.split("_", 2)[2].encode()
    stored = redis.hgetall(f"kartu:key:{record.id}")
    assert stored
    assert not any(secret in value for value in stored.values())
