"""Attempts at webhooks, with a real receiver: what is sent, how it is signed, and what each answer means."""

import logging
import time
from dataclasses import replace

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from shared.audit import AUDIT_LOGGER
from shared.callback_urls import CallbackRules
from shared.deliveries import DeliveryStore
from shared.errors import CardNotFound
from shared.intake import Intake, NewJob, Terms
from shared.jobs import JobStore
from shared.key_store import KeyStore
from shared.limits import Limits
from shared.messages import CATALOGUE
from shared.metrics import WEBHOOK_ATTEMPTS
from shared.records import Outcome, ReadRequest
from shared.schemas import dump_job
from shared.webhook_secrets import WebhookSecrets
from tests.worker.webhooks.conftest import LOOPBACK
from worker.webhooks.deliver import Deliverer
from worker.webhooks.transport import Transport

READ = Outcome(message="OK", charged=True, result={"fullName": "SITI \u2014 CANARY"}, information={"tilt": 0.0})


@pytest.fixture
def settings(settings):
    return replace(
        settings, webhook_http=True, webhook_networks=LOOPBACK, webhook_timeout_s=2.0, webhook_retries_s="0,0,0,0,0,0"
    )


@pytest.fixture
def deliverer(redis, settings):
    secrets = WebhookSecrets(redis, settings)
    secrets.ensure("client")
    transport = Transport(CallbackRules(settings), settings.webhook_timeout_s)
    return Deliverer(JobStore(redis, settings), DeliveryStore(redis, settings), KeyStore(redis), secrets, transport)


@pytest.fixture
def end_job(redis, settings, deliverer):
    """Makes a job with this callbackUrl and ends it; gives its id."""

    def end(url: str, outcome: Outcome = READ, owner: str = "client", **flags) -> str:
        request = ReadRequest(callback_url=url, reference_id="r-1", **flags)
        terms = Terms(owner, Limits(), settings.image_ttl_s, settings.result_ttl_s)
        new = NewJob(request, b"image", target=CallbackRules(settings).check(url))
        job_id = Intake(redis, settings).accept(terms, new).id
        assert deliverer.jobs.finish(deliverer.jobs.claim(job_id, "m"), outcome)
        return job_id

    return end


def work_off(deliverer: Deliverer) -> int:
    """Make all attempts that are due; gives their number."""
    made = 0
    while True:
        time.sleep(0.003)
        due = deliverer.deliveries.hand_over()
        if not due:
            return made
        for job_id in due:
            deliverer.work(job_id)
            made += 1


def verify(secret: str, request: dict) -> dict:
    return Webhook(secret).verify(request["body"].encode(), request["headers"])


def test_500_three_times_then_200_is_delivered_once_under_one_id(deliverer, end_job, receiver):
    job_id = end_job(receiver.url("/status/500,500,500,200"))
    # A timestamp is of whole seconds.
    for _ in range(4):
        (due,) = deliverer.deliveries.hand_over()
        deliverer.work(due)
        time.sleep(1.01)
    assert deliverer.deliveries.hand_over() == []
    requests = receiver.wait_for(4)
    (secret,) = deliverer.secrets.of("client")
    for request in requests:
        assert verify(secret, request)["data"]["id"] == job_id
        assert request["body"].encode() == dump_job(deliverer.jobs.get(job_id))
        assert request["headers"]["content-type"] == "application/json"
    heads = [request["headers"] for request in requests]
    assert {head["webhook-id"] for head in heads} == {job_id}
    assert len({head["webhook-timestamp"] for head in heads}) == 4
    assert len({head["webhook-signature"] for head in heads}) == 4
    found = deliverer.deliveries.get(job_id)
    assert (found.state, [each.status for each in found.attempts]) == ("delivered", [500, 500, 500, 200])


