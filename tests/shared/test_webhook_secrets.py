"""Secrets of webhooks: one a key, two during a rotation, sealed in Redis."""

import time
from dataclasses import replace

import pytest
from standardwebhooks import Webhook

from shared.sealing import SealBrokenError, new_key
from shared.settings import InvalidSettingError
from shared.webhook_secrets import WebhookSecrets, new_secret, read_secrets


@pytest.fixture
def secrets(redis, settings):
    return WebhookSecrets(redis, settings)


def test_a_key_gets_one_secret_which_stays(secrets, redis):
    assert secrets.of("a") == ()
    first = secrets.ensure("a")
    assert secrets.ensure("a") == first
    assert secrets.of("a") == (first,)
    assert secrets.of("b") == ()
    assert first.startswith("whsec_")
    assert Webhook(first)
    stored = repr([redis.hgetall(key) for key in redis.keys("*")])
    assert first not in stored
    assert first.removeprefix("whsec_") not in stored


def test_a_rotation_overlaps(secrets, redis):
    first = secrets.ensure("a")
    second = secrets.rotate("a", 60)
    assert secrets.of("a") == (second, first)
    assert 30 < float(redis.hget("kartu:webhook-secret:a", "previous_until")) - time.time() <= 60
    redis.hset("kartu:webhook-secret:a", "previous_until", 0)
    assert secrets.of("a") == (second,)
    third = secrets.rotate("a", 60)
    assert secrets.of("a") == (third, second)


def test_a_rotation_where_there_was_none_makes_one(secrets):
    assert secrets.of("a") == ()
    made = secrets.rotate("a", 60)
    assert secrets.of("a") == (made,)


def test_they_are_bound_to_their_key_and_to_the_sealing_keys(secrets, redis, settings):
    secrets.ensure("a")
    redis.rename("kartu:webhook-secret:a", "kartu:webhook-secret:b")
    with pytest.raises(SealBrokenError):
        secrets.of("b")
    redis.rename("kartu:webhook-secret:b", "kartu:webhook-secret:a")
    with pytest.raises(SealBrokenError):
        WebhookSecrets(redis, replace(settings, sealing_keys=new_key())).of("a")


def test_those_of_the_bootstrap_key_are_a_setting(redis, settings):
    one, two = new_secret(), new_secret()
    assert WebhookSecrets(redis, replace(settings, webhook_secret="")).of("bootstrap") == ()
    assert WebhookSecrets(redis, replace(settings, webhook_secret=f"{one}, {two}")).of("bootstrap") == (one, two)


@pytest.mark.parametrize(
    "text", ["secret", "whsec_", "whsec_c2hvcnQ=", "whsec_%%%", new_secret().removeprefix("whsec_")]
)
def test_a_secret_that_is_none_is_said_and_not_shown(text):
    with pytest.raises(InvalidSettingError, match="KARTU_WEBHOOK_SECRET") as raised:
        read_secrets(text)
    assert str(raised.value) == "KARTU_WEBHOOK_SECRET must hold whsec_ and 24 to 64 bytes in base64."
