"""Is the API alive, and will what it accepts be read."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from api.services import services
from shared.errors import ServiceUnavailable
from shared.service_status import read_status

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def healthz() -> Response:
    """The process answers."""
    return jsonify(status="ok")


@blueprint.get("/readyz")
def readyz() -> Response:
    """Jobs can be accepted and will be read soon; 503 if Redis is away, nobody works, or far too much waits."""
    at = services()
    status = read_status(at.redis)
    if status.stuck(at.settings.wait_limit_s):
        raise ServiceUnavailable("Jobs wait and are not being read at the moment.")
    return jsonify(status="ok", workers=len(status.workers), waiting=status.waiting)
