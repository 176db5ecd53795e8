"""Secrets of webhooks: one a key, two during a rotation, sealed in Redis."""

import time
from dataclasses import replace

import pytest
from standardwebhooks import Webhook

from shared.sealing import new_key
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
    assert secrets.of("b") == ()
    redis.rename("kartu:webhook-secret:b", "kartu:webhook-secret:a")
    assert WebhookSecrets(redis, replace(settings, sealing_keys=new_key())).of("a") == ()


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


def test_a_rotation_of_the_sealing_key_keeps_the_secrets(redis, settings):
    old = WebhookSecrets(redis, settings)
    current, before = old.rotate("client", 0), None
    before, current = current, old.rotate("client", 3600)
    both = replace(settings, sealing_keys=f"{new_key()},{settings.sealing_keys}")
    assert WebhookSecrets(redis, both).reseal("client")
    alone = replace(settings, sealing_keys=both.sealing_keys.split(",")[0])
    assert WebhookSecrets(redis, alone).of("client") == (current, before)


def test_a_secret_that_no_key_opens_is_none_and_can_be_made_anew(redis, settings):
    WebhookSecrets(redis, settings).ensure("client")
    other = WebhookSecrets(redis, replace(settings, sealing_keys=new_key()))
    assert other.of("client") == ()
    assert not other.reseal("client")
    fresh = other.rotate("client", 3600)
    assert other.of("client") == (fresh,)
    assert other.reseal("client")
    assert other.reseal("somebody-without-one")
