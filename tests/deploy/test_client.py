"""The client waits for the end of a job, is patient where the service asks for it, and no longer than it was told."""

import base64

import pytest

from deploy import client as module
from deploy.client import Client, ServiceError, ServiceUnreachableError
from tests.deploy.conftest import ACCEPTED, BUSY, JOB, NO_CARD, QUEUED, SUCCEEDED


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch):
    monkeypatch.setattr(module, "POLL_INTERVAL_S", 0)


def test_sends_what_the_contract_asks_for(fake_service):
    assert Client(fake_service.url + "/", "k").read(b"jpeg", {"flipImage": True}, timeout_s=5) == SUCCEEDED
    ((method, path, headers, body),) = fake_service.requests
    assert (method, path) == ("POST", "/v1/ocr/id/ktp")
    assert headers["Authorization"] == "Bearer k"
    assert headers["Prefer"] == "wait=60"
    assert headers["Content-Type"] == "application/json"
    assert base64.b64decode(body.pop("image")) == b"jpeg"
    assert body == {"flipImage": True}


def test_polls_a_job_that_takes_longer(fake_service):
    fake_service.answers = [ACCEPTED, (200, QUEUED, {}), (200, SUCCEEDED, {})]
    turns = []
    document = Client(fake_service.url, "k").read(b"", {}, timeout_s=5, wait_s=1, between=lambda: turns.append(1))
    assert document == SUCCEEDED
    assert [(method, path) for method, path, *_ in fake_service.requests[1:]] == [("GET", f"/v1/ocr/id/ktp/{JOB}")] * 2
    assert len(turns) == 2


def test_a_failed_job_is_a_document_too(fake_service):
    fake_service.answers = [(422, NO_CARD, {})]
    assert Client(fake_service.url, "k").read(b"", {}, timeout_s=5) == NO_CARD


def test_a_busy_service_is_asked_again(fake_service):
    fake_service.answers = [BUSY, ACCEPTED, BUSY, (200, SUCCEEDED, {})]
    assert Client(fake_service.url, "k").read(b"", {}, timeout_s=5) == SUCCEEDED
    assert [method for method, *_ in fake_service.requests] == ["POST", "POST", "GET", "GET"]


@pytest.mark.parametrize("answer", [BUSY, (200, QUEUED, {})])
def test_patience_ends(fake_service, answer):
    fake_service.answers = [ACCEPTED, answer]
    with pytest.raises(ServiceError, match="no result within"):
        Client(fake_service.url, "k").read(b"", {}, timeout_s=0.2)


def test_nobody_there(unused_port):
    with pytest.raises(ServiceUnreachableError, match="refused"):
        Client(f"http://127.0.0.1:{unused_port}", "k").read(b"", {}, timeout_s=5)
    assert not Client(f"http://127.0.0.1:{unused_port}", "k").is_ready()


@pytest.mark.parametrize("body", [b"<html>", b"[]", b"\xff"])
def test_somebody_else_there(fake_service, body):
    fake_service.answers = [(200, body, {})]
    with pytest.raises(ServiceUnreachableError, match="not Kartu's"):
        Client(fake_service.url, "k").read(b"", {}, timeout_s=5)


@pytest.mark.parametrize("url", ["", "nonsense", "ftp://x", "http://"])
def test_an_address_that_is_none(url):
    with pytest.raises(ServiceUnreachableError):
        Client(url, "k").read(b"", {}, timeout_s=5)


def test_a_proxy_is_not_asked_for_this_machine(fake_service, unused_port, monkeypatch):
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{unused_port}")
    assert Client(fake_service.url, "k").is_ready()


def test_not_ready_while_redis_is_away(fake_service):
    fake_service.answers = [BUSY]
    assert not Client(fake_service.url, "k").is_ready()
