"""The API's own description: OpenAPI 3.1, made from the schemas that requests and answers are made with."""

from __future__ import annotations

import json
from importlib.metadata import version
from typing import Any

from api.openapi.components import new_spec
from api.openapi.operations import PATHS

_DESCRIPTION = """\
Reads Indonesian identity cards (KTP). Send an image, get a job; wait for it, poll it, or both.

Send the API key as `Authorization: Bearer <key>`. A sandbox key reads no cards: it takes `sandbox:succeeded`,
`sandbox:slow` or `sandbox:<errorType>` as the image, and answers as the service would.

Sentences come in English, or in Indonesian with `Accept-Language: id`. Errors come as `application/problem+json`
(RFC 9457) to who asks for it. Every error has an `errorId`; none with a status of 500 or above is ever charged.
"""


def build_document() -> dict[str, Any]:
    """The OpenAPI document; the same for every installation."""
    spec = new_spec("Kartu", version("kartu"), _DESCRIPTION)
    for path, operations in PATHS.items():
        spec.path(path, operations=operations)
    document: dict[str, Any] = spec.to_dict()
    for name, schema in document["components"]["schemas"].items():
        # Answers may get new members: only requests are closed.
        if "Request" not in name:
            schema.pop("additionalProperties", None)
    return document


def dump_document() -> str:
    """The document as it is checked in (docs/openapi.json) and served."""
    return json.dumps(build_document(), indent=2, ensure_ascii=False) + "\n"
