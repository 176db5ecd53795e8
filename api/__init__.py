"""The HTTP side: checks requests, stores jobs, gives results. It never decodes an image."""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit

from flask import Flask, Response

from api import batches, billing, documentation, errors, health, ktp, metrics, playground, tracing, webhooks
from api.body import let_go_of_body
from api.encoding import OrjsonProvider
from api.services import EXTENSION, build_services
from shared.settings import Settings


def create_app(settings: Settings) -> Flask:
    """Build the application; it connects to Redis at its first request, not here."""
    app = Flask("kartu", static_folder=None)
    app.json = OrjsonProvider(app)
    # A redirect for a doubled slash would be an answer outside the contract.
    app.url_map.merge_slashes = False
    app.extensions[EXTENSION] = build_services(settings)
    for resource in (health, ktp, batches, billing, webhooks, documentation, metrics, playground):
        app.register_blueprint(resource.blueprint)
    app.register_blueprint(documentation.pages)
    errors.register(app)
    metrics.measure(app)
    if settings.tracing:
        tracing.trace(app)
    app.after_request(_protect)
    app.teardown_request(let_go_of_body)
    return app


def _protect(response: Response) -> Response:
    """Answers hold personal data: no cache on the way may keep them, no browser may take them for something else.

    A page for people says itself what it may load.
    """
    response.headers.setdefault("Cache-Control", "no-store")
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers.setdefault("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
    response.headers.setdefault("Referrer-Policy", "no-referrer")
    if response.location:
        # By path alone: the Host is what the client says, and the scheme is not known behind a proxy that ends TLS.
        to = urlsplit(response.location)
        response.headers["Location"] = urlunsplit(("", "", f"/{to.path.lstrip('/')}", to.query, ""))
    return response