def test_what_was_changed_on_the_way_does_not_verify(deliverer, end_job, receiver):
    end_job(receiver.url("/status/200"))
    work_off(deliverer)
    (request,) = receiver.wait_for(1)
    (secret,) = deliverer.secrets.of("client")
    with pytest.raises(WebhookVerificationError):
        verify(secret, request | {"body": request["body"].replace("SITI", "RITI")})
    with pytest.raises(WebhookVerificationError):
        verify(secret, request | {"headers": request["headers"] | {"webhook-id": "other"}})


def test_two_secrets_sign_during_a_rotation_and_then_one(deliverer, end_job, receiver):
    (old,) = deliverer.secrets.of("client")
    new = deliverer.secrets.rotate("client", 3600)
    end_job(receiver.url("/status/200"))
    work_off(deliverer)
    (request,) = receiver.wait_for(1)
    assert verify(old, request) == verify(new, request)
    newest = deliverer.secrets.rotate("client", 0)
    end_job(receiver.url("/status/200"))
    work_off(deliverer)
    request = receiver.wait_for(2)[1]
    assert verify(newest, request)
    with pytest.raises(WebhookVerificationError):
        verify(new, request)


@pytest.mark.parametrize(
    ("path", "state", "attempts"),
    [
        ("/status/410", "dead", 1),
        ("/status/404", "dead", 7),
        ("/redirect/687474703a2f2f3136392e3235342e3136392e3235342f", "dead", 7),
        ("/status/302,200", "delivered", 2),
        ("/status/204", "delivered", 1),
        ("/huge", "delivered", 1),
    ],
)
def test_only_2xx_is_delivered_and_410_asks_for_no_more(deliverer, end_job, receiver, path, state, attempts):
    job_id = end_job(receiver.url(path))
    assert work_off(deliverer) == attempts
    found = deliverer.deliveries.get(job_id)
    assert (found.state, len(found.attempts)) == (state, attempts)
    assert len(receiver.wait_for(attempts)) == attempts


def test_a_failed_job_has_its_webhook_too_and_in_the_language_of_its_request(deliverer, end_job, receiver):
    job_id = end_job(receiver.url("/status/200"), Outcome.failure(CardNotFound(), "e"), language="id")
    work_off(deliverer)
    (request,) = receiver.wait_for(1)
    assert request["body"].encode() == dump_job(deliverer.jobs.get(job_id), "id")
    assert CATALOGUE[CardNotFound.sentence] in request["body"]


def test_an_address_that_is_no_longer_permitted_is_not_called(deliverer, end_job, receiver, settings):
    job_id = end_job(receiver.url("/status/200"))
    closed = replace(deliverer, sender=Transport(CallbackRules(replace(settings, webhook_networks="")), 2))
    (due,) = closed.deliveries.hand_over()
    closed.work(due)
    (attempt,) = closed.deliveries.get(job_id).attempts
    assert (attempt.status, attempt.error) == (None, "url_refused")
    assert receiver.requests == []


def test_a_key_without_a_secret_and_a_fault_of_ours_are_failed_attempts(deliverer, end_job, receiver, caplog):
    other = end_job(receiver.url("/status/200?CANARY"), owner="other")
    (due,) = deliverer.deliveries.hand_over()
    deliverer.work(due)

    class Broken:
        def post(self, url, headers, body):
            raise RuntimeError(url)

    job_id = end_job(receiver.url("/status/200?CANARY"))
    (due,) = [each for each in deliverer.deliveries.hand_over() if each == job_id]
    replace(deliverer, sender=Broken()).work(due)
    assert [each.error for each in deliverer.deliveries.get(other).attempts] == ["no_secret"]
    assert [each.error for each in deliverer.deliveries.get(job_id).attempts] == ["internal"]
    assert receiver.requests == []
    assert "CANARY" not in "".join(record.getMessage() + repr(record.args) for record in caplog.records)


