"""Is the API alive, and can it accept jobs."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from api.services import services

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def healthz() -> Response:
    """The process answers."""
    return jsonify(status="ok")


@blueprint.get("/readyz")
def readyz() -> Response:
    """Redis answers, so jobs can be accepted; 503 otherwise."""
    services().redis.ping()
    return jsonify(status="ok")
