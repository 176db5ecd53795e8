"""The body of a request: its length first, then JSON."""

from __future__ import annotations

import hashlib

import orjson
from flask import g, request

from api.services import services
from shared.errors import ImageTooLarge, ValidationFailed

_TOO_LARGE = "The request is larger than an image of the permitted size can make it."


def limit_body(most_bytes: int) -> None:
    """Take at most so many bytes from this request; raises ImageTooLarge at once if it announces more."""
    request.max_content_length = most_bytes
    if (request.content_length or 0) > most_bytes:
        raise ImageTooLarge(_TOO_LARGE)


def read_json() -> object:
    """What the body says, read once; raises ImageTooLarge and ValidationFailed."""
    if "payload" not in g:
        g.payload = _parse()
        if services().settings.key_in_body and isinstance(g.payload, dict):
            g.key_in_body = g.payload.pop("key", "")
    payload: object = g.payload
    return payload


def let_go_of_body(_: BaseException | None = None) -> None:
    """Give back the room of this request's body: as soon as it is stored, and at the latest when the request ends."""
    g.pop("payload", None)
    services().bodies.give_back(g.pop("body_size", 0))


def key_in_body() -> str:
    """The API key in the body; empty where there is none. It is no field of what the body asks for."""
    read_json()
    key: object = g.get("key_in_body", "")
    return key if isinstance(key, str) else ""


def digest_json(payload: object) -> str:
    """A digest of the payload that does not depend on the order of its fields; raises ValidationFailed."""
    try:
        ordered = orjson.dumps(payload, option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError:
        # It reads 1,024 levels and writes 254; what is as deep as that stands in a rejected item of a batch.
        raise ValidationFailed({"_schema": ["The request cannot be understood."]}) from None
    return hashlib.sha256(ordered).hexdigest()


def _parse() -> object:
    if not request.is_json:
        raise ValidationFailed({"_schema": ["The Content-Type must be application/json."]})
    # A chunked body has no length, and may have as much as is permitted.
    size = request.max_content_length if request.content_length is None else request.content_length
    services().bodies.take(size or 0)
    g.body_size = size or 0
    raw = request.get_data(cache=False)
    if len(raw) >= (request.max_content_length or len(raw) + 1):
        # A chunked body has no length to refuse by: it is cut off there.
        raise ImageTooLarge(_TOO_LARGE)
    try:
        payload: object = orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise ValidationFailed({"_schema": ["The payload is not valid JSON."]}) from None
    return payload
