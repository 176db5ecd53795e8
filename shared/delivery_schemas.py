"""The wire of webhooks: a delivery with its attempts, and the request for a test."""

from __future__ import annotations

from typing import Any, cast, get_args

from marshmallow import Schema, ValidationError, fields, validate

from shared.deliveries import Delivery, State
from shared.errors import ValidationFailed
from shared.schemas import Time, refuse_unknown


class AttemptSchema(Schema):
    """One attempt: `status` if there was an answer, else `error`."""

    at = Time(required=True)
    status = fields.Integer(metadata={"description": "HTTP status of the answer"})
    error = fields.String(metadata={"description": "class of the error without an answer, such as timeout"})
    durationMs = fields.Integer(required=True)


class DeliverySchema(Schema):
    """The webhook of a job."""

    id = fields.UUID(required=True, metadata={"description": "also the webhook-id of each attempt"})
    jobId = fields.UUID(required=True)
    state = fields.String(required=True, validate=validate.OneOf(get_args(State)))
    createdAt = Time(required=True)
    expiresAt = Time(required=True, metadata={"description": "of the job's result; no attempt is made after it"})
    nextAttemptAt = Time(metadata={"description": "only while it is pending; past if it waits for its turn"})
    attempts = fields.List(fields.Nested(AttemptSchema), required=True)


class DeliveriesDataSchema(Schema):
    """Deliveries, the newest first."""

    deliveries = fields.List(fields.Nested(DeliverySchema), required=True)


class WebhookTestSchema(Schema):
    """Where a test goes."""

    callbackUrl = fields.String(required=True, metadata={"description": "checked as that of a reading"})


_DELIVERY = DeliverySchema()
_TEST = WebhookTestSchema()


def load_webhook_test(payload: object) -> str:
    """The URL that a test is to be sent to, unchecked; raises ValidationFailed."""
    if not isinstance(payload, dict):
        raise ValidationFailed({"_schema": ["The payload must be a JSON object."]})
    refuse_unknown(payload, _TEST.fields)
    try:
        loaded: dict[str, str] = _TEST.load(payload)
    except ValidationError as error:
        raise ValidationFailed(cast("dict[str, list[str]]", error.messages)) from None
    return loaded["callbackUrl"]


def delivery_document(delivery: Delivery) -> dict[str, Any]:
    """The document of one delivery, in English."""
    return {"message": "OK", "data": _describe(delivery)}


def deliveries_document(deliveries: list[Delivery]) -> dict[str, Any]:
    """The document of a list of deliveries, in English."""
    return {"message": "OK", "data": {"deliveries": [_describe(each) for each in deliveries]}}


def _describe(delivery: Delivery) -> dict[str, Any]:
    fields_of_delivery: dict[str, Any] = {
        "id": delivery.id,
        "jobId": delivery.id,
        "state": delivery.state,
        "createdAt": delivery.created_at,
        "expiresAt": delivery.expires_at,
        "attempts": [
            {"at": each.at, "durationMs": int(each.duration_s * 1000)}
            | ({"status": each.status} if each.status is not None else {})
            | ({"error": each.error} if each.error is not None else {})
            for each in delivery.attempts
        ],
    }
    if delivery.next_attempt_at is not None:
        fields_of_delivery["nextAttemptAt"] = delivery.next_attempt_at
    described: dict[str, Any] = _DELIVERY.dump(fields_of_delivery)
    return described
