from dataclasses import fields

from shared.records import ReadRequest
from shared.schemas import RESULT_FIELDS
from worker.outcome import WIRE_NAMES, outcome_of, read_options
from worker.pipeline.types import CardReading, Issue, KtpFields, ReadOptions, Validation

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
