"""`/metrics` for Prometheus, and what the API counts. It holds nothing of a person; a proxy need not let it out."""

from __future__ import annotations

import time
from http import HTTPMethod

from flask import Blueprint, Flask, Response, g, request
from prometheus_client import CONTENT_TYPE_LATEST

from api.services import services
from shared.metrics import REQUEST_SECONDS, REQUESTS, exposition

METHODS = frozenset(HTTPMethod)

blueprint = Blueprint("metrics", __name__)


@blueprint.get("/metrics")
def metrics() -> Response:
    """All metrics of this host's processes, and the state of the service."""
    return Response(exposition(services().redis), content_type=CONTENT_TYPE_LATEST)


def measure(app: Flask) -> None:
    """Count and time every request of `app`."""
    app.before_request(_start)
    app.after_request(_count)


def _start() -> None:
    g.started = time.perf_counter()


def _count(response: Response) -> Response:
    endpoint = request.endpoint or "none"
    # The method is free text: only what HTTP defines becomes a label.
    method = request.method if request.method in METHODS else "other"
    REQUESTS.labels(endpoint, method, response.status_code).inc()
    if "Preference-Applied" not in response.headers and "started" in g:
        REQUEST_SECONDS.labels(endpoint).observe(time.perf_counter() - g.started)
    return response
