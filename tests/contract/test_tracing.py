"""One trace goes from the request through the queue to the webhook, and tells nothing of the card or of who sent it."""

import logging
import os
import subprocess
import sys
from dataclasses import replace

import orjson
import pytest
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from shared import tracing
from shared.errors import CardNotFound
from shared.logs import JsonFormatter
from shared.sealing import new_key
from shared.settings import InvalidSettingError, Settings
from tests.api.conftest import URL
from tests.contract.test_privacy import IMAGE, READING, REFERENCE, payload, seen_in
from tests.contract.test_same_document import Sender
from tests.worker.webhooks.conftest import wait_until
from worker.webhooks.deliver import Deliverer
from worker.webhooks.transport import SendError

CLIENT_TRACE, CLIENT_SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
TRACEPARENT = f"00-{CLIENT_TRACE}-{CLIENT_SPAN}-01"
WAIT = {"Prefer": "wait=20"}


@pytest.fixture
def settings(settings):
    return replace(settings, tracing=True)


@pytest.fixture(autouse=True)
def exporter(settings):
    """Takes the spans of all three processes, which are one here."""
    exporter = InMemorySpanExporter()
    tracing.start_tracing(settings, "test", SimpleSpanProcessor(exporter))
    yield exporter
    tracing.stop_tracing()


@pytest.fixture
def deliver(parts, settings):
    """Makes the one attempt that is due."""

    def deliver(sender):
        (job_id,) = parts.deliveries.hand_over()
        parts.secrets.ensure("bootstrap")
        Deliverer(parts.jobs, parts.deliveries, parts.keys, parts.secrets, sender).work(job_id)
        return job_id

    return deliver


def finished(exporter, *names):
    """The spans of these names, once they are there: a job ends a moment before its span does."""

    def found():
        spans = {span.name: span for span in exporter.get_finished_spans()}
        return [spans[name] for name in names] if set(names) <= set(spans) else None

    return wait_until(found, 10)


def read(client, **headers):
    given = payload(callbackUrl="https://example.com/CANARY-PATH")
    return client.post(URL, json=given, headers=WAIT | headers)


def test_one_trace_spans_api_worker_and_webhook(client, worker, deliver, exporter, monkeypatch):
    monkeypatch.setattr("worker.tasks.read_card", lambda *_: READING)
    answer = read(client, traceparent=TRACEPARENT)
    sender = Sender()
    job_id = deliver(sender)
    assert answer.json["data"]["id"] == job_id
    request, job, webhook = finished(exporter, f"POST {URL}", "job", "webhook")
    assert {span.context.trace_id for span in (request, job, webhook)} == {int(CLIENT_TRACE, 16)}
    assert request.parent.span_id == int(CLIENT_SPAN, 16)
    assert {job.parent.span_id, webhook.parent.span_id} == {request.context.span_id}
    assert [span.kind for span in (request, job, webhook)] == [SpanKind.SERVER, SpanKind.CONSUMER, SpanKind.CLIENT]
    assert [span.attributes["kartu.job_id"] for span in (request, job, webhook)] == [job_id] * 3
    assert [span.attributes["kartu.http_status"] for span in (request, webhook)] == [200, 204]
    # The receiver can take it on.
    ((_, headers, _),) = sender.sent
    assert headers["traceparent"] == f"00-{CLIENT_TRACE}-{webhook.context.span_id:016x}-01"


def test_the_stages_are_spans_of_the_job(client, worker, exporter):
    read(client)
    (job,) = finished(exporter, "job")
    stages = {span.name for span in exporter.get_finished_spans() if span.parent == job.context}
    assert {"decode", "find card"} <= stages


def test_a_job_that_is_queued_again_stays_in_its_trace(client, exporter, request):
    """The sweeper knows nothing of traces."""
    job_id = client.post(URL, json=payload(), headers={"traceparent": TRACEPARENT}).json["data"]["id"]
    request.getfixturevalue("worker").work(job_id, "a message of the sweeper")
    (job,) = finished(exporter, "job")
    assert job.context.trace_id == int(CLIENT_TRACE, 16)


