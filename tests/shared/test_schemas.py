from datetime import UTC, datetime

import orjson
import pytest

from shared.errors import CardNotFound, ValidationFailed
from shared.records import Job, Outcome, ReadRequest
from shared.schemas import RESULT_FIELDS, dump_accepted, dump_error, dump_job, load_request

NOON = datetime(2026, 11, 23, 12, 0, 0, 123_456, UTC)


def job(**changes) -> Job:
    given = {"id": "i", "owner": "o", "status": "queued", "created_at": NOON, "expires_at": NOON}
    return Job(**(given | {"request": ReadRequest()} | changes))


def test_defaults_of_the_specification():
    assert load_request({"image": "x"}) == (ReadRequest(), "x")
    assert ReadRequest() == ReadRequest(True, True, False, False, False, None)


def test_every_field_arrives():
    flags = {"cardDetect": False, "passCardDetect": False, "flipImage": True, "checkFlipImage": True}
    loaded, _ = load_request({"image": "x", "validateResult": True, "referenceId": "r", **flags})
    assert loaded == ReadRequest(False, False, True, True, True, "r")


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
