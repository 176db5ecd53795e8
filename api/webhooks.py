"""Webhooks of the caller's key: what became of them, sending one again, and a test."""

from __future__ import annotations

import uuid

from flask import Blueprint, Response, g, request

from api.admission import admit, authenticate, note_accepted, require, tell_limits, terms_of
from api.answers import answer, language
from api.body import digest_json, limit_body, read_json
from api.callbacks import check_callback
from api.ktp import answer_submission, enqueue, own_job
from api.services import services
from shared.deliveries import Delivery
from shared.delivery_schemas import deliveries_document, delivery_document, load_webhook_test
from shared.errors import Gone, NotFound, ValidationFailed
from shared.intake import NewJob
from shared.records import ReadRequest
from shared.sandbox import WEBHOOK_TEST
from shared.schemas import refuse_unknown

_MOST_BODY_BYTES = 64 * 1024
_MOST_LISTED = 100

blueprint = Blueprint("webhooks", __name__, url_prefix="/v1/webhooks")
blueprint.after_request(tell_limits)


@blueprint.before_request
def check_request() -> None:
    """Check what comes before the body: its length, and the key."""
    limit_body(_MOST_BODY_BYTES)
    authenticate()


@blueprint.get("/deliveries")
def list_deliveries() -> Response:
    """Give the delivery of the job that `jobId` names, or without it the newest 100 of the key."""
    require("webhooks:manage")
    refuse_unknown(request.args, ("jobId",))
    raw = request.args.get("jobId")
    if raw is None:
        return answer(deliveries_document(services().deliveries.of_owner(g.key.id, _MOST_LISTED)))
    try:
        job_id = uuid.UUID(raw)
    except ValueError:
        raise ValidationFailed({"jobId": ["Not a valid UUID."]}) from None
    found = _own_delivery(job_id)
    return answer(deliveries_document([found] if found else []))


@blueprint.post("/deliveries/<uuid:job_id>/replay")
def replay(job_id: uuid.UUID) -> Response:
    """Send a webhook again, as many times as its schedule has, or at once if it waits for its next attempt."""
    require("webhooks:manage")
    deliveries = services().deliveries
    if _own_delivery(job_id) is None:
        raise NotFound("This job has no webhook.")
    found = deliveries.get(str(job_id)) if deliveries.replay(str(job_id)) else None
    if found is None:
        raise Gone()
    return answer(delivery_document(found), 202)


@blueprint.post("/test")
def send_test() -> Response:
    """Send a webhook for a job that is played: 202 with its id, as for a reading. It is not charged."""
    require("webhooks:manage")
    admit()
    at = services()
    payload = read_json()
    url = load_webhook_test(payload)
    read_request = ReadRequest(sandbox=WEBHOOK_TEST, callback_url=url, language=language())
    job = NewJob(read_request, b"", target=check_callback(url))
    accepted = at.intake.accept(terms_of(digest_json(payload)), job)
    note_accepted(len(accepted.job_ids))
    enqueue(dict.fromkeys(accepted.job_ids, job))
    return answer_submission(accepted.id, job, 0, is_repeated=accepted.is_repeated)


def _own_delivery(job_id: uuid.UUID) -> Delivery | None:
    """The delivery of a job of the caller's; None if the job has none (yet). Raises NotFound or Gone."""
    found = services().deliveries.get(str(job_id))
    if found is not None and found.owner == g.key.id:
        return found
    own_job(job_id)
    return None