def test_a_job_that_was_deleted_meanwhile_is_not_sent(deliverer, end_job, receiver):
    job_id = end_job(receiver.url("/status/200"))
    (due,) = deliverer.deliveries.hand_over()
    deliverer.jobs.purge(deliverer.jobs.get(job_id))
    deliverer.work(due)
    assert receiver.requests == []


def test_messages_twice_make_one_attempt(deliverer, end_job, receiver):
    job_id = end_job(receiver.url("/status/200"))
    (due,) = deliverer.deliveries.hand_over()
    for _ in range(3):
        deliverer.work(due)
    assert len(deliverer.deliveries.get(job_id).attempts) == 1
    assert len(receiver.requests) <= 1


def test_a_replay_sends_again_under_the_same_id(deliverer, end_job, receiver):
    job_id = end_job(receiver.url("/status/200"))
    work_off(deliverer)
    assert deliverer.deliveries.replay(job_id)
    work_off(deliverer)
    first, second = receiver.wait_for(2)
    assert first["headers"]["webhook-id"] == second["headers"]["webhook-id"] == job_id
    assert first["body"] == second["body"]


@pytest.mark.parametrize(
    ("scenario", "statuses", "state"),
    [("webhook_retried", [503, 200], "delivered"), ("webhook_dead", [410], "dead")],
)
def test_the_sandbox_plays_webhooks_that_fail(deliverer, end_job, receiver, scenario, statuses, state):
    job_id = end_job(receiver.url("/status/200"), sandbox=scenario)
    work_off(deliverer)
    found = deliverer.deliveries.get(job_id)
    assert ([each.status for each in found.attempts], found.state) == (statuses, state)
    if state == "dead":
        deliverer.deliveries.replay(job_id)
        work_off(deliverer)
        assert deliverer.deliveries.get(job_id).state == "delivered"
    assert len(receiver.wait_for(1)) == 1


def test_what_was_sent_is_noted_without_what_was_in_it(deliverer, end_job, receiver, caplog):
    caplog.set_level("INFO")
    job_id = end_job(receiver.url("/status/200?CANARY"))
    work_off(deliverer)
    (audited,) = [record for record in caplog.records if record.name == "kartu.audit"]
    assert (audited.getMessage(), audited.job_id, audited.key_id) == ("result sent", job_id, "client")
    assert "CANARY" not in repr([vars(record) for record in caplog.records])


def attempts() -> dict[str, float]:
    """How many attempts the metric has counted, by what came of them."""
    return {verdict: WEBHOOK_ATTEMPTS.labels(verdict)._value.get() for verdict in ("delivered", "retry", "dead")}


def test_one_that_dies_of_too_many_attempts_is_counted_as_dead(deliverer, end_job, receiver):
    before = attempts()
    end_job(receiver.url("/status/500"))
    assert work_off(deliverer) == 7
    grown = {verdict: count - before[verdict] for verdict, count in attempts().items()}
    assert grown == {"delivered": 0, "retry": 6, "dead": 1}


def test_a_receiver_that_took_the_document_is_in_the_audit_trail_whatever_it_answered(
    deliverer, end_job, receiver, caplog
):
    caplog.set_level(logging.INFO, logger=AUDIT_LOGGER)
    job_id = end_job(receiver.url("/status/410"))
    work_off(deliverer)
    lines = [record for record in caplog.records if record.name == AUDIT_LOGGER]
    assert [(line.getMessage(), line.job_id) for line in lines] == [("result sent", job_id)]


def test_a_key_that_was_revoked_sends_nothing_more(redis, deliverer, end_job, receiver):
    keys = KeyStore(redis)
    record, _ = keys.create("onboarding")
    deliverer.secrets.ensure(record.id)
    keys.revoke(record.id)
    job_id = end_job(receiver.url("/status/200"), owner=record.id)
    work_off(deliverer)
    found = deliverer.deliveries.get(job_id)
    assert (found.state, found.attempts[-1].error) == ("dead", "key_revoked")
    assert receiver.requests == []
