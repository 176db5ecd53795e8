"""The secrets that webhooks are signed with: one for each API key, two while it is rotated; sealed at rest.

Unlike API keys they must be known to sign, so they are not hashed, and can be shown again.
"""

from __future__ import annotations

import base64
import binascii
import logging
import os
import time
from typing import cast

from redis import Redis

from shared.keys import BOOTSTRAP_ID
from shared.sealing import SealBrokenError, Sealer
from shared.settings import InvalidSettingError, Settings

_log = logging.getLogger(__name__)

PREFIX = "whsec_"
_BYTES = 32
_SHORTEST, _LONGEST = 24, 64
"""Bytes that Standard Webhooks permits."""


class WebhookSecrets:
    """Makes, rotates and gives secrets. May raise `shared.redis.UNAVAILABLE`."""

    def __init__(self, redis: Redis, settings: Settings) -> None:
        self._redis = redis
        self._sealer = Sealer.from_setting(settings.sealing_keys)
        self._of_bootstrap = read_secrets(settings.webhook_secret)

    def of(self, key_id: str) -> tuple[str, ...]:
        """The secrets that sign for a key now, the newest first; empty if it has none yet."""
        if key_id == BOOTSTRAP_ID:
            return self._of_bootstrap
        stored = cast("dict[bytes, bytes]", self._redis.hgetall(_key(key_id)))
        found = [self._open(key_id, "sealed", stored)]
        if time.time() < float(stored.get(b"previous_until", 0)):
            found.append(self._open(key_id, "previous", stored))
        return tuple(filter(None, found))

    def ensure(self, key_id: str) -> str:
        """The secret of a key, made now if it has none."""
        # Not overwritten: of two calls at once, both give the one that stays.
        self._redis.hsetnx(_key(key_id), "sealed", self._seal(key_id, new_secret()))
        found = self.of(key_id)
        # One that no sealing key opens any more is lost.
        return found[0] if found else self.rotate(key_id, 0)

    def reseal(self, key_id: str) -> bool:
        """Have the first sealing key seal the secrets of a key; False if there are any that none opens."""
        has_any = bool(self._redis.hexists(_key(key_id), "sealed"))
        return not has_any or bool(self.of(key_id))

    def rotate(self, key_id: str, overlap_s: float) -> str:
        """Give a key a new secret; the old one signs as well for `overlap_s` seconds more."""
        fresh = new_secret()
        before = cast("bytes | None", self._redis.hget(_key(key_id), "sealed"))
        sealed = self._seal(key_id, fresh)
        if before is None:
            self._redis.hset(_key(key_id), "sealed", sealed)
        else:
            until = str(time.time() + overlap_s).encode()
            self._redis.hset(_key(key_id), mapping={"sealed": sealed, "previous": before, "previous_until": until})
        return fresh

    def _seal(self, key_id: str, secret: str) -> bytes:
        return self._sealer.seal(secret.encode(), f"webhook-secret:{key_id}")

    def _open(self, key_id: str, name: str, stored: dict[bytes, bytes]) -> str | None:
        """A secret; None if there is none, or it was sealed with a key that is gone.

        One that an older key has sealed is sealed anew: unlike all else that is sealed, secrets do not expire.
        """
        sealed = stored.get(name.encode())
        if sealed is None:
            return None
        try:
            secret = self._sealer.open(sealed, f"webhook-secret:{key_id}").decode()
        except SealBrokenError:
            _log.error("a webhook secret was sealed with a key that is gone", extra={"key_id": key_id})
            return None
        if not self._sealer.is_of_first_key(sealed):
            self._redis.hset(_key(key_id), name, self._seal(key_id, secret))
        return secret


def new_secret() -> str:
    """A secret as Standard Webhooks writes it."""
    return PREFIX + base64.b64encode(os.urandom(_BYTES)).decode()


def read_secrets(setting: str) -> tuple[str, ...]:
    """The secrets of KARTU_WEBHOOK_SECRET; raises InvalidSettingError without showing any part of one."""
    secrets = tuple(filter(None, (part.strip() for part in setting.split(","))))
    if not all(_is_secret(secret) for secret in secrets):
        raise InvalidSettingError("KARTU_WEBHOOK_SECRET must hold whsec_ and 24 to 64 bytes in base64.")
    return secrets


def _is_secret(text: str) -> bool:
    try:
        raw = base64.b64decode(text.removeprefix(PREFIX), validate=True)
    except binascii.Error:
        return False
    return text.startswith(PREFIX) and _SHORTEST <= len(raw) <= _LONGEST


def _key(key_id: str) -> str:
    return f"kartu:webhook-secret:{key_id}"
