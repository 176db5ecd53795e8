"""Between the pipeline's types and the wire's: the options of a request in, the outcome of a reading out."""

from __future__ import annotations

from typing import Any

from shared.records import Outcome, ReadRequest
from worker.pipeline.types import CardReading, ReadOptions, Validation

WIRE_NAMES = {
    "identity_id": "identityId",
    "full_name": "fullName",
    "birth_place": "birthPlace",
    "birth_date": "birthDate",
    "gender": "gender",
    "address": "address",
    "province": "province",
    "city": "city",
    "district": "district",
    "village": "village",
    "rtrw": "rtrw",
    "religion": "religion",
    "marital_status": "maritalStatus",
    "occupation": "occupation",
    "nationality": "nationality",
}
"""Name in KtpFields → name in the job document, in the document's order."""


def read_options(request: ReadRequest) -> ReadOptions:
    """What the pipeline needs to know of a request."""
    return ReadOptions(
        card_detect=request.card_detect,
        pass_card_detect=request.pass_card_detect,
        flip_image=request.flip_image,
        check_flip_image=request.check_flip_image,
        validate_result=request.validate_result,
    )


def outcome_of(reading: CardReading, request: ReadRequest) -> Outcome:
    """The outcome of a job whose card was read."""
    information: dict[str, float | bool] = {"tilt": round(reading.tilt, 1) % 360, "cardDetected": reading.card_detected}
    if request.check_flip_image:
        information["flipped"] = reading.flipped
    return Outcome(
        message="OK",
        charged=True,
        result={wire: getattr(reading.fields, name) for name, wire in WIRE_NAMES.items()},
        information=information,
        validation=_describe(reading.validation) if reading.validation else None,
    )


def _describe(validation: Validation) -> dict[str, Any]:
    fields = {}
    for name, wire in WIRE_NAMES.items():
        issues = validation.issues.get(name, ())
        fields[wire] = {
            "valid": not any(issue.severity == "error" for issue in issues),
            "issues": [{"code": each.code, "severity": each.severity, "message": each.message} for each in issues],
        }
    return {"valid": all(each["valid"] for each in fields.values()), "fields": fields}
