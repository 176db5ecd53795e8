"""The page for people at `/`: drop a photo, see what was read. It is a client of the API like any other.

The page asks for an API key and keeps it for the session of the tab. `./deploy/up` prints an address that brings it
along behind a `#`, which no browser sends to a server.
"""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, Response, send_from_directory

_STATIC = Path(__file__).parent / "static"
_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        # Photos that were chosen, and crops in the answer.
        "img-src 'self' blob: data:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)

blueprint = Blueprint("playground", __name__)


@blueprint.get("/")
def page() -> Response:
    """The page."""
    return send_from_directory(_STATIC, "index.html")


@blueprint.get("/playground/<path:name>")
def asset(name: str) -> Response:
    """A script, style sheet or picture of the page."""
    return send_from_directory(_STATIC, name)


@blueprint.after_request
def confine(response: Response) -> Response:
    """Let the page use nothing from outside, and nobody frame it."""
    response.headers["Content-Security-Policy"] = _POLICY
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Permissions-Policy"] = "camera=(self), microphone=(), geolocation=()"
    response.headers["Cache-Control"] = "no-cache"
    return response
