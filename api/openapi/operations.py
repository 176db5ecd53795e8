"""The operations of the API, each with its parameters, its answers and examples that the tests run."""

from __future__ import annotations

from typing import Any

from api.openapi.callbacks import JOB_ENDED
from api.openapi.components import (
    APPLIED,
    BATCH_ID,
    DELIVERY_ID,
    IDEMPOTENCY_KEY,
    IF_NONE_MATCH,
    JOB_ID,
    LANGUAGE,
    LIMITS,
    OF_JOB,
    PREFER,
    content,
    failures,
    header,
    parameter,
)
from shared import errors

Operation = dict[str, Any]

_KEY_ERRORS = (errors.Unauthorized, errors.Forbidden, errors.ServiceUnavailable, errors.ValidationFailed)
_OF_ONE = (*_KEY_ERRORS, errors.NotFound, errors.Gone)
_OF_IMAGES = (
    errors.InvalidBase64Encoding,
    errors.ImageTooLarge,
    errors.UnsupportedImageType,
    errors.CorruptedImage,
)
_OF_SUBMISSIONS = (*_OF_ONE, errors.ImageTooLarge, errors.IdempotencyKeyReused, errors.RateLimited, errors.QueueFull)
_OF_JOBS = (
    errors.CardNotFound,
    errors.TextNotFound,
    errors.InvalidDocumentType,
    errors.ParsingFailed,
    errors.ProcessingFailed,
)
_RETRY_AFTER = header("seconds until it is worth while to ask again", "integer")
_DATE = {"type": "string", "format": "date"}


def _operation(
    tag: str, name: str, summary: str, parameters: list[dict[str, Any]], responses: dict[str, Any], **rest: Any
) -> Operation:
    return {
        "tags": [tag],
        "operationId": name,
        "summary": summary,
        "parameters": [*parameters, LANGUAGE],
        **rest,
        "responses": responses,
    }


def _examples(**payloads: Any) -> dict[str, Any]:
    return {"examples": {name: {"value": value} for name, value in payloads.items()}}


