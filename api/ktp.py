"""Reading a card: submit an image, get the job, delete it."""

from __future__ import annotations

import logging
import math
import uuid
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace

from flask import Blueprint, Response, g, request, url_for
from kombu.exceptions import OperationalError

from api.admission import admit, authenticate, note_accepted, require, tell_limits, terms_of
from api.answers import answer_accepted, answer_job, answer_purged, language
from api.body import digest_json, let_go_of_body, limit_body, read_json
from api.callbacks import check_callback
from api.images import decode_image
from api.preferences import preferred_wait_s, tell_wait
from api.services import services
from shared.audit import audit
from shared.errors import Gone, NotFound
from shared.intake import Accepted, NewJob
from shared.jobs import LONGEST_RETRY_S
from shared.limits import Admission
from shared.records import Job, ReadRequest
from shared.redis import UNAVAILABLE
from shared.sandbox import PREFIX, SUCCEEDED, choose_scenario
from shared.schemas import load_request
from shared.tracing import note, traceparent

_log = logging.getLogger(__name__)
_ENVELOPE_BYTES = 64 * 1024
"""Room for everything in a request but the image."""

blueprint = Blueprint("ktp", __name__, url_prefix="/v1/ocr/id/ktp")
blueprint.after_request(tell_limits)


@blueprint.before_request
def check_request() -> None:
    """Check what comes before the body: its length, and the key."""
    limit_body(largest_body())
    authenticate()


@blueprint.post("")
def submit() -> Response:
    """Accept an image: 202, or with `Prefer: wait=N` the finished job as the synchronous API gives it."""
    require("jobs:submit")
    admit()
    accepted, job = _accept()
    note_accepted(len(accepted.job_ids))
    note(job_id=accepted.id)
    enqueue(dict.fromkeys(accepted.job_ids, job))
    wait_s = _wait_s()
    return tell_wait(answer_submission(accepted.id, job, wait_s, is_repeated=accepted.is_repeated), wait_s)


@blueprint.get("/<uuid:job_id>")
def get(job_id: uuid.UUID) -> Response:
    """Give the job document, whatever its outcome; with `Prefer: wait=N` once it has ended."""
    require("jobs:read")
    at = services()
    wait_s = preferred_wait_s(0, at.settings.max_wait_s) if at.finished.has_room() else 0
    job = own_job(job_id)
    if wait_s and not job.ended:
        job = at.finished.wait(job.id, wait_s, lambda: at.jobs.get(job.id)) or own_job(job_id)
    response = tell_wait(answer_job(job), wait_s)
    if not job.ended:
        response.headers["Retry-After"] = str(at.jobs.retry_after_s(job))
    response.add_etag()
    # If-Match and its like are for those who change something.
    asked = ("REQUEST_METHOD", "HTTP_IF_NONE_MATCH")
    response.make_conditional({name: request.environ[name] for name in asked if name in request.environ})
    _audit_read(job, response)
    return response


@blueprint.delete("/<uuid:job_id>")
def delete(job_id: uuid.UUID) -> Response:
    """Remove image and result at once; a job that has not ended is cancelled."""
    require("jobs:purge")
    job = own_job(job_id)
    status = services().jobs.purge(job)
    if status is None:
        raise Gone()
    audit("job purged", job_id=job.id, key_id=g.key.id, status=status)
    return answer_purged(replace(job, status=status))


def largest_body() -> int:
    """Bytes of the largest request for one image: base64 makes four characters of three bytes."""
    return services().settings.max_image_bytes * 4 // 3 + _ENVELOPE_BYTES


def load_job(payload: object, callback_url: str | None = None) -> NewJob:
    """The job that a payload asks for, with `callback_url` if it names none; raises the errors of the contract."""
    read_request, image = load_request(payload)
    url = callback_url if read_request.callback_url is None else read_request.callback_url
    target = None if url is None else check_callback(url)
    job = _with_image(replace(read_request, callback_url=url, language=language(), traceparent=traceparent()), image)
    return replace(job, target=target)


