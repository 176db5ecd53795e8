"""Canaries: names, numbers, image bytes and the client's own id are in no log, error, task message or plain value."""

import base64
import logging
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from shared.logs import JsonFormatter
from shared.records import BLOCKS, ReadRequest
from tests.api.conftest import URL
from tests.conftest import accept_job, make_png
from tests.redis_contents import everything
from worker.pipeline.types import CardCrops, CardReading, ExtraFields, KtpFields

NAME, NIK, REFERENCE = "CANARY SITI", "3171234507900077", "canary-reference"
IMAGE = make_png() + b"CANARY-IMAGE-BYTES"
READING = CardReading(
    replace(KtpFields(), full_name=NAME, identity_id=NIK),
    tilt=0.0,
    card_detected=True,
    flipped=False,
    extra=ExtraFields(issued_place="CANARY PLACE"),
    crops=CardCrops(photo=b"CANARY-PHOTO", signature=b"CANARY-SIGNATURE"),
)


def forms(secret: bytes) -> Iterator[bytes]:
    """A secret as it is, and as it stands inside of base64 at any of three places."""
    yield secret
    for shift in range(3):
        # The first and the last letters depend on what is beside it.
        yield base64.b64encode(b"\0" * shift + secret)[shift and 4 :].rstrip(b"=")[:-1]


CANARIES = [
    form
    for secret in (NAME, NIK, REFERENCE, "CANARY-IMAGE-BYTES", "CANARY-PHOTO", "CANARY PLACE")
    for form in forms(secret.encode())
]


def seen_in(haystack: bytes) -> list[bytes]:
    return [canary for canary in CANARIES if canary in haystack]


@pytest.fixture
def written(caplog) -> Callable[[], bytes]:
    """All log lines so far, as they are written."""
    caplog.set_level(logging.DEBUG)
    return lambda: "\n".join(JsonFormatter().format(record) for record in caplog.records).encode()


def payload(**more):
    return {"image": base64.b64encode(IMAGE).decode(), "referenceId": REFERENCE, "include": list(BLOCKS)} | more


def test_the_canaries_are_found_where_they_are():
    assert seen_in(b"x" + base64.b64encode(b"y" + IMAGE))
    assert seen_in(f"...{NIK}...".encode())
    assert not seen_in(b"x" * 1000)


def test_a_job_that_succeeds_tells_nobody_else(client, worker, parts, written, monkeypatch):
    monkeypatch.setattr("worker.tasks.read_card", lambda *_: READING)
    answer = client.post(URL, json=payload(), headers={"Prefer": "wait=20", "Idempotency-Key": REFERENCE})
    assert (answer.json["data"]["result"]["fullName"], answer.json["data"]["referenceId"]) == (NAME, REFERENCE)
    assert seen_in(everything(parts.redis)) == []
    assert seen_in(written()) == []


def test_a_job_that_waits_is_sealed_and_its_message_names_the_id_alone(client, parts, written):
    location = client.post(URL, json=payload()).headers["Location"]
    client.post(f"{URL}/batches", json={"items": [payload(), payload(flipImage="no")]})
    messages = parts.redis.lrange("ocr", 0, -1)
    assert len(messages) == 2
    assert location.rpartition("/")[2].encode() in base64.b64decode(messages[-1].split(b'"body": "')[1].split(b'"')[0])
    assert seen_in(b"".join(messages) + everything(parts.redis)) == []
    assert seen_in(written()) == []


@pytest.mark.parametrize(
    "cause", [RuntimeError(f"{NAME} {NIK}"), ValueError(IMAGE), UnicodeDecodeError("utf-8", IMAGE, 0, 9, NAME)]
)
def test_a_fault_quotes_nothing(settings, worker, parts, written, monkeypatch, cause):
    def fail(*_):
        raise cause

    monkeypatch.setattr("worker.tasks.read_card", fail)
    worker.work(accept_job(parts.redis, settings, ReadRequest(reference_id=REFERENCE), image=IMAGE), "message")
    assert b"attempt failed" in written()
    assert seen_in(written()) == []
    assert seen_in(everything(parts.redis)) == []


@pytest.mark.parametrize(
    "changed",
    [
        {"image": f"data:image/png;base64,{NAME}"},
        {"image": base64.b64encode(b"GIF89a CANARY-IMAGE-BYTES").decode()},
        {"image": base64.b64encode(make_png()[:40] + b"CANARY-IMAGE-BYTES").decode()},
        {"image": [NAME, NIK]},
        {"include": [NAME]},
        {"validateResult": NIK},
        {"referenceId": NAME * 100},
    ],
)
def test_a_refusal_quotes_no_value(client, parts, written, changed):
    answer = client.post(URL, json=payload(**changed))
    assert 400 <= answer.status_code < 500
    assert seen_in(answer.data) == []
    assert seen_in(written()) == []
    assert seen_in(everything(parts.redis)) == []
