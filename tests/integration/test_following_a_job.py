"""A job is followed through the real processes (API, worker, webhook worker): by its id in the log, and by a trace."""

import base64
import json

import pytest

from tests.conftest import DATA
from tests.integration.conftest import Service
from tests.integration.test_whole_way import URL, payload, request
from tests.worker.webhooks.conftest import Receiver, receiver, wait_until

__all__ = ["receiver"]

TRACE_ID = bytes.fromhex("4bf92f3577b34da6a3ce929d0e0e4736")
TRACEPARENT = f"00-{TRACE_ID.hex()}-00f067aa0ba902b7-01"
SAMPLE = (DATA / "sample.jpg").read_bytes()


@pytest.fixture
def job_id(service: Service, receiver: Receiver) -> str:
    """A job that was read and whose webhook has arrived."""
    body = payload(SAMPLE, callbackUrl=receiver.url("/status/200"), referenceId="CANARY-REF")
    answer, document = request(service, "POST", URL, body, Prefer="wait=60", traceparent=TRACEPARENT)
    assert answer.status == 200
    receiver.wait_for(1)
    return document["data"]["id"]


def test_its_id_is_in_the_log_of_each_process_that_had_it(service, job_id):
    def said(process: str) -> list[str]:
        return [line["message"] for line in service.log_lines(process) if line.get("job_id") == job_id]

    wait_until(lambda: "attempt ended" in said("webhooks"))
    assert {process: said(process) for process in ("api", "worker", "webhooks")} == {
        "api": ["job accepted", "result read"],
        "worker": ["job ended"],
        "webhooks": ["result sent", "attempt ended"],
    }


def test_one_trace_holds_it_from_the_request_to_the_webhook(service, job_id, receiver):
    def seen() -> dict[str, object]:
        ours = [span for span in service.spans if job_id.encode() in span.SerializeToString()]
        return {span.name: span for span in ours}

    spans = wait_until(lambda: len(seen()) >= 3 and seen())
    assert set(spans) == {f"POST {URL}", "job", "webhook"}
    assert {span.trace_id for span in spans.values()} == {TRACE_ID}
    assert spans["job"].parent_span_id == spans["webhook"].parent_span_id == spans[f"POST {URL}"].span_id
    assert receiver.requests[0]["headers"]["traceparent"].split("-")[1] == TRACE_ID.hex()
    lines = [line for name in ("api", "worker", "webhooks") for line in service.log_lines(name)]
    named = {line["message"] for line in lines if line.get("trace_id") == TRACE_ID.hex()}
    assert {"job accepted", "job ended", "result read", "result sent"} <= named


def test_no_span_holds_anything_of_the_card_or_its_sender(service, job_id):
    truth = next(card for card in json.loads((DATA / "cards.json").read_text()) if card["file"] == "sample.jpg")
    written = b"".join(span.SerializeToString() for span in list(service.spans))
    assert b"decipher" in written
    for canary in (*truth["fields"].values(), "CANARY-REF", base64.b64encode(SAMPLE[300:348]).decode(), "127.0.0.1"):
        assert canary is None or canary.encode() not in written
