"""The wire: the request, the job document and the error body.

The only place where their shapes are written down, but for the opt-in blocks, which are in blocks.py beside it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any, ClassVar, cast, get_args

import orjson
from marshmallow import Schema, ValidationError, fields, post_dump, post_load, validate

from shared.blocks import (
    BlockNames,
    BoxesSchema,
    ConfidenceSchema,
    CropsSchema,
    ExtraSchema,
    QualitySchema,
    ValidationSchema,
)
from shared.errors import TITLES, KartuError, ValidationFailed
from shared.messages import Language, translate, translate_document
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
    callbackUrl = fields.String(metadata={"description": "where the webhook goes when the job has ended"})

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
            callback_url=data.get("callbackUrl"),
        )
        return request, data["image"]


class AcceptedDataSchema(Schema):
    """The part `data` of the answer to a job that has not ended yet."""

    id = fields.UUID(required=True)
    status = fields.String(required=True, validate=validate.OneOf(get_args(Status)))
    referenceId = fields.String(attribute="request.reference_id")

    @post_dump
    def _drop_absent(self, data: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        return {name: value for name, value in data.items() if value is not None}


class ResultSchema(Schema):
    """The 15 fields as printed on the card; null where not printed or not readable."""

    class Meta:
        """Order and names come from RESULT_FIELDS."""

        include: ClassVar = {name: fields.String(required=True, allow_none=True) for name in RESULT_FIELDS}


class InformationSchema(Schema):
    """How the card lay in the image."""

    tilt = fields.Float(required=True, metadata={"description": "degrees in [0, 360), clockwise"})
    cardDetected = fields.Boolean(required=True)
    flipped = fields.Boolean(metadata={"description": "only with checkFlipImage"})


class JobDataSchema(AcceptedDataSchema):
    """The part `data` of the job document; what does not exist yet is left out."""

    charged = fields.Boolean(attribute="outcome.charged")
    createdAt = Time(attribute="created_at", required=True)
    startedAt = Time(attribute="started_at")
    finishedAt = Time(attribute="finished_at")
    expiresAt = Time(attribute="expires_at", required=True)
    result = fields.Nested(ResultSchema, attribute="outcome.result")
    information = fields.Nested(InformationSchema, attribute="outcome.information")
    validation = fields.Nested(ValidationSchema, attribute="outcome.validation")
    confidence = fields.Nested(ConfidenceSchema, attribute="outcome.confidence")
    boxes = fields.Nested(BoxesSchema, attribute="outcome.boxes")
    quality = fields.Nested(QualitySchema, attribute="outcome.quality")
    extra = fields.Nested(ExtraSchema, attribute="outcome.extra")
    crops = fields.Nested(CropsSchema, attribute="outcome.crops")


class PurgedDataSchema(AcceptedDataSchema):
    """The part `data` of the record of a purge."""

    purgedAt = Time(attribute="purged_at", required=True)


_REQUEST = ReadRequestSchema()
_JOB_DATA = JobDataSchema()
_ACCEPTED_DATA = AcceptedDataSchema()
_PURGED_DATA = PurgedDataSchema()
_MESSAGES: dict[Status, str] = {
    "queued": "The job is queued.",
    "processing": "The job is being processed.",
    "succeeded": "The job has ended.",
    "failed": "The job has ended.",
    "cancelled": "Cancelled.",
}


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


def refuse_unknown(names: Iterable[str], known: Collection[str]) -> None:
    """Raise ValidationFailed if there are names that are not known."""
    unknown = {name: ["Unknown field."] for name in names if name not in known}
    if unknown:
        raise ValidationFailed(_bounded(unknown))


def _bounded(faults: dict[str, list[str]]) -> dict[str, list[str]]:
    """The faults of at most 20 fields by names of at most 64 characters: names of unknown fields are the client's."""
    shown = {name[:64]: sentences for name, sentences in list(faults.items())[:20]}
    if len(faults) > len(shown) or "errorId" in shown:
        shown["_schema"] = ["There are more faults than are named here, or a field is named errorId."]
    return shown


def dump_job(job: Job, language: Language = "en") -> bytes:
    """The job document as bytes."""
    return orjson.dumps(translate_document(job_document(job), language))


def dump_accepted(job_id: str, status: Status, reference_id: str | None, language: Language = "en") -> bytes:
    """The body of 202."""
    data = _ACCEPTED_DATA.dump({"id": job_id, "status": status, "request": {"reference_id": reference_id}})
    return orjson.dumps(translate_document({"message": _MESSAGES[status], "data": data}, language))


def dump_purged(job: Job, purged_at: datetime, language: Language = "en") -> bytes:
    """The record of a purge: `job` as it was before; one that had not ended is cancelled by it."""
    status = job.status if job.ended else "cancelled"
    data = _PURGED_DATA.dump({"id": job.id, "status": status, "request": job.request, "purged_at": purged_at})
    return orjson.dumps(translate_document({"message": "The job has been deleted.", "data": data}, language))


def dump_error(error: KartuError, error_id: str, language: Language = "en") -> bytes:
    """The body of an error answer."""
    return orjson.dumps(translate_document(error_document(error, error_id), language))


def dump_problem(document: dict[str, Any], error_type: str, status: int, language: Language = "en") -> bytes:
    """The fault of a job or error document as a problem document (RFC 9457), to be answered with the HTTP `status`.

    `type` is a URN and not an address: it names the same fault wherever the service is installed, and clients may
    compare it. `errors` holds the faults of each field, if fields are at fault, and `data` that of a failed job.
    """
    told = translate_document(document, language)
    # By type and not by name: an unknown field of the client's may be called errorType.
    faults = {name: fault for name, fault in told["errors"].items() if isinstance(fault, list)}
    problem = {
        "type": f"urn:kartu:error:{error_type}",
        # A worker of a later release may know errors that this one does not.
        "title": translate(TITLES.get(error_type, document["message"]), language),
        "status": status,
        "detail": told["message"],
        "errorId": told["errors"]["errorId"],
        "errorType": error_type,
    }
    if faults:
        problem["errors"] = faults
    if "data" in told:
        problem["data"] = told["data"]
    return orjson.dumps(problem)


def job_document(job: Job) -> dict[str, Any]:
    """The job document, in English."""
    outcome = job.outcome
    document: dict[str, Any] = {
        "message": outcome.message if outcome else _MESSAGES[job.status],
        "data": _JOB_DATA.dump(job),
    }
    if outcome and outcome.error_type:
        document["errors"] = {"errorId": outcome.error_id, "errorType": outcome.error_type}
    return document


def error_document(error: KartuError, error_id: str) -> dict[str, Any]:
    """The document of an error answer, in English."""
    if isinstance(error, ValidationFailed):
        return {"message": error.message, "errors": {**error.fields, "errorId": error_id}}
    return {"message": error.message, "errors": {"errorId": error_id, "errorType": error.error_type}}
