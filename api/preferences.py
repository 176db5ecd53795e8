"""What a client prefers by `Prefer` (RFC 7240): to wait for the result, and how long, or not to."""

from __future__ import annotations

from flask import Response, request
from werkzeug.http import parse_dict_header


def preferred_wait_s(default_s: int, most_s: int) -> int:
    """Seconds to wait: those of `Prefer: wait=N`, none with `respond-async`, else the default; never above `most_s`.

    A preference that makes no sense is ignored.
    """
    preferences = parse_dict_header(request.headers.get("Prefer", "").replace(";", ","))
    named = {name.lower(): value or "" for name, value in preferences.items()}
    wanted = named.get("wait", "")
    # Nine digits are more seconds than anybody waits; int() of a longer text would only cost time.
    if wanted.isascii() and wanted.isdigit():
        return min(int(wanted[:9]), most_s)
    return 0 if "respond-async" in named else min(default_s, most_s)


def tell_wait(response: Response, wait_s: int) -> Response:
    """Say in the answer which wait was applied."""
    if wait_s:
        response.headers["Preference-Applied"] = f"wait={wait_s}"
    return response
