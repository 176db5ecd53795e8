"""The wire: the request, the job document and the error body.

The only place where their shapes are written down, but for the opt-in blocks, which are in blocks.py beside it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, cast

import orjson
from marshmallow import Schema, ValidationError, fields, post_dump, post_load, validate

from shared.blocks import BlockNames, BoxesSchema, ConfidenceSchema, CropsSchema, ExtraSchema, QualitySchema
from shared.errors import KartuError, ValidationFailed
from shared.records import RESULT_FIELDS, Job, ReadRequest, Status


class JsonBoolean(fields.Boolean):
    """true or false and nothing that resembles them."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return value


class Time(fields.Field[datetime]):
    """A time in UTC, to the millisecond, with a Z."""

    def _serialize(self, value: datetime | None, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return None if value is None else value.strftime("%Y-%m-%dT%H:%M:%S.") + f"{value.microsecond // 1000:03d}Z"


class ReadRequestSchema(Schema):
    """What a client sends to have a card read. Loads to (ReadRequest, the image in base64)."""

    image = fields.String(
        required=True, validate=validate.Length(min=1), metadata={"description": "JPEG or PNG in base64, at most 2 MB"}
    )
    cardDetect = JsonBoolean(load_default=True, metadata={"description": "find the card in the image"})
    passCardDetect = JsonBoolean(
        load_default=True, metadata={"description": "false: an image with no card ends in card_not_found"}
    )
    flipImage = JsonBoolean(load_default=False, metadata={"description": "flip the mirrored image before reading"})
    checkFlipImage = JsonBoolean(
        load_default=False, metadata={"description": "report whether the image is mirrored (information.flipped)"}
    )
    validateResult = JsonBoolean(
        load_default=False, metadata={"description": "add validation: what is right and wrong in each field"}
    )
    referenceId = fields.String(validate=validate.Length(min=1, max=128), metadata={"description": "your own id"})
    include = BlockNames(load_default=(), metadata={"description": "blocks to add to the document"})

    @post_load
    def _to_record(self, data: dict[str, Any], **kwargs: Any) -> tuple[ReadRequest, str]:
        request = ReadRequest(
            card_detect=data["cardDetect"],
            pass_card_detect=data["passCardDetect"],
            flip_image=data["flipImage"],
            check_flip_image=data["checkFlipImage"],
            validate_result=data["validateResult"],
            reference_id=data.get("referenceId"),
            include=data["include"],
        )
        return request, data["image"]


class AcceptedDataSchema(Schema):
    """The part `data` of the answer to a job that has not ended yet."""

    id = fields.String()
    status = fields.String()
    referenceId = fields.String(attribute="request.reference_id")

    @post_dump
    def _drop_absent(self, data: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        return {name: value for name, value in data.items() if value is not None}


class ResultSchema(Schema):
    """The 15 fields as printed on the card; null where not printed or not readable."""

    class Meta:
        """Order and names come from RESULT_FIELDS."""

        include: ClassVar = {name: fields.String(allow_none=True) for name in RESULT_FIELDS}


class InformationSchema(Schema):
    """How the card lay in the image."""

    tilt = fields.Float(metadata={"description": "degrees in [0, 360), clockwise"})
    cardDetected = fields.Boolean()
    flipped = fields.Boolean(metadata={"description": "only with checkFlipImage"})


class JobDataSchema(AcceptedDataSchema):
    """The part `data` of the job document; what does not exist yet is left out."""

    charged = fields.Boolean(attribute="outcome.charged")
    createdAt = Time(attribute="created_at")
    startedAt = Time(attribute="started_at")
    finishedAt = Time(attribute="finished_at")
    expiresAt = Time(attribute="expires_at")
    result = fields.Nested(ResultSchema, attribute="outcome.result")
    information = fields.Nested(InformationSchema, attribute="outcome.information")
    validation = fields.Dict(attribute="outcome.validation")
    confidence = fields.Nested(ConfidenceSchema, attribute="outcome.confidence")
    boxes = fields.Nested(BoxesSchema, attribute="outcome.boxes")
    quality = fields.Nested(QualitySchema, attribute="outcome.quality")
    extra = fields.Nested(ExtraSchema, attribute="outcome.extra")
    crops = fields.Nested(CropsSchema, attribute="outcome.crops")


_REQUEST = ReadRequestSchema()
_JOB_DATA = JobDataSchema()
_ACCEPTED_DATA = AcceptedDataSchema()
_MESSAGES = {"queued": "The job is queued.", "processing": "The job is being processed.", "cancelled": "Cancelled."}


def load_request(payload: object) -> tuple[ReadRequest, str]:
    """Check a payload; gives the request and the image in base64, or raises ValidationFailed."""
    if not isinstance(payload, dict):
        raise ValidationFailed({"_schema": ["The payload must be a JSON object."]})
    try:
        loaded: tuple[ReadRequest, str] = _REQUEST.load(payload)
    except ValidationError as error:
        # The schema is flat, so marshmallow gives a list of sentences for each field.
        raise ValidationFailed(_bounded(cast("dict[str, list[str]]", error.messages))) from None
    return loaded


def _bounded(faults: dict[str, list[str]]) -> dict[str, list[str]]:
    """The faults of at most 20 fields by names of at most 64 characters: names of unknown fields are the client's."""
    shown = {name[:64]: sentences for name, sentences in list(faults.items())[:20]}
    if len(faults) > len(shown) or "errorId" in shown:
        shown["_schema"] = ["There are more faults than are named here, or a field is named errorId."]
    return shown


def dump_job(job: Job) -> bytes:
    """The job document as bytes."""
    outcome = job.outcome
    document: dict[str, Any] = {
        "message": outcome.message if outcome else _MESSAGES[job.status],
        "data": _JOB_DATA.dump(job),
    }
    if outcome and outcome.error_type:
        document["errors"] = {"errorId": outcome.error_id, "errorType": outcome.error_type}
    return orjson.dumps(document)


def dump_accepted(job_id: str, status: Status, reference_id: str | None) -> bytes:
    """The body of 202."""
    data = _ACCEPTED_DATA.dump({"id": job_id, "status": status, "request": {"reference_id": reference_id}})
    return orjson.dumps({"message": _MESSAGES[status], "data": data})


def dump_error(error: KartuError, error_id: str) -> bytes:
    """The body of an error answer."""
    if isinstance(error, ValidationFailed):
        return orjson.dumps({"message": error.message, "errors": {**error.fields, "errorId": error_id}})
    return orjson.dumps({"message": error.message, "errors": {"errorId": error_id, "errorType": error.error_type}})
