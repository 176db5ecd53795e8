"""Reading a card: submit an image, get the job."""

from __future__ import annotations

import logging
import uuid

import orjson
from flask import Blueprint, Response, current_app, g, request, url_for
from kombu.exceptions import OperationalError
from werkzeug.http import parse_dict_header

from api.admission import authenticate
from api.images import decode_image
from api.services import services
from shared.errors import ImageTooLarge, NotFound, ValidationFailed
from shared.records import Job
from shared.redis import UNAVAILABLE
from shared.schemas import dump_accepted, dump_job, load_request

_log = logging.getLogger(__name__)
_POLL_AFTER_S = 1

blueprint = Blueprint("ktp", __name__, url_prefix="/v1/ocr/id/ktp")
blueprint.before_request(authenticate)


@blueprint.post("")
def submit() -> Response:
    """Accept an image: 202, or with `Prefer: wait=N` the finished job as the synchronous API gives it."""
    at = services()
    read_request, encoded = load_request(_payload())
    image = decode_image(encoded, at.settings.max_image_bytes, at.settings.max_image_pixels)
    job_id = at.jobs.create(g.key.id, read_request, image)
    try:
        at.queue.enqueue(job_id)
    except OperationalError:
        # The job is stored, so it is accepted: the sweeper queues it once Redis is back.
        _log.warning("job stored but not queued; the sweeper will queue it", extra={"job_id": job_id})
    wait_s = _preferred_wait()
    job = None
    if wait_s:
        try:
            job = at.finished.wait(job_id, wait_s, lambda: at.jobs.get(job_id))
        except UNAVAILABLE:
            _log.warning("lost Redis while waiting; answering 202", extra={"job_id": job_id})
    if job is not None and job.outcome is not None:
        response = Response(dump_job(job), status=job.outcome.http_status, mimetype="application/json")
    else:
        status = job.status if job is not None else "queued"
        body = dump_accepted(job_id, status, read_request.reference_id)
        response = Response(body, status=202, mimetype="application/json")
        response.headers["Location"] = url_for("ktp.get", job_id=job_id)
        response.headers["Retry-After"] = str(_POLL_AFTER_S)
    return _tell_wait(response, wait_s)


@blueprint.get("/<uuid:job_id>")
def get(job_id: uuid.UUID) -> Response:
    """Give the job document, whatever its outcome; with `Prefer: wait=N` once it has ended."""
    at = services()
    wait_s = _preferred_wait()
    job = _own_job(job_id)
    if wait_s and not job.ended:
        job = at.finished.wait(job.id, wait_s, lambda: at.jobs.get(job.id)) or _own_job(job_id)
    response = Response(dump_job(job), mimetype="application/json")
    if not job.ended:
        response.headers["Retry-After"] = str(_POLL_AFTER_S)
    return _tell_wait(response, wait_s)


def _own_job(job_id: uuid.UUID) -> Job:
    """The caller's job; another key's is as unknown as one that never was."""
    job = services().jobs.get(str(job_id))
    if job is None or job.owner != g.key.id:
        raise NotFound("There is no job with this id.")
    return job


def _payload() -> object:
    if not request.is_json:
        raise ValidationFailed({"_schema": ["The Content-Type must be application/json."]})
    raw = request.get_data(cache=False)
    if len(raw) >= current_app.config["MAX_CONTENT_LENGTH"]:
        # A chunked body has no length to refuse by: it is cut off there.
        raise ImageTooLarge()
    try:
        payload: object = orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise ValidationFailed({"_schema": ["The payload is not valid JSON."]}) from None
    return payload


def _preferred_wait() -> int:
    """Seconds of `Prefer: wait=N` (RFC 7240), at most KARTU_MAX_WAIT_S; a preference that makes no sense is ignored."""
    preferences = parse_dict_header(request.headers.get("Prefer", "").replace(";", ","))
    wanted = next((value for name, value in preferences.items() if name.lower() == "wait"), None) or ""
    # Nine digits are more seconds than anybody waits; int() of a longer text would only cost time.
    return min(int(wanted[:9]), services().settings.max_wait_s) if wanted.isascii() and wanted.isdigit() else 0


def _tell_wait(response: Response, wait_s: int) -> Response:
    if wait_s:
        response.headers["Preference-Applied"] = f"wait={wait_s}"
    return response
