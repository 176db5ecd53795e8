"""Who may come in: the Bearer key of a request becomes the key that its jobs belong to."""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime

from flask import g, request

from api.services import services
from shared.errors import Unauthorized
from shared.keys import ApiKey

BOOTSTRAP = ApiKey(id="bootstrap", name="KARTU_BOOTSTRAP_KEY", created_at=datetime.fromtimestamp(0, UTC))


def authenticate() -> None:
    """Set `g.key`, or raise Unauthorized; runs before every request of a resource that needs a key."""
    scheme, _, plain = request.headers.get("Authorization", "").partition(" ")
    plain = plain.strip()
    if scheme.lower() != "bearer" or not plain:
        raise Unauthorized()
    key = BOOTSTRAP if _is_bootstrap(plain) else services().keys.find(plain)
    if key is None:
        raise Unauthorized()
    g.key = key


def _is_bootstrap(plain: str) -> bool:
    expected = services().settings.bootstrap_key
    # Digests have one length, so the comparison tells nothing about the length of the key either.
    return bool(expected) and hmac.compare_digest(_digest(expected), _digest(plain))


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).digest()
