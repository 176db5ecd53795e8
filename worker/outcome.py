"""Between the pipeline's types and the wire's: the options of a request in, the outcome of a reading out."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from shared.records import Outcome, ReadRequest
from worker.pipeline.types import (
    CardCrops,
    CardReading,
    ExtraFields,
    Quad,
    Quality,
    QualityMeasure,
    ReadOptions,
    Validation,
)

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
        include=frozenset(request.include),
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
        confidence=None if reading.confidence is None else _round_confidence(reading.confidence),
        boxes=None if reading.boxes is None else _list_boxes(reading.boxes),
        quality=_describe_quality(reading.quality) if reading.quality else None,
        extra=_name_extra(reading.extra) if reading.extra else None,
        crops=_encode_crops(reading.crops) if reading.crops else None,
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


def _round_confidence(confidence: Mapping[str, float]) -> dict[str, float | None]:
    return {wire: round(confidence[name], 4) if name in confidence else None for name, wire in WIRE_NAMES.items()}


def _list_boxes(boxes: Mapping[str, Quad]) -> dict[str, list[list[float]] | None]:
    return {wire: boxes[name].round(1).tolist() if name in boxes else None for name, wire in WIRE_NAMES.items()}


def _describe_quality(quality: Quality) -> dict[str, dict[str, Any]]:
    return {
        "blur": _describe_measure(quality.blur),
        "dark": _describe_measure(quality.dark),
        "bright": _describe_measure(quality.bright),
        "glare": {**_describe_measure(quality.glare), "fields": [WIRE_NAMES[name] for name in quality.glare_fields]},
        "grayscale": _describe_measure(quality.grayscale),
        "resolution": _describe_measure(quality.resolution),
    }


def _describe_measure(measure: QualityMeasure) -> dict[str, Any]:
    return {"value": measure.value, "verdict": measure.verdict}


def _name_extra(extra: ExtraFields) -> dict[str, str | None]:
    return {
        "bloodType": extra.blood_type,
        "validUntil": extra.valid_until,
        "issuedPlace": extra.issued_place,
        "issuedDate": extra.issued_date,
    }


def _encode_crops(crops: CardCrops) -> dict[str, str | None]:
    return {"photo": _encode_jpeg(crops.photo), "signature": _encode_jpeg(crops.signature)}


def _encode_jpeg(jpeg: bytes | None) -> str | None:
    return None if jpeg is None else base64.b64encode(jpeg).decode()
