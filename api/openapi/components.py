"""What the operations of the OpenAPI document refer to: schemas, headers, parameters and error responses."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from marshmallow import Schema, fields

from shared import errors
from shared.batch_schemas import BatchDataSchema, BatchRequestSchema
from shared.blocks import BlockNames
from shared.delivery_schemas import DeliveriesDataSchema, DeliverySchema, WebhookTestSchema
from shared.errors import KartuError
from shared.records import BLOCKS
from shared.schemas import AcceptedDataSchema, JobDataSchema, PurgedDataSchema, ReadRequestSchema, Time
from shared.usage_schemas import UsageDataSchema

JSON, PROBLEM = "application/json", "application/problem+json"
_UUID = {"type": "string", "format": "uuid"}


class FailureSchema(Schema):
    """Which error it was."""

    errorId = fields.UUID(required=True, metadata={"description": "also in the service's log"})
    errorType = fields.String(required=True)


class JobDocumentSchema(Schema):
    """A job, the same in the answer that was waited for and in the poll; `errors` only if it failed."""

    message = fields.String(required=True)
    data = fields.Nested(JobDataSchema, required=True)
    errors = fields.Nested(FailureSchema)


class AcceptedDocumentSchema(Schema):
    """A job that was accepted."""

    message = fields.String(required=True)
    data = fields.Nested(AcceptedDataSchema, required=True)


class PurgedDocumentSchema(Schema):
    """The record of a job that was removed."""

    message = fields.String(required=True)
    data = fields.Nested(PurgedDataSchema, required=True)


class BatchDocumentSchema(Schema):
    """A batch."""

    message = fields.String(required=True)
    data = fields.Nested(BatchDataSchema, required=True)


class UsageDocumentSchema(Schema):
    """Usage by day."""

    message = fields.String(required=True)
    data = fields.Nested(UsageDataSchema, required=True)


class DeliveryDocumentSchema(Schema):
    """The webhook of a job."""

    message = fields.String(required=True)
    data = fields.Nested(DeliverySchema, required=True)


class DeliveriesDocumentSchema(Schema):
    """Webhooks."""

    message = fields.String(required=True)
    data = fields.Nested(DeliveriesDataSchema, required=True)


class ErrorDocumentSchema(Schema):
    """A request that was refused."""

    message = fields.String(required=True)
    errors = fields.Nested(FailureSchema, required=True)


class ProblemSchema(Schema):
    """An error as RFC 9457 has it."""

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True)
    errorId = fields.UUID(required=True)
    errorType = fields.String(required=True)
    errors = fields.Dict(keys=fields.String(), values=fields.List(fields.String()))
    data = fields.Nested(JobDataSchema)


_SCHEMAS = (
    ReadRequestSchema,
    BatchRequestSchema,
    JobDocumentSchema,
    AcceptedDocumentSchema,
    PurgedDocumentSchema,
    BatchDocumentSchema,
    UsageDocumentSchema,
    WebhookTestSchema,
    DeliveryDocumentSchema,
    DeliveriesDocumentSchema,
    ErrorDocumentSchema,
    ProblemSchema,
)
VALIDATION_ERROR = {
    "type": "object",
    "description": "Sentences for each field at fault; `_schema` is for those that belong to none.",
    "properties": {
        "message": {"type": "string"},
        "errors": {
            "type": "object",
            "properties": {"errorId": _UUID},
            "required": ["errorId"],
            "additionalProperties": {"type": "array", "items": {"type": "string"}},
        },
    },
    "required": ["message", "errors"],
}


def new_spec(title: str, version: str, description: str) -> APISpec:
    """A document with all components and no path yet."""
    marshmallow = MarshmallowPlugin()
    spec = APISpec(
        title,
        version,
        "3.1.0",
        info={"description": description},
        plugins=[marshmallow],
        security=[{"key": []}],
        tags=[{"name": name} for name in ("cards", "batches", "webhooks", "billing", "service")],
    )
    assert marshmallow.converter is not None
    marshmallow.converter.add_attribute_function(_describe_own_field)  # type: ignore[no-untyped-call]
    spec.components.security_scheme("key", {"type": "http", "scheme": "bearer"})
    for schema in _SCHEMAS:
        spec.components.schema(schema.__name__.removesuffix("Schema"), schema=schema)
    spec.components.schema("ValidationError", VALIDATION_ERROR)
    return spec


def _describe_own_field(_: Any, field: fields.Field[Any], **__: Any) -> dict[str, Any]:
    """What apispec cannot know of the fields that are our own."""
    match field:
        case Time():
            return {"type": "string", "format": "date-time"}
        case BlockNames():
            return {"type": "array", "items": {"type": "string", "enum": list(BLOCKS)}}
    return {}


def ref(name: str) -> dict[str, str]:
    """A reference to a schema."""
    return {"$ref": f"#/components/schemas/{name}"}


def content(name: str, media_type: str = JSON, **extra: Any) -> dict[str, Any]:
    """A body of that schema."""
    return {media_type: {"schema": ref(name), **extra}}


def header(description: str, kind: str = "string") -> dict[str, Any]:
    """A header of an answer."""
    return {"description": description, "schema": {"type": kind}}


def parameter(name: str, place: str, description: str, schema: dict[str, Any]) -> dict[str, Any]:
    """A parameter of a request; those in the path are required."""
    return {"name": name, "in": place, "description": description, "required": place == "path", "schema": schema}


JOB_ID = parameter("id", "path", "of the job", _UUID)
DELIVERY_ID = parameter("id", "path", "of the webhook: that of its job", _UUID)
OF_JOB = parameter("jobId", "query", "only the webhook of this job", _UUID)
BATCH_ID = parameter("id", "path", "of the batch", _UUID)
PREFER = parameter(
    "Prefer",
    "header",
    "RFC 7240. `wait=N`: hold the request until the job has ended, N seconds at most. `respond-async`: do not.",
    {"type": "string", "examples": ["wait=20"]},
)
IDEMPOTENCY_KEY = parameter(
    "Idempotency-Key",
    "header",
    "The same key and payload give the same job for 24 hours.",
    {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[ -~]+$"},
)
IF_NONE_MATCH = parameter("If-None-Match", "header", "ETag of the last answer.", {"type": "string"})
LANGUAGE = parameter("Accept-Language", "header", "`en` (default) or `id`.", {"type": "string"})


APPLIED = {"Preference-Applied": header("the wait that was applied")}
LIMITS = {
    "RateLimit": header("what the key has left"),
    "RateLimit-Policy": header("what the key may send"),
}


def failures(*kinds: type[KartuError], job_document: bool = False) -> dict[str, Any]:
    """Responses for these errors, by status; with `job_document` also those of a job that was waited for."""
    responses = {}
    by_status = sorted(kinds, key=lambda kind: kind.http_status)
    for status, group in groupby(by_status, key=lambda kind: kind.http_status):
        alike = list(group)
        names = [ref("ValidationError" if kind is errors.ValidationFailed else "ErrorDocument") for kind in alike]
        shapes = [shape for number, shape in enumerate(names) if shape not in names[:number]]
        if job_document and status in (422, 500):
            shapes.append(ref("JobDocument"))
        response: dict[str, Any] = {
            "description": " ".join(f"`{kind.error_type}`: {kind.sentence}" for kind in alike),
            "content": {
                JSON: {"schema": shapes[0] if len(shapes) == 1 else {"anyOf": shapes}},
                PROBLEM: {"schema": ref("Problem")},
            },
        }
        headers = {}
        if any(kind.retry_after_s for kind in alike):
            headers["Retry-After"] = header("seconds", "integer")
        if errors.RateLimited in kinds and status not in (401, 403):
            # Whatever is wrong with the images, the key has been counted by then.
            headers |= LIMITS
        if job_document and status in (422, 500):
            headers |= APPLIED
        if headers:
            response["headers"] = headers
        responses[str(status)] = response
    return responses
