"""Documents become answers here: in the client's language, and faults as problem documents for who prefers those."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import orjson
from flask import Response, request

from shared.batch_schemas import batch_document
from shared.batches import Batch
from shared.errors import KartuError
from shared.messages import Language, translate_document
from shared.records import Job, Status
from shared.schemas import (
    dump_accepted,
    dump_error,
    dump_job,
    dump_problem,
    dump_purged,
    error_document,
    job_document,
)

_JSON, _PROBLEM = "application/json", "application/problem+json"
_LANGUAGES: dict[str, Language] = {"en": "en", "id": "id", "in": "id"}
"""Primary language tag → language; `in` is what Indonesian was called until 1989, and still is by old Java."""


def language() -> Language:
    """The language that this request prefers by Accept-Language; English where it names none of ours.

    Of languages that are equally welcome it is the one named first.
    """
    # Not best_match: for "id-ID,en;q=0.5" that gives English, since it looks for the plain tags first.
    for tag, quality in request.accept_languages:
        found = _LANGUAGES.get(tag.partition("-")[0].lower())
        if found and quality > 0:
            return found
    return "en"


def answer(document: dict[str, Any], status: int = 200) -> Response:
    """Answer with a document in English, whose sentences are translated."""
    return _respond(orjson.dumps(translate_document(document, language())), status)


def answer_job(job: Job, status: int = 200) -> Response:
    """Answer with the job document; with a `status` from 400 on, a failed job is a fault like any other."""
    outcome = job.outcome
    if status >= 400 and outcome is not None and outcome.error_type and _prefers_problem():
        problem = dump_problem(job_document(job), outcome.error_type, status, language())
        return _respond(problem, status, _PROBLEM, is_negotiated=True)
    return _respond(dump_job(job, language()), status, is_negotiated=True)


def answer_accepted(job_id: str, status: Status, reference_id: str | None) -> Response:
    """Answer 202 to a submission: the job is accepted and has not ended, or is not waited for."""
    return _respond(dump_accepted(job_id, status, reference_id, language()), 202)


def answer_purged(job: Job) -> Response:
    """Answer with the record of a purge that was carried out just now; `job` is as it was before."""
    return _respond(dump_purged(job, datetime.now(UTC), language()), 200)


def answer_batch(batch: Batch, status: int = 200) -> Response:
    """Answer with the document of a batch."""
    return answer(batch_document(batch), status)


def answer_error(error: KartuError, error_id: str) -> Response:
    """Answer with the error body, or with the problem document of the same fault."""
    if _prefers_problem():
        problem = dump_problem(error_document(error, error_id), error.error_type, error.http_status, language())
        return _respond(problem, error.http_status, _PROBLEM, is_negotiated=True)
    return _respond(dump_error(error, error_id, language()), error.http_status, is_negotiated=True)


def _prefers_problem() -> bool:
    accepted = request.accept_mimetypes
    return accepted.quality(_PROBLEM) > accepted.quality(_JSON)


def _respond(body: bytes, status: int, mimetype: str = _JSON, *, is_negotiated: bool = False) -> Response:
    """An answer; `is_negotiated`: its media type, too, depends on what the client accepts."""
    response = Response(body, status=status, mimetype=mimetype)
    response.headers["Content-Language"] = language()
    response.vary.add("Accept-Language")
    if is_negotiated:
        response.vary.add("Accept")
    return response
