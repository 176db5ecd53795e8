"""The wire of batches: the request, and the document with the state of each item."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from shared.batches import ITEM_STATUSES, Batch, BatchItem
from shared.errors import ValidationFailed
from shared.schemas import ReadRequestSchema, refuse_unknown


class BatchRequestSchema(Schema):
    """Images to read; each item is checked on its own."""

    items = fields.List(fields.Nested(ReadRequestSchema), required=True)
    callbackUrl = fields.String(metadata={"description": "of all items that have none of their own"})


class ItemErrorsSchema(Schema):
    """Why an item was refused: as in an error answer."""

    errorId = fields.UUID(required=True)
    errorType = fields.String(metadata={"description": "absent where fields are at fault, which stand here instead"})


class BatchItemSchema(Schema):
    """An item, in the order in which they were sent."""

    index = fields.Integer(required=True)
    status = fields.String(required=True, validate=validate.OneOf(ITEM_STATUSES))
    id = fields.UUID(metadata={"description": "of its job; absent if it was rejected"})
    referenceId = fields.String()
    message = fields.String(metadata={"description": "only of a rejected item"})
    errors = fields.Nested(ItemErrorsSchema, metadata={"description": "only of a rejected item"})


class BatchDataSchema(Schema):
    """How far the batch is."""

    id = fields.UUID(required=True)
    counts = fields.Dict(
        keys=fields.String(), values=fields.Integer(), required=True, metadata={"description": "items by status"}
    )
    items = fields.List(fields.Nested(BatchItemSchema), required=True)


def load_batch(payload: object, most_items: int) -> tuple[list[Any], str | None]:
    """The items of a batch, unchecked, and the `callbackUrl` of all of them; raises ValidationFailed."""
    if not isinstance(payload, dict):
        raise ValidationFailed({"_schema": ["The payload must be a JSON object."]})
    refuse_unknown(payload, ("items", "callbackUrl"))
    items = payload.get("items")
    if not isinstance(items, list) or not 1 <= len(items) <= most_items:
        raise ValidationFailed({"items": [f"Must be an array of 1 to {most_items} requests."]})
    callback_url = payload.get("callbackUrl")
    if "callbackUrl" in payload and not isinstance(callback_url, str):
        raise ValidationFailed({"callbackUrl": ["Not a valid string."]})
    return items, callback_url


def batch_document(batch: Batch) -> dict[str, Any]:
    """The document of a batch, in English."""
    counts = {status: sum(item.status == status for item in batch.items) for status in ITEM_STATUSES}
    items = [_describe(index, item) for index, item in enumerate(batch.items)]
    return {"message": "OK", "data": {"id": batch.id, "counts": counts, "items": items}}


def _describe(index: int, item: BatchItem) -> dict[str, Any]:
    described: dict[str, Any] = {"index": index, "status": item.status}
    if item.job_id is not None:
        described["id"] = item.job_id
    if item.reference_id is not None:
        described["referenceId"] = item.reference_id
    return described | (item.refusal or {})
