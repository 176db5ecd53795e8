from dataclasses import fields, replace
from typing import get_args

import numpy as np

from shared.records import BLOCKS, ReadRequest
from shared.schemas import RESULT_FIELDS
from worker.outcome import WIRE_NAMES, outcome_of, read_options
from worker.pipeline.types import (
    CardCrops,
    CardReading,
    ExtraFields,
    Include,
    Issue,
    KtpFields,
    Quality,
    QualityMeasure,
    ReadOptions,
    Validation,
)

READING = CardReading(KtpFields(identity_id="1", rtrw="001/002"), tilt=359.97, card_detected=False, flipped=True)


def test_every_field_has_its_place_on_the_wire():
    assert list(WIRE_NAMES) == [each.name for each in fields(KtpFields)]
    assert tuple(WIRE_NAMES.values()) == RESULT_FIELDS


def test_a_reading_becomes_the_result_with_nulls():
    outcome = outcome_of(READING, ReadRequest())
    assert outcome.result == dict.fromkeys(RESULT_FIELDS) | {"identityId": "1", "rtrw": "001/002"}
    assert outcome.information == {"tilt": 0.0, "cardDetected": False}
    assert (outcome.status, outcome.charged, outcome.validation) == ("succeeded", True, None)


def test_flipped_is_told_only_when_asked_for():
    assert outcome_of(READING, ReadRequest(check_flip_image=True)).information["flipped"] is True


def test_validation_names_every_field():
    issue = Issue("malformed_rtrw", "error", "No.")
    reading = CardReading(READING.fields, 0.0, True, False, Validation({"rtrw": (issue,)}))
    validation = outcome_of(reading, ReadRequest(validate_result=True)).validation
    assert validation["valid"] is False
    assert tuple(validation["fields"]) == RESULT_FIELDS
    assert validation["fields"]["rtrw"] == {
        "valid": False,
        "issues": [{"code": "malformed_rtrw", "severity": "error", "message": "No."}],
    }
    assert validation["fields"]["identityId"] == {"valid": True, "issues": []}


def test_options_carry_every_flag():
    request = ReadRequest(False, False, True, True, True)
    assert read_options(request) == ReadOptions(False, False, True, True, True)


BOX = np.array([[10.04, 20.06], [110.0, 20.0], [110.0, 40.0], [10.0, 40.0]])
GOOD = QualityMeasure(0.076, "good")
BLOCKS_READ = replace(
    READING,
    confidence={"identity_id": 0.99876543, "rtrw": 1.0},
    boxes={"identity_id": BOX},
    quality=Quality(GOOD, GOOD, GOOD, QualityMeasure(0.3, "poor"), GOOD, GOOD, glare_fields=("full_name", "rtrw")),
    extra=ExtraFields(blood_type="O", issued_date="01-02-2020"),
    crops=CardCrops(photo=b"\xff\xd8\xff"),
)


def test_blocks_have_the_names_of_the_wire_and_nulls_where_nothing_is_known():
    outcome = outcome_of(BLOCKS_READ, ReadRequest(include=BLOCKS))
    assert outcome.confidence == dict.fromkeys(RESULT_FIELDS) | {"identityId": 0.9988, "rtrw": 1.0}
    assert tuple(outcome.confidence) == tuple(outcome.boxes) == RESULT_FIELDS
    box = [[10.0, 20.1], [110.0, 20.0], [110.0, 40.0], [10.0, 40.0]]
    assert outcome.boxes == dict.fromkeys(RESULT_FIELDS) | {"identityId": box}
    good = {"value": 0.076, "verdict": "good"}
    assert outcome.quality == {
        "blur": good,
        "dark": good,
        "bright": good,
        "glare": {"value": 0.3, "verdict": "poor", "fields": ["fullName", "rtrw"]},
        "grayscale": good,
        "resolution": good,
    }
    extra = {"bloodType": "O", "validUntil": None, "issuedPlace": None, "issuedDate": "01-02-2020"}
    assert outcome.extra == extra
    assert outcome.crops == {"photo": "/9j/", "signature": None}


def test_blocks_that_were_not_made_are_not_in_the_outcome():
    outcome = outcome_of(READING, ReadRequest())
    assert [getattr(outcome, name) for name in BLOCKS] == [None] * len(BLOCKS)


def test_blocks_in_which_nothing_was_found_are_there_all_the_same():
    reading = replace(READING, confidence={}, boxes={}, extra=ExtraFields(), crops=CardCrops())
    outcome = outcome_of(reading, ReadRequest(include=BLOCKS))
    assert outcome.confidence == outcome.boxes == dict.fromkeys(RESULT_FIELDS)
    assert set(outcome.extra.values()) == set(outcome.crops.values()) == {None}


def test_the_pipeline_knows_every_block_of_the_wire():
    assert get_args(Include) == BLOCKS
    assert read_options(ReadRequest(include=("crops", "boxes"))).include == {"boxes", "crops"}
