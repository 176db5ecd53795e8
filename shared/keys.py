"""API keys: stored hashed, shown once. A key reads `kartu_<id>_<secret>`; only its SHA-256 is kept.

The secret has 256 random bits, so a plain hash is enough: there is nothing to guess that a slow one would protect.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import cast

from redis import Redis

_INDEX = "kartu:keys"


@dataclass(frozen=True)
class ApiKey:
    """A key without its secret; `id` is what jobs belong to."""

    id: str
    name: str
    created_at: datetime
    revoked_at: datetime | None = None


class KeyStore:
    """Creates, finds, lists and revokes keys. May raise the exceptions of `shared.redis.UNAVAILABLE`."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    def create(self, name: str) -> tuple[ApiKey, str]:
        """Make a key for `name`; gives its record and the key itself, which cannot be shown again."""
        key_id, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
        plain = f"kartu_{key_id}_{secret}"
        now = time.time()
        with self._redis.pipeline(transaction=True) as pipe:
            pipe.hset(_key(key_id), mapping={"name": name, "created_at": now, "sha256": _digest(plain)})
            pipe.zadd(_INDEX, {key_id: now})
            pipe.execute()
        return ApiKey(id=key_id, name=name, created_at=datetime.fromtimestamp(now, UTC)), plain

    def find(self, plain: str) -> ApiKey | None:
        """The valid key that `plain` is; None if there is no such key or it was revoked."""
        parts = plain.split("_", 2)
        if len(parts) != 3 or parts[0] != "kartu" or not parts[1].isalnum():
            return None
        stored = self._load(parts[1])
        matches = hmac.compare_digest(stored.get(b"sha256", b""), _digest(plain).encode())
        return _record(parts[1], stored) if matches and b"revoked_at" not in stored else None

    def all(self) -> list[ApiKey]:
        """All keys, oldest first, revoked ones too."""
        ids = [raw.decode() for raw in cast("list[bytes]", self._redis.zrange(_INDEX, 0, -1))]
        return [_record(key_id, stored) for key_id in ids if (stored := self._load(key_id))]

    def revoke(self, key_id: str) -> bool:
        """Make a key invalid at once; False if there is none of this id or it was revoked before."""
        if not self._redis.exists(_key(key_id)):
            return False
        return bool(self._redis.hsetnx(_key(key_id), "revoked_at", str(time.time())))

    def _load(self, key_id: str) -> dict[bytes, bytes]:
        return cast("dict[bytes, bytes]", self._redis.hgetall(_key(key_id)))


def _key(key_id: str) -> str:
    return f"kartu:key:{key_id}"


def _digest(plain: str) -> str:
    return hashlib.sha256(plain.encode("utf-8", "surrogateescape")).hexdigest()


def _record(key_id: str, stored: dict[bytes, bytes]) -> ApiKey:
    revoked = stored.get(b"revoked_at")
    return ApiKey(
        id=key_id,
        name=stored[b"name"].decode(),
        created_at=datetime.fromtimestamp(float(stored[b"created_at"]), UTC),
        revoked_at=datetime.fromtimestamp(float(revoked), UTC) if revoked else None,
    )
