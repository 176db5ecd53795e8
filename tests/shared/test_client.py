"""The client waits for the end of a job, is patient where the service asks for it, and no longer than it was told."""

import base64
import threading
from datetime import UTC, datetime, timedelta

import orjson
import pytest
from standardwebhooks import Webhook

from shared import client as module
from shared.client import Client, InvalidWebhookError, RefusedError, verify_webhook
from shared.connection import ServiceError, ServiceUnreachableError
from tests.fake_service import ACCEPTED, BUSY, JOB, NO_CARD, QUEUED, SUCCEEDED, UNAUTHORIZED


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch):
    monkeypatch.setattr(module, "POLL_INTERVAL_S", 0)


def test_sends_what_the_contract_asks_for(fake_service):
    assert Client(fake_service.url + "/", "k").read(b"jpeg", {"flipImage": True}, timeout_s=99) == SUCCEEDED
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
    with pytest.raises(ServiceError, match="no result in time"):
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


def test_no_request_is_held_beyond_the_patience(fake_service):
    fake_service.answers = [ACCEPTED, (200, QUEUED, {})]
    with pytest.raises(ServiceError, match="no result in time"):
        Client(fake_service.url, "k").read(b"", {}, timeout_s=0.3)
    holds = [int(headers["Prefer"].removeprefix("wait=")) for _, _, headers, _ in fake_service.requests]
    assert max(holds) <= 1


def test_what_went_wrong_by_bad_luck_is_tried_again_as_a_new_job(fake_service):
    unlucky = {"message": "A fault.", "data": {"status": "failed"}, "errors": {"errorType": "processing_failed"}}
    fake_service.answers = [(500, unlucky, {}), (200, SUCCEEDED, {})]
    assert Client(fake_service.url, "k").read(b"", {}, timeout_s=5, is_repeatable=True) == SUCCEEDED
    first, second = (headers["Idempotency-Key"] for _, _, headers, _ in fake_service.requests)
    assert first != second


def test_the_key_goes_nowhere_else(fake_service, unused_port):
    elsewhere = {"Location": f"http://127.0.0.1:{unused_port}/v1/ocr/id/ktp"}
    fake_service.answers = [(302, b"", elsewhere)]
    with pytest.raises(ServiceUnreachableError, match="not Kartu's"):
        Client(fake_service.url, "k").read(b"", {}, timeout_s=5)
    # Nor where a job is said to be elsewhere.
    fake_service.answers = [(202, QUEUED, elsewhere), (200, SUCCEEDED, {})]
    assert Client(fake_service.url, "k").read(b"", {}, timeout_s=5) == SUCCEEDED


def test_a_service_below_a_path(fake_service):
    Client(fake_service.url + "/kartu/", "k").read(b"", {}, timeout_s=5)
    assert fake_service.requests[0][1] == "/kartu/v1/ocr/id/ktp"


class TestSubmit:
    def test_gives_the_id_of_the_job_and_does_not_wait(self, fake_service):
        fake_service.answers = [ACCEPTED]
        assert Client(fake_service.url, "k").submit(b"", {"referenceId": "r"}, idempotency_key="mine") == JOB
        ((_, _, headers, body),) = fake_service.requests
        assert (headers["Prefer"], headers["Idempotency-Key"]) == ("respond-async", "mine")
        assert body["referenceId"] == "r"

    def test_a_busy_service_is_asked_again_for_the_same_job(self, fake_service):
        fake_service.answers = [BUSY, ACCEPTED]
        assert Client(fake_service.url, "k").submit(b"", {}) == JOB
        first, second = (headers["Idempotency-Key"] for _, _, headers, _ in fake_service.requests)
        assert first == second

    def test_a_refusal_has_the_document(self, fake_service):
        fake_service.answers = [UNAUTHORIZED]
        with pytest.raises(RefusedError, match="valid API key") as refused:
            Client(fake_service.url, "k").submit(b"", {})
        assert (refused.value.status, refused.value.document) == (401, UNAUTHORIZED[1])


