from datetime import UTC, datetime

import orjson
import pytest

from shared.errors import CardNotFound, ValidationFailed
from shared.records import BLOCKS, Job, Outcome, ReadRequest
from shared.schemas import RESULT_FIELDS, dump_accepted, dump_error, dump_job, load_request

NOON = datetime(2026, 11, 23, 12, 0, 0, 123_456, UTC)


def job(**changes) -> Job:
    given = {"id": "i", "owner": "o", "status": "queued", "created_at": NOON, "expires_at": NOON}
    return Job(**(given | {"request": ReadRequest()} | changes))


def test_defaults_of_the_specification():
    assert load_request({"image": "x"}) == (ReadRequest(), "x")
    assert ReadRequest() == ReadRequest(True, True, False, False, False, None, ())


def test_every_field_arrives():
    flags = {"cardDetect": False, "passCardDetect": False, "flipImage": True, "checkFlipImage": True}
    more = {"validateResult": True, "referenceId": "r", "include": ["quality"]}
    loaded, _ = load_request({"image": "x", **more, **flags})
    assert loaded == ReadRequest(False, False, True, True, True, "r", ("quality",))


@pytest.mark.parametrize(
    ("payload", "field"),
    [
        ({}, "image"),
        ({"image": None}, "image"),
        ({"image": 1}, "image"),
        ({"image": ""}, "image"),
        ({"image": "x", "cardDetect": 1}, "cardDetect"),
        ({"image": "x", "cardDetect": "true"}, "cardDetect"),
        ({"image": "x", "flipImage": None}, "flipImage"),
        ({"image": "x", "referenceId": ""}, "referenceId"),
        ({"image": "x", "referenceId": "r" * 129}, "referenceId"),
        ({"image": "x", "colour": "red"}, "colour"),
        ({"image": "x", "include": "boxes"}, "include"),
        ({"image": "x", "include": None}, "include"),
        ({"image": "x", "include": {"boxes": True}}, "include"),
        ({"image": "x", "include": ["colour"]}, "include"),
        ({"image": "x", "include": ["boxes", 1]}, "include"),
        ({"image": "x", "include": [["boxes"]]}, "include"),
        ({"image": "x", "include": [None]}, "include"),
        ([], "_schema"),
        (None, "_schema"),
    ],
)
def test_what_does_not_fit_is_named(payload, field):
    with pytest.raises(ValidationFailed) as raised:
        load_request(payload)
    assert list(raised.value.fields) == [field]
    assert all(isinstance(sentence, str) for sentence in raised.value.fields[field])


def test_a_queued_job_shows_only_what_exists():
    document = orjson.loads(dump_job(job()))
    assert document["data"] == {
        "id": "i",
        "status": "queued",
        "createdAt": "2026-11-23T12:00:00.123Z",
        "expiresAt": "2026-11-23T12:00:00.123Z",
    }
    assert "errors" not in document


def test_a_succeeded_job_has_all_15_fields_with_nulls():
    result = dict.fromkeys(RESULT_FIELDS) | {"fullName": "BUDI"}
    outcome = Outcome("OK", True, result=result, information={"tilt": 1.5, "cardDetected": True})
    document = orjson.loads(dump_job(job(status="succeeded", outcome=outcome, started_at=NOON, finished_at=NOON)))
    assert document["message"] == "OK"
    assert document["data"]["charged"] is True
    assert document["data"]["result"] == result
    assert list(document["data"]["result"]) == list(RESULT_FIELDS)
    assert document["data"]["information"] == {"tilt": 1.5, "cardDetected": True}
    assert "validation" not in document["data"]


def test_a_failed_job_has_errors_beside_data():
    outcome = Outcome.failure(CardNotFound(), "error-id")
    document = orjson.loads(dump_job(job(status="failed", outcome=outcome)))
    assert document["errors"] == {"errorId": "error-id", "errorType": "card_not_found"}
    assert "result" not in document["data"]
    assert document["message"] == CardNotFound.sentence


def test_an_accepted_job_gives_its_reference_back():
    assert orjson.loads(dump_accepted("i", "queued", "r"))["data"] == {
        "id": "i",
        "status": "queued",
        "referenceId": "r",
    }
    assert orjson.loads(dump_accepted("i", "queued", None))["data"] == {"id": "i", "status": "queued"}


def test_error_bodies_have_an_error_id():
    assert orjson.loads(dump_error(CardNotFound(), "e"))["errors"] == {"errorId": "e", "errorType": "card_not_found"}
    body = orjson.loads(dump_error(ValidationFailed({"image": ["No."]}), "e"))
    assert body == {"message": "Input payload validation failed.", "errors": {"image": ["No."], "errorId": "e"}}


def test_blocks_can_be_named_in_any_order_and_twice():
    loaded, _ = load_request({"image": "x", "include": ["crops", "boxes", "crops"]})
    assert loaded.include == ("boxes", "crops")
    assert load_request({"image": "x", "include": []})[0] == ReadRequest()


def test_what_include_may_hold_is_said_in_one_sentence():
    with pytest.raises(ValidationFailed) as raised:
        load_request({"image": "x", "include": ["colour"] * 1000})
    sentence = "Must be an array of any of: confidence, boxes, quality, extra, crops."
    assert raised.value.fields == {"include": [sentence]}


def test_blocks_stand_behind_the_result_as_they_are():
    good = {"value": 1.5, "verdict": "good"}
    blocks = {
        "confidence": dict.fromkeys(RESULT_FIELDS) | {"fullName": 0.9871},
        "boxes": dict.fromkeys(RESULT_FIELDS) | {"fullName": [[1.5, 2.0], [3.0, 2.0], [3.0, 4.0], [1.5, 4.0]]},
        "quality": {
            "blur": good,
            "dark": good,
            "bright": good,
            "glare": {**good, "fields": ["fullName"]},
            "grayscale": good,
            "resolution": good,
        },
        "extra": {"bloodType": "O", "validUntil": None, "issuedPlace": None, "issuedDate": None},
        "crops": {"photo": "/9j/", "signature": None},
    }
    outcome = Outcome("OK", True, result=dict.fromkeys(RESULT_FIELDS), information={"tilt": 0.0}, **blocks)
    data = orjson.loads(dump_job(job(status="succeeded", outcome=outcome)))["data"]
    assert list(data)[-len(BLOCKS) :] == list(BLOCKS)
    assert {name: data[name] for name in BLOCKS} == blocks
    assert list(data["confidence"]) == list(data["boxes"]) == list(RESULT_FIELDS)


def test_blocks_that_were_not_asked_for_are_left_out():
    outcome = Outcome("OK", True, result=dict.fromkeys(RESULT_FIELDS), information={"tilt": 0.0, "cardDetected": True})
    data = orjson.loads(dump_job(job(status="succeeded", outcome=outcome)))["data"]
    assert not set(BLOCKS) & set(data)
