"""Who may come in, and how much: the key of a request, its scopes, and the limits of what it submits."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import replace
from datetime import UTC, datetime

from flask import Response, g, request

from api.body import key_in_body
from api.services import services
from shared.errors import Forbidden, Unauthorized, ValidationFailed
from shared.intake import Terms
from shared.keys import BOOTSTRAP_ID, ApiKey, Scope
from shared.limits import Admission, Limits

BOOTSTRAP = ApiKey(id=BOOTSTRAP_ID, name="KARTU_BOOTSTRAP_KEY", created_at=datetime.fromtimestamp(0, UTC))
_LONGEST_IDEMPOTENCY_KEY = 255


def authenticate() -> None:
    """Set `g.key`, or raise Unauthorized; runs before every request of a resource that needs a key."""
    scheme, _, plain = request.headers.get("Authorization", "").partition(" ")
    plain = plain.strip() if scheme.lower() == "bearer" else ""
    if not plain and services().settings.key_in_body and request.method == "POST":
        plain = key_in_body()
    if not plain:
        raise Unauthorized()
    key = BOOTSTRAP if _is_bootstrap(plain) else services().keys.find(plain)
    if key is None:
        raise Unauthorized()
    g.key = key


def require(scope: Scope) -> None:
    """Raise Forbidden unless the caller's key may do this."""
    if scope not in g.key.settings.scopes:
        raise Forbidden(scope)


def admit(images: int = 1, *, takes: bool = True) -> None:
    """Take so many images from what the key may submit now, or only look; raises RateLimited or QueueFull.

    What is left is told by the headers that `tell_limits` sets.
    """
    at = services()
    admission = at.gate.admit(g.key.id, _limits(g.key), images, takes=takes, idempotency_key=idempotency_key())
    g.admission = admission
    refusal = admission.refusal(at.gate.wait_limit_s)
    if refusal is not None:
        raise refusal


def note_accepted(jobs: int) -> None:
    """Let the headers tell what is left of the day's quota once so many jobs are accepted."""
    admission: Admission = g.admission
    g.admission = replace(admission, accepted_today=admission.accepted_today + jobs)


def tell_limits(response: Response) -> Response:
    """Set RateLimit and RateLimit-Policy on an answer to a key that has limits."""
    admission = g.get("admission")
    if admission is not None and admission.policy:
        response.headers["RateLimit-Policy"] = admission.policy
        response.headers["RateLimit"] = admission.state
    return response


def terms_of(payload_digest: str) -> Terms:
    """On which terms the jobs of this request are accepted; raises ValidationFailed."""
    key, settings = g.key, services().settings
    return Terms(
        owner=key.id,
        limits=_limits(key),
        image_ttl_s=key.settings.image_ttl_s or settings.image_ttl_s,
        result_ttl_s=key.settings.result_ttl_s or settings.result_ttl_s,
        idempotency_key=idempotency_key(),
        payload_digest=payload_digest,
    )


def idempotency_key() -> str | None:
    """The Idempotency-Key of this request; raises ValidationFailed for one that is none."""
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return None
    if not (0 < len(key) <= _LONGEST_IDEMPOTENCY_KEY and key.isascii() and key.isprintable()):
        raise ValidationFailed({"Idempotency-Key": ["Must be 1 to 255 printable ASCII characters."]})
    return key


def _limits(key: ApiKey) -> Limits:
    """Those of the key, else the service's; the key for scripts has none."""
    if key is BOOTSTRAP:
        return Limits()
    rate, quota, settings = key.settings.rate_per_minute, key.settings.quota_per_day, services().settings
    return Limits(
        settings.rate_per_minute if rate is None else rate, settings.quota_per_day if quota is None else quota
    )


def _is_bootstrap(plain: str) -> bool:
    expected = services().settings.bootstrap_key
    # Digests have one length, so the comparison tells nothing about the length of the key either.
    return bool(expected) and hmac.compare_digest(_digest(expected), _digest(plain))


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).digest()