class TestWait:
    def test_polls_until_the_job_has_ended(self, fake_service):
        fake_service.answers = [(200, QUEUED, {}), BUSY, (200, NO_CARD, {})]
        assert Client(fake_service.url, "k").wait(JOB, timeout_s=5, wait_s=1) == NO_CARD
        assert {path for _, path, *_ in fake_service.requests} == {f"/v1/ocr/id/ktp/{JOB}"}

    def test_a_job_that_is_gone_is_refused(self, fake_service):
        fake_service.answers = [(410, {"message": "Gone."}, {})]
        with pytest.raises(RefusedError, match="Gone") as refused:
            Client(fake_service.url, "k").wait(JOB, timeout_s=5)
        assert refused.value.status == 410


class TestReadMany:
    def test_every_image_has_its_document(self, fake_service):
        found = dict(Client(fake_service.url, "k").read_many([b"a", b"b", b"c"], {}, concurrency=2))
        assert found == {0: SUCCEEDED, 1: SUCCEEDED, 2: SUCCEEDED}
        assert {base64.b64decode(body["image"]) for *_, body in fake_service.requests} == {b"a", b"b", b"c"}

    def test_images_are_taken_as_there_is_room(self, fake_service, monkeypatch):
        lock, taken, most = threading.Lock(), [], []

        def read(self, image, **_):
            with lock:
                most.append(len(taken) - len(most))
            return {"image": image}

        def images():
            for number in range(50):
                with lock:
                    taken.append(number)
                yield b"%d" % number

        monkeypatch.setattr(Client, "read", read)
        found = dict(Client(fake_service.url, "k").read_many(images(), {}, concurrency=3))
        assert [found[number]["image"] for number in range(50)] == [b"%d" % number for number in range(50)]
        assert max(most) <= 3

    def test_what_fails_is_given_in_its_place(self, unused_port):
        ((place, error),) = Client(f"http://127.0.0.1:{unused_port}", "k").read_many([b""], {})
        assert place == 0
        assert isinstance(error, ServiceUnreachableError)

    def test_who_stops_early_waits_for_no_image_that_was_not_begun(self, fake_service):
        images = iter([b""] * 1000)
        for _ in Client(fake_service.url, "k").read_many(images, {}, concurrency=2):
            break
        assert len(list(images)) > 900

    def test_a_second_run_names_the_same_jobs(self, fake_service):
        for repeatable in (True, True, False):
            list(Client(fake_service.url, "k").read_many([b"a", b"b"], {}, concurrency=1, is_repeatable=repeatable))
        keys = [headers["Idempotency-Key"] for _, _, headers, _ in fake_service.requests]
        assert keys[:2] == keys[2:4]
        assert len(set(keys)) == 4


class TestVerifyWebhook:
    SECRET = "whsec_" + base64.b64encode(b"s" * 24).decode()
    OTHER = "whsec_" + base64.b64encode(b"o" * 24).decode()
    BODY = orjson.dumps(SUCCEEDED)

    def headers(self, when: datetime | None = None, secret: str = SECRET) -> dict[str, str]:
        when = when or datetime.now(UTC)
        signature = Webhook(secret).sign("msg", when, self.BODY.decode())
        return {
            "Webhook-Id": "msg",
            "Webhook-Timestamp": str(int(when.timestamp())),
            "Webhook-Signature": signature,
        }

    def test_a_signed_one_gives_its_document(self):
        assert verify_webhook(self.BODY, self.headers(), self.SECRET) == SUCCEEDED

    def test_either_secret_may_have_signed(self):
        assert verify_webhook(self.BODY, self.headers(), self.OTHER, self.SECRET) == SUCCEEDED

    def test_anything_else_is_refused(self):
        old = self.headers(datetime.now(UTC) - timedelta(minutes=6))
        broken = self.headers() | {"Webhook-Signature": "nonsense"}
        for body, headers, secrets in [
            (self.BODY + b" ", self.headers(), (self.SECRET,)),
            (self.BODY, self.headers(secret=self.OTHER), (self.SECRET,)),
            (self.BODY, old, (self.SECRET,)),
            (self.BODY, broken, (self.SECRET,)),
            (b"\xff", self.headers(), (self.SECRET,)),
            (self.BODY, {}, (self.SECRET,)),
            (self.BODY, self.headers(), ()),
        ]:
            with pytest.raises(InvalidWebhookError):
                verify_webhook(body, headers, *secrets)