def _accept() -> tuple[Accepted, NewJob]:
    """Accept the job that the body asks for; gives it without its image, which need not wait for the job's end."""
    payload = read_json()
    job = load_job(payload)
    accepted = services().intake.accept(terms_of(digest_json(payload)), job)
    let_go_of_body()
    return accepted, replace(job, image=b"")


def _with_image(read_request: ReadRequest, image: str) -> NewJob:
    settings = services().settings
    if not g.key.settings.sandbox:
        return NewJob(read_request, decode_image(image, settings.max_image_bytes, settings.max_image_pixels))
    if image.startswith(PREFIX):
        scenario = choose_scenario(image)
        return NewJob(replace(read_request, sandbox=scenario.name), b"", scenario.delay_s)
    decode_image(image, settings.max_image_bytes, settings.max_image_pixels)
    return NewJob(replace(read_request, sandbox=SUCCEEDED), b"")


def enqueue(jobs: Mapping[str, NewJob]) -> None:
    """Queue accepted jobs; the sweeper does it for those that are delayed, and once Redis is back.

    The first that cannot be queued is the last that is tried: with a Redis that hangs each would take its time, and the
    client of a batch would be gone before it learnt that it was accepted.
    """
    for job_id in jobs:
        _log.info("job accepted", extra={"job_id": job_id, "key_id": g.key.id})
    for job_id, job in jobs.items():
        if job.delay_s:
            continue
        try:
            services().queue.enqueue(job_id)
        except OperationalError:
            _log.warning("jobs stored but not queued; the sweeper will queue them", extra={"job_id": job_id})
            return


def own_job(job_id: uuid.UUID) -> Job:
    """The caller's job; another key's is as unknown as one that never was. Raises NotFound or Gone."""
    at = services()
    job = at.jobs.get(str(job_id))
    if job is not None and job.owner == g.key.id:
        return job
    if at.ids.was_given(str(job_id), g.key.id, "job"):
        raise Gone()
    raise NotFound("There is no job with this id.")


def _wait_s() -> int:
    """Seconds to hold a submission; a key that may not read results gets none, so it need not wait."""
    if "jobs:read" not in g.key.settings.scopes:
        return 0
    at = services()
    return preferred_wait_s(g.key.settings.default_wait_s, at.settings.max_wait_s) if at.finished.has_room() else 0


def answer_submission(job_id: str, new: NewJob, wait_s: int, *, is_repeated: bool) -> Response:
    """Answer a submission that was accepted: with the end of its job if that comes within `wait_s`, else with 202."""
    at = services()
    job = None
    if wait_s or is_repeated:
        try:
            job = at.finished.wait(job_id, wait_s, lambda: at.jobs.get(job_id))
        except UNAVAILABLE:
            _log.warning("lost Redis while waiting; answering 202", extra={"job_id": job_id})
        else:
            if job is None:
                raise Gone()
    if wait_s and job is not None and job.outcome is not None:
        response = answer_job(job, job.outcome.http_status)
        _audit_read(job, response)
        return response
    response = answer_accepted(job_id, job.status if job else "queued", new.request.reference_id)
    response.headers["Location"] = url_for("ktp.get", job_id=job_id)
    response.headers["Retry-After"] = str(_retry_after_s(job))
    return response


def _retry_after_s(job: Job | None) -> int:
    """Of a job that was accepted just now, or while Redis is away, all that is known is how long the queue was."""
    if job is not None:
        # An accepted job is never answered with 503.
        with suppress(*UNAVAILABLE):
            return services().jobs.retry_after_s(job)
    admission: Admission = g.admission
    return min(LONGEST_RETRY_S, max(1, math.ceil(admission.expected_wait_s)))


def _audit_read(job: Job, response: Response) -> None:
    """Note that a result was given out, if this answer holds one."""
    if response.status_code == 200 and job.outcome is not None and job.outcome.result is not None:
        audit("result read", job_id=job.id, key_id=g.key.id, status=job.status)