_READ = _operation(
    "cards",
    "readCard",
    "Read a card",
    [PREFER, IDEMPOTENCY_KEY],
    {
        "200": {
            "description": "The card was read, within the time that `Prefer`, or the key, gave it.",
            "headers": {**APPLIED, **LIMITS},
            "content": content("JobDocument"),
        },
        "202": {
            "description": "The image was accepted; its job is at `Location`.",
            "headers": {"Location": header("of the job"), "Retry-After": _RETRY_AFTER, **APPLIED, **LIMITS},
            "content": content("AcceptedDocument"),
        },
        **failures(*_OF_SUBMISSIONS, *_OF_IMAGES[:1], *_OF_IMAGES[2:], *_OF_JOBS, job_document=True),
    },
    requestBody={
        "required": True,
        "content": content(
            "ReadRequest",
            **_examples(
                succeeded={"image": "sandbox:succeeded", "validateResult": True, "include": ["confidence"]},
                card_not_found={"image": "sandbox:card_not_found", "passCardDetect": False},
                slow={"image": "sandbox:slow", "referenceId": "order-17"},
                webhook={"image": "sandbox:slow", "callbackUrl": "https://example.com/webhooks/kartu"},
            ),
        ),
    },
    callbacks=JOB_ENDED,
)
_GET = _operation(
    "cards",
    "getJob",
    "Get a job",
    [JOB_ID, PREFER, IF_NONE_MATCH],
    {
        "200": {
            "description": "The job, whatever became of it.",
            "headers": {
                "ETag": header("of this document"),
                "Retry-After": _RETRY_AFTER,
                **APPLIED,
            },
            "content": content("JobDocument"),
        },
        "304": {"description": "Nothing has changed."},
        **failures(*_OF_ONE),
    },
)
_DELETE = _operation(
    "cards",
    "deleteJob",
    "Remove a job with image and result at once; one that has not ended is cancelled",
    [JOB_ID],
    {
        "200": {"description": "Nothing is left but this record.", "content": content("PurgedDocument")},
        **failures(*_OF_ONE),
    },
)
_SUBMIT_BATCH = _operation(
    "batches",
    "submitBatch",
    "Send several images; each is checked on its own",
    [IDEMPOTENCY_KEY],
    {
        "202": {
            "description": "All items that are in order were accepted; the others say why they were not.",
            "headers": {"Location": header("of the batch"), **LIMITS},
            "content": content("BatchDocument"),
        },
        **failures(*_OF_SUBMISSIONS),
    },
    requestBody={
        "required": True,
        "content": content(
            "BatchRequest",
            **_examples(
                mixed={
                    "items": [
                        {"image": "sandbox:succeeded", "referenceId": "a"},
                        {"image": "sandbox:corrupted_image", "referenceId": "b"},
                    ],
                    "callbackUrl": "https://example.com/webhooks/kartu",
                }
            ),
        ),
    },
)
_GET_BATCH = _operation(
    "batches",
    "getBatch",
    "Get the counts of a batch and the state of each item",
    [BATCH_ID],
    {
        "200": {"description": "The batch as it is now.", "content": content("BatchDocument")},
        **failures(*_OF_ONE),
    },
)
_USAGE = _operation(
    "billing",
    "getUsage",
    "Get how many jobs of the key ended, and how many of them are charged",
    [
        parameter("from", "query", "first day (UTC); by default 30 days in all", _DATE),
        parameter("to", "query", "last day; by default today", _DATE),
    ],
    {
        "200": {"description": "Every day of the span.", "content": content("UsageDocument")},
        **failures(*_KEY_ERRORS),
    },
)
_LIST_DELIVERIES = _operation(
    "webhooks",
    "listDeliveries",
    "Get what became of webhooks: of one job, or the newest 100",
    [OF_JOB],
    {
        "200": {"description": "With all attempts.", "content": content("DeliveriesDocument")},
        **failures(*_OF_ONE),
    },
)
_REPLAY = _operation(
    "webhooks",
    "replayDelivery",
    "Send a webhook again, under the same webhook-id",
    [DELIVERY_ID],
    {
        "202": {"description": "It is sent as soon as possible.", "content": content("DeliveryDocument")},
        **failures(*_OF_ONE, errors.ImageTooLarge),
    },
)
_TEST_WEBHOOK = _operation(
    "webhooks",
    "testWebhook",
    "Send a webhook for a job that is played and not charged",
    [IDEMPOTENCY_KEY],
    {
        "202": {
            "description": "The job is played and its webhook sent; the job is at `Location`.",
            "headers": {"Location": header("of the job"), **LIMITS},
            "content": content("AcceptedDocument"),
        },
        **failures(*_OF_SUBMISSIONS),
    },
    requestBody={
        "required": True,
        "content": content("WebhookTest", **_examples(test={"callbackUrl": "https://example.com/webhooks/kartu"})),
    },
)


def _probe(name: str, summary: str, *kinds: type[errors.KartuError]) -> Operation:
    ok = {"type": "object", "properties": {"status": {"const": "ok"}}, "required": ["status"]}
    answer = {"description": "It does.", "content": {"application/json": {"schema": ok}}}
    return _operation("service", name, summary, [], {"200": answer, **failures(*kinds)}, security=[])


PATHS: dict[str, dict[str, Operation]] = {
    "/v1/ocr/id/ktp": {"post": _READ},
    "/v1/ocr/id/ktp/{id}": {"get": _GET, "delete": _DELETE},
    "/v1/ocr/id/ktp/batches": {"post": _SUBMIT_BATCH},
    "/v1/ocr/id/ktp/batches/{id}": {"get": _GET_BATCH},
    "/v1/webhooks/deliveries": {"get": _LIST_DELIVERIES},
    "/v1/webhooks/deliveries/{id}/replay": {"post": _REPLAY},
    "/v1/webhooks/test": {"post": _TEST_WEBHOOK},
    "/v1/billing/usage": {"get": _USAGE},
    "/healthz": {"get": _probe("getHealth", "Does the process answer")},
    "/readyz": {"get": _probe("getReadiness", "Can jobs be accepted", errors.ServiceUnavailable)},
}
