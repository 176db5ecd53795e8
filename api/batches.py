"""Batches: many images in one request, each checked and accepted on its own terms but all stored at once."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, Response, g, url_for

from api.admission import admit, authenticate, note_accepted, require, tell_limits, terms_of
from api.answers import answer_batch
from api.body import digest_json, let_go_of_body, limit_body, read_json
from api.callbacks import check_callback
from api.errors import log_refusal
from api.ktp import enqueue, load_job
from api.services import services
from shared.batch_schemas import load_batch
from shared.batches import Batch, BatchItem
from shared.errors import Gone, KartuError, NotFound
from shared.intake import Accepted, NewJob, Refusal
from shared.schemas import error_document
from shared.tracing import note

blueprint = Blueprint("batches", __name__, url_prefix="/v1/ocr/id/ktp/batches")
blueprint.after_request(tell_limits)


@blueprint.before_request
def check_request() -> None:
    """Check what comes before the body: its length, and the key."""
    limit_body(services().settings.max_batch_bytes)
    authenticate()


@blueprint.post("")
def submit() -> Response:
    """Accept a batch: 202 with the job, or the error, of each item."""
    require("jobs:submit")
    # How many images there are is not known yet: is there room for any?
    admit(takes=False)
    at = services()
    payload = read_json()
    items, callback_url = load_batch(payload, at.settings.max_batch_items)
    if callback_url is not None:
        check_callback(callback_url)
    admit(len(items))
    entries = [_check_item(item, callback_url) for item in items]
    accepted = at.intake.accept_batch(terms_of(digest_json(payload)), entries)
    let_go_of_body()
    note_accepted(len(accepted.job_ids))
    note(batch_id=accepted.id)
    jobs = [entry for entry in entries if isinstance(entry, NewJob)]
    enqueue(dict(zip(accepted.job_ids, jobs, strict=False)))
    # Once it is accepted, nothing is asked of Redis that could fail: who is told 503 has no job.
    batch = _own_batch(accepted.id) if accepted.is_repeated else _new_batch(accepted, entries)
    response = answer_batch(batch, 202)
    response.headers["Location"] = url_for("batches.get", batch_id=accepted.id)
    return response


@blueprint.get("/<uuid:batch_id>")
def get(batch_id: uuid.UUID) -> Response:
    """Give the counts of a batch and the state of each item; results are in the items' own documents."""
    require("jobs:read")
    return answer_batch(_own_batch(str(batch_id)))


def _check_item(item: Any, callback_url: str | None) -> NewJob | Refusal:
    try:
        return load_job(item, callback_url)
    except KartuError as error:
        reference_id = item.get("referenceId") if isinstance(item, dict) else None
        known = isinstance(reference_id, str) and 0 < len(reference_id) <= 128
        return Refusal(error_document(error, log_refusal(error)), reference_id if known else None)


def _new_batch(accepted: Accepted, entries: list[NewJob | Refusal]) -> Batch:
    """The batch as it was accepted just now."""
    job_ids = iter(accepted.job_ids)
    items = tuple(
        BatchItem("queued", next(job_ids), entry.request.reference_id)
        if isinstance(entry, NewJob)
        else BatchItem("rejected", refusal=entry.body, reference_id=entry.reference_id)
        for entry in entries
    )
    return Batch(accepted.id, g.key.id, items)


def _own_batch(batch_id: str) -> Batch:
    """The caller's batch; raises NotFound or Gone."""
    at = services()
    batch = at.batches.get(batch_id)
    if batch is not None and batch.owner == g.key.id:
        return batch
    if at.ids.was_given(batch_id, g.key.id, "batch"):
        raise Gone()
    raise NotFound("There is no batch with this id.")
