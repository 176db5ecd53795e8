"""Whether a webhook of the caller's can be promised: the URL is permitted, and there is a secret to sign it with."""

from __future__ import annotations

from flask import g

from api.services import services
from shared.callback_urls import FIELD, Target
from shared.errors import ValidationFailed


def check_callback(url: str) -> Target:
    """The target of a `callbackUrl`; raises ValidationFailed."""
    target = services().callbacks.check(url)
    if "has_secret" not in g:
        # Once for all items of a batch.
        g.has_secret = bool(services().secrets.of(g.key.id))
    if not g.has_secret:
        raise ValidationFailed({FIELD: ["This API key has no webhook secret yet; ask the operator for one."]})
    return target
