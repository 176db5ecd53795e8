"""Where API keys are kept: hashed, shown once. A key reads `kartu_<id>_<secret>`; only its SHA-256 is stored.

The secret has 256 random bits, so a plain hash is enough: there is nothing to guess that a slow one would protect.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from dataclasses import asdict
from datetime import UTC, datetime
from typing import cast

import orjson
from redis import Redis

from shared.keys import ApiKey, KeySettings
from shared.records import restore

_INDEX = "kartu:keys"


class UnknownKeyError(LookupError):
    """There is no valid key with this id."""


class KeyStore:
    """Creates, finds, lists, changes, rotates and revokes keys. May raise `shared.redis.UNAVAILABLE`."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    def create(
        self, name: str, settings: KeySettings | None = None, expires_at: datetime | None = None
    ) -> tuple[ApiKey, str]:
        """Make a key for `name`; gives its record and the key itself, which cannot be shown again."""
        key_id, now = secrets.token_hex(6), time.time()
        plain = _new_plain(key_id)
        with self._redis.pipeline(transaction=True) as pipe:
            pipe.hset(
                _key(key_id),
                mapping={
                    "name": name,
                    "created_at": str(now),
                    "sha256": _digest(plain),
                    "settings": orjson.dumps(asdict(settings or KeySettings())),
                },
            )
            if expires_at is not None:
                pipe.hset(_key(key_id), "expires_at", str(expires_at.timestamp()))
            pipe.zadd(_INDEX, {key_id: now})
            pipe.execute()
        return self.get(key_id), plain

    def find(self, plain: str) -> ApiKey | None:
        """The valid key that `plain` is; None if there is no such key, or it has expired, or was revoked."""
        parts = plain.split("_", 2)
        if len(parts) != 3 or parts[0] != "kartu" or not parts[1].isalnum():
            return None
        stored, now = self._load(parts[1]), time.time()
        matches = hmac.compare_digest(stored.get(b"sha256", b""), _digest(plain).encode())
        if not matches and now < float(stored.get(b"previous_until", 0)):
            matches = hmac.compare_digest(stored.get(b"previous_sha256", b""), _digest(plain).encode())
        return _record(parts[1], stored) if matches and _is_valid(stored, now) else None

    def get(self, key_id: str) -> ApiKey:
        """The record of a key, valid or not; raises UnknownKeyError."""
        stored = self._load(key_id)
        if not stored:
            raise UnknownKeyError(key_id)
        return _record(key_id, stored)

    def is_revoked(self, key_id: str) -> bool:
        """Whether somebody has made the key invalid; one that expired, or is not kept here, has not been."""
        return bool(self._redis.hexists(_key(key_id), "revoked_at"))

    def all(self) -> list[ApiKey]:
        """All keys, oldest first, revoked ones too."""
        ids = [raw.decode() for raw in cast("list[bytes]", self._redis.zrange(_INDEX, 0, -1))]
        return [_record(key_id, stored) for key_id in ids if (stored := self._load(key_id))]

    def change(self, key_id: str, settings: KeySettings) -> None:
        """Give a valid key other settings, at once; raises UnknownKeyError."""
        self.require_valid(key_id)
        self._redis.hset(_key(key_id), "settings", orjson.dumps(asdict(settings)))

    def rotate(self, key_id: str, overlap_s: float) -> str:
        """Give a valid key a new secret; gives the new key. The old one holds for `overlap_s` seconds more.

        Raises UnknownKeyError. A rotation during the overlap of another ends the oldest secret.
        """
        stored = self.require_valid(key_id)
        plain = _new_plain(key_id)
        self._redis.hset(
            _key(key_id),
            mapping={
                "sha256": _digest(plain),
                "previous_sha256": stored[b"sha256"],
                "previous_until": str(time.time() + overlap_s),
            },
        )
        return plain

    def revoke(self, key_id: str) -> None:
        """Make a key invalid at once, with all of its secrets; raises UnknownKeyError."""
        self.require_valid(key_id)
        self._redis.hset(_key(key_id), "revoked_at", str(time.time()))

    def _load(self, key_id: str) -> dict[bytes, bytes]:
        return cast("dict[bytes, bytes]", self._redis.hgetall(_key(key_id)))

    def require_valid(self, key_id: str) -> dict[bytes, bytes]:
        """What is stored of a valid key; raises UnknownKeyError for any other."""
        stored = self._load(key_id)
        if not stored or not _is_valid(stored, time.time()):
            raise UnknownKeyError(key_id)
        return stored


def _key(key_id: str) -> str:
    return f"kartu:key:{key_id}"


def _new_plain(key_id: str) -> str:
    return f"kartu_{key_id}_{secrets.token_urlsafe(32)}"


def _digest(plain: str) -> str:
    return hashlib.sha256(plain.encode("utf-8", "surrogateescape")).hexdigest()


def _is_valid(stored: dict[bytes, bytes], now: float) -> bool:
    return b"revoked_at" not in stored and now < float(stored.get(b"expires_at", "inf"))


def _record(key_id: str, stored: dict[bytes, bytes]) -> ApiKey:
    settings = orjson.loads(stored.get(b"settings", b"{}"))
    if "scopes" in settings:
        settings["scopes"] = tuple(settings["scopes"])
    return ApiKey(
        id=key_id,
        name=stored[b"name"].decode(),
        created_at=_time(stored[b"created_at"]),
        expires_at=_time(stored[b"expires_at"]) if b"expires_at" in stored else None,
        revoked_at=_time(stored[b"revoked_at"]) if b"revoked_at" in stored else None,
        settings=restore(KeySettings, settings),
    )


def _time(seconds: bytes) -> datetime:
    return datetime.fromtimestamp(float(seconds), UTC)