def test_a_canary_is_in_no_span(client, worker, deliver, exporter, monkeypatch):
    def fail(*_):
        raise ValueError(f"{IMAGE} {REFERENCE}")

    class Refusing:
        def post(self, *_):
            raise SendError("connection_failed")

    monkeypatch.setattr("worker.tasks.read_card", lambda *_: READING)
    told = {"User-Agent": REFERENCE, "tracestate": f"v={REFERENCE}", "baggage": f"user={REFERENCE}"}
    assert read(client, traceparent=TRACEPARENT, **told).status_code == 200
    deliver(Refusing())
    monkeypatch.setattr("worker.tasks.read_card", fail)
    # The first attempt of several, which the others of this worker's queue never come to.
    assert read(client, traceparent=REFERENCE, Prefer="wait=1").status_code == 202
    wait_until(lambda: "ValueError" in [each.attributes.get("error.type") for each in exporter.get_finished_spans()])
    written = "".join(span.to_json() for span in exporter.get_finished_spans()).encode()
    assert written.count(b'"job"') >= 2
    assert seen_in(written) == []
    for secret in (b"CANARY", b"example.com", b"127.0.0.1", client.environ_base["HTTP_AUTHORIZATION"][7:].encode()):
        assert secret not in written


def test_faults_are_errors_and_photographs_without_a_card_are_not(client, worker, deliver, exporter, monkeypatch):
    def no_card(*_):
        raise CardNotFound()

    class Refusing:
        def post(self, *_):
            raise SendError("timeout")

    monkeypatch.setattr("worker.tasks.read_card", no_card)
    assert read(client).status_code == 422
    deliver(Refusing())
    job, webhook = finished(exporter, "job", "webhook")
    assert (job.status.status_code, job.attributes["error.type"]) == (StatusCode.UNSET, "CardNotFound")
    assert (webhook.status.status_code, webhook.attributes["kartu.error"]) == (StatusCode.ERROR, "timeout")


def test_probes_leave_no_trace(client, exporter):
    client.get("/healthz")
    client.get("/metrics")
    client.get("/nowhere")
    assert exporter.get_finished_spans() == ()


def test_log_lines_within_a_trace_name_it():
    record = logging.makeLogRecord({"msg": "job ended"})
    with tracing.span("job", parent=TRACEPARENT):
        assert orjson.loads(JsonFormatter().format(record))["trace_id"] == CLIENT_TRACE
    assert "trace_id" not in orjson.loads(JsonFormatter().format(record))


def test_off_it_is_nothing(exporter):
    tracing.stop_tracing()
    tracing.start_tracing(Settings(), "test")
    with tracing.span("job", parent=TRACEPARENT, job_id="j"):
        tracing.note(status=200)
        assert tracing.traceparent() is None
    assert exporter.get_finished_spans() == ()


WITHOUT = """
import sys
from importlib.abc import MetaPathFinder

class Missing(MetaPathFinder):
    def find_spec(self, name, *_):
        if name.split(".")[0] == "opentelemetry":
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Missing())
"""


def run(program):
    environment = os.environ | {"KARTU_SEALING_KEYS": new_key()}
    command = [sys.executable, "-c", program]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)


def test_without_the_extra_all_is_well_until_it_is_asked_for():
    done = run(WITHOUT + "import api.wsgi, worker.app, worker.webhooks.tasks, worker.sweeper, deploy.cli\n")
    assert done.returncode == 0, done.stderr
    asked = "from shared import settings, tracing\ntracing.start_tracing(settings.Settings(tracing=True), 'api')"
    done = run(WITHOUT + asked)
    assert InvalidSettingError.__name__ in done.stderr
    assert "deploy/requirements/otel.txt" in done.stderr


def test_with_the_extra_and_off_it_is_not_imported():
    # Its metrics may be there: the client of Redis takes them up by itself, and does nothing with them unasked.
    loaded = "import sys, api.wsgi, worker.app, worker.webhooks.tasks\n"
    done = run(loaded + "assert not {'opentelemetry.sdk.trace', 'opentelemetry.exporter'} & set(sys.modules)")
    assert done.returncode == 0, done.stderr
