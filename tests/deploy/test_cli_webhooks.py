"""`kartu webhooks` and the secrets of `kartu keys`: what is shown, what is sent again, what is received."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.request

import pytest
from click.testing import CliRunner

from deploy.cli import main, service_redis
from deploy.webhook_benchmark import Received, table
from deploy.webhook_receiver import WebhookReceiver
from shared.callback_urls import Target
from shared.deliveries import AttemptResult, DeliveryStore
from shared.intake import Intake, NewJob, Terms
from shared.jobs import JobStore
from shared.key_store import KeyStore
from shared.limits import Limits
from shared.records import Outcome, ReadRequest
from shared.sealing import new_key
from shared.webhook_secrets import WebhookSecrets, new_secret
from worker.webhooks.deliver import sign

PROGRAM = "from deploy.cli import main; main()"
DOCUMENT = {"message": "OK", "data": {"id": "j", "status": "succeeded", "result": {"fullName": "CANARY"}}}
BODY = json.dumps(DOCUMENT).encode()


@pytest.fixture
def kartu(redis, settings, monkeypatch):
    monkeypatch.setattr(service_redis, "connect", lambda _: redis)
    for name in ("sealing_keys", "webhook_secret"):
        monkeypatch.setenv(f"KARTU_{name.upper()}", getattr(settings, name))
    return lambda *arguments: CliRunner().invoke(main, arguments)


@pytest.fixture
def end_job(redis, settings):
    """Makes a job with a webhook, of this key and with this result of its first attempt."""

    def end(owner: str, result: AttemptResult | None) -> str:
        target = Target("https", "hooks.example.com", 443, "/CANARY")
        new = NewJob(ReadRequest(callback_url="https://hooks.example.com/CANARY"), b"image", target=target)
        job_id = Intake(redis, settings).accept(Terms(owner, Limits(), 3600, 3600), new).id
        jobs, store = JobStore(redis, settings), DeliveryStore(redis, settings)
        jobs.finish(jobs.claim(job_id, "m"), Outcome("OK", True))
        if result is not None:
            assert store.hand_over() == [job_id]
            store.settle(store.claim(job_id), result)
        return job_id

    return end


GONE, TIMEOUT = AttemptResult("dead", "up", 410, None, 0.1), AttemptResult("retry", "down", None, "timeout", 1.0)


def test_the_list_shows_what_became_of_each_and_no_url(kartu, redis, end_job):
    key, _ = KeyStore(redis).create("shop")
    dead, waiting = end_job("bootstrap", GONE), end_job(key.id, TIMEOUT)
    header, *rows = kartu("webhooks", "list").stdout.splitlines()
    assert header.split() == ["ID", "KEY", "STATE", "CREATED", "ATTEMPTS", "LAST", "NEXT"]
    cells = [row.split() for row in rows]
    assert [(row[0], row[1], row[2], row[5], row[6]) for row in cells] == [
        (dead, "bootstrap", "dead", "1", "410"),
        (waiting, key.id, "pending", "1", "timeout"),
    ]
    assert "CANARY" not in "".join(rows)
    assert [row.split()[0] for row in kartu("webhooks", "list", "--state", "dead").stdout.splitlines()[1:]] == [dead]
    assert [row.split()[0] for row in kartu("webhooks", "list", "--key", key.id).stdout.splitlines()[1:]] == [waiting]
    assert "no such webhook" in kartu("webhooks", "list", "--state", "delivered").stderr


def test_webhooks_are_replayed_by_id_or_all_that_are_dead(kartu, redis, settings, end_job):
    store = DeliveryStore(redis, settings)
    first, second, third = (end_job("bootstrap", GONE) for _ in range(3))
    assert kartu("webhooks", "replay", first).stdout == "1 to be sent again.\n"
    assert store.get(first).state == "pending"
    assert kartu("webhooks", "replay", "--dead").stdout == "2 to be sent again.\n"
    assert {store.get(job_id).state for job_id in (second, third)} == {"pending"}
    unknown = kartu("webhooks", "replay", "nonesuch")
    assert unknown.exit_code == 1
    assert "nonesuch" in unknown.stderr
    assert kartu("webhooks", "replay").exit_code == 2
    assert kartu("webhooks", "replay", first, "--dead").exit_code == 2


def test_secrets_are_made_shown_again_and_rotated(kartu, redis, settings):
    key, _ = KeyStore(redis).create("shop")
    first = kartu("keys", "webhook-secret", key.id).stdout.strip()
    assert re.fullmatch(r"whsec_\S{44}", first)
    assert kartu("keys", "webhook-secret", key.id).stdout.strip() == first
    second = kartu("keys", "webhook-secret", key.id, "--rotate", "--overlap", "1").stdout.strip()
    assert WebhookSecrets(redis, settings).of(key.id) == (second, first)
    assert kartu("keys", "webhook-secret", "nonesuch").exit_code == 1
    KeyStore(redis).revoke(key.id)
    assert kartu("keys", "webhook-secret", key.id).exit_code == 1


def test_the_secret_of_the_bootstrap_key_is_a_setting(kartu, settings, monkeypatch):
    assert kartu("keys", "webhook-secret", "bootstrap").stdout.strip() == settings.webhook_secret
    assert kartu("keys", "webhook-secret", "bootstrap", "--rotate").exit_code == 1
    monkeypatch.setenv("KARTU_WEBHOOK_SECRET", "wrong")
    assert "KARTU_WEBHOOK_SECRET" in kartu("keys", "webhook-secret", "bootstrap").stderr
    monkeypatch.setenv("KARTU_SEALING_KEYS", "wrong")
    assert "KARTU_SEALING_KEYS" in kartu("keys", "webhook-secret", "bootstrap").stderr


@pytest.fixture
def listener(unused_port):
    """A `kartu webhooks listen` as a process; gives its secret and it."""
    running = []

    def start(*arguments: str) -> tuple[str, subprocess.Popen]:
        secret = new_secret()
        process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, "webhooks", "listen", "--port", str(unused_port), *arguments],
            env=os.environ | {"KARTU_WEBHOOK_SECRET": secret, "PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        running.append(process)
        assert str(unused_port) in process.stderr.readline()
        return secret, process

    yield start
    for process in running:
        process.kill()
        process.communicate()


def post(port: int, headers: dict[str, str], body: bytes) -> int:
    request = urllib.request.Request(f"http://127.0.0.1:{port}/", data=body, headers=headers)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        return opener.open(request, timeout=20).status
    except urllib.error.HTTPError as error:
        return error.code


def test_listen_verifies_and_shows_nobody(listener, unused_port):
    secret, process = listener()
    assert post(unused_port, sign("j", BODY, (secret,)), BODY) == 204
    assert process.stdout.readline().split()[1:] == ["verified", "j", "succeeded"]
    assert post(unused_port, sign("j", BODY, (new_secret(),)), BODY) == 401
    assert "REFUSED" in process.stdout.readline()
    assert post(unused_port, {}, b"CANARY") == 401
    assert "REFUSED" in process.stdout.readline()
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=20)
    assert process.returncode == 0
    assert "CANARY" not in out


def test_listen_shows_the_document_when_asked(listener, unused_port):
    secret, process = listener("--show", "--status", "503")
    assert post(unused_port, sign("j", BODY, (secret,)), BODY) == 503
    process.stdout.readline()
    shown = "".join(iter(process.stdout.readline, "}\n")) + "}"
    assert json.loads(shown) == DOCUMENT


def test_listen_without_a_secret_or_a_port(kartu, monkeypatch, tmp_path):
    with WebhookReceiver(0, lambda *_: 204) as taken:
        assert "cannot be used" in kartu("webhooks", "listen", "--port", str(taken.server_port)).stderr
    monkeypatch.setenv("KARTU_HOME", str(tmp_path))
    monkeypatch.delenv("KARTU_WEBHOOK_SECRET")
    assert "KARTU_WEBHOOK_SECRET is not set" in kartu("webhooks", "listen").stderr


def test_the_receiver_takes_no_body_of_any_size():
    with WebhookReceiver(0, lambda *_: 204) as receiver:
        thread = threading.Thread(target=receiver.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            assert post(receiver.server_port, {"Content-Length": str(10 * 1024**3)}, b"x") == 400
            assert post(receiver.server_port, {"Content-Length": "x"}, b"x") == 400
            assert post(receiver.server_port, {}, b"x") == 204
        finally:
            receiver.shutdown()
            thread.join()


def test_the_table_of_the_benchmark_tells_lost_and_double():
    posted = {str(number): 100.0 + number / 100 for number in range(4)}
    seen = {
        "0": Received([100.1], [100.1]),
        "1": Received([100.2, 101.3], [101.3]),
        "2": Received([100.3, 101.4], [100.3, 101.4]),
        "other": Received([100.4], [100.4]),
    }
    shown = table(dict.fromkeys("012", "delivered") | {"3": "dead"}, posted, seen, replayed=0)
    values = dict(re.findall(r"\| ([^|]+?) \| ([^|]+?) \|", shown))
    assert values["delivered"] == "3"
    assert next(value for name, value in values.items() if name.startswith("lost")) == "1"
    assert values["webhook-ids beyond one a job"] == "1"
    assert values["taken more than once by the receiver"] == "1"


def test_a_dead_one_behind_many_others_is_found(kartu, end_job, redis):
    record, _ = KeyStore(redis).create("client")
    dead = end_job(record.id, GONE)
    for _ in range(4):
        end_job(record.id, None)
    result = kartu("webhooks", "list", "--state", "dead", "--limit", "2")
    assert [line.split()[0] for line in result.stdout.splitlines()[1:]] == [dead]


def test_secrets_are_sealed_anew_before_a_key_is_taken_out(kartu, redis, settings, monkeypatch):
    record, _ = KeyStore(redis).create("client")
    secret = WebhookSecrets(redis, settings).ensure(record.id)
    fresh = new_key()
    monkeypatch.setenv("KARTU_SEALING_KEYS", f"{fresh},{settings.sealing_keys}")
    assert kartu("keys", "reseal").exit_code == 0
    monkeypatch.setenv("KARTU_SEALING_KEYS", fresh)
    assert kartu("keys", "webhook-secret", record.id).stdout.strip() == secret
    monkeypatch.setenv("KARTU_SEALING_KEYS", new_key())
    result = kartu("keys", "reseal")
    assert result.exit_code == 1
    assert record.id in result.stderr
