"""One attempt to deliver a webhook: claim it, make the body from the job as it is now, sign, send, note how it went."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from standardwebhooks import Webhook

from shared.audit import audit
from shared.deliveries import AttemptResult, DeliveryClaim, DeliveryStore, ReceiverState, Verdict
from shared.jobs import JobStore
from shared.key_store import KeyStore
from shared.records import Job
from shared.sandbox import WEBHOOK_DEAD, WEBHOOK_RETRIED
from shared.schemas import dump_job
from shared.tracing import HEADER as TRACE_HEADER
from shared.tracing import note, span, traceparent
from shared.webhook_secrets import WebhookSecrets
from worker.webhooks.transport import SendError

_log = logging.getLogger(__name__)
_GONE = 410
_PLAYED_FAILURE, _PLAYED_END = 503, 410
_MAY_HAVE_SENT = ("connection_failed", "timeout", "not_http")
_OF_THE_RECEIVER = ("name_not_found", "connection_failed", "tls_failed", "timeout", "not_http")


class Sender(Protocol):
    """Posts a body to a URL and gives the status of the answer, as `Transport` does."""

    def post(self, url: str, headers: dict[str, str], body: bytes) -> int:
        """Raises SendError."""


@dataclass(frozen=True)
class Deliverer:
    """Makes attempts, with what belongs to this process."""

    jobs: JobStore
    deliveries: DeliveryStore
    keys: KeyStore
    secrets: WebhookSecrets
    sender: Sender

    def work(self, job_id: str) -> None:
        """Make one attempt, unless the message is one too many; whatever goes wrong is an attempt that failed."""
        claim = self.deliveries.claim(job_id)
        if claim is None:
            _log.info("nothing to do for this message", extra={"job_id": job_id})
            return
        began = time.monotonic()
        try:
            result = self._attempt(claim, began)
        except Exception as fault:
            _log.error("attempt to deliver failed", extra={"job_id": job_id}, exc_info=fault)
            result = _failure("internal", began)
        settled = self.deliveries.settle(claim, result)
        extra = {
            "job_id": job_id,
            "attempt": claim.attempt,
            "verdict": settled or result.verdict,
            "status": result.status,
            "error": result.error,
            "duration_ms": int(result.duration_s * 1000),
        }
        _log.info("attempt ended" if settled else "this attempt no longer held the webhook", extra=extra)

    def _attempt(self, claim: DeliveryClaim, began: float) -> AttemptResult:
        job = self.jobs.get(claim.job_id)
        if job is None or job.request.callback_url is None:
            return AttemptResult("dead", "unknown", None, "job_gone", 0.0)
        if claim.attempt == 1 and job.request.sandbox in (WEBHOOK_RETRIED, WEBHOOK_DEAD):
            status = _PLAYED_END if job.request.sandbox == WEBHOOK_DEAD else _PLAYED_FAILURE
            return _judge(status, "unknown", 0.0)
        if self.keys.is_revoked(claim.owner):
            return AttemptResult("dead", "unknown", None, "key_revoked", 0.0)
        secrets = self.secrets.of(claim.owner)
        if not secrets:
            return _failure("no_secret", began)
        try:
            with span(
                "webhook",
                kind="client",
                parent=job.request.traceparent,
                job_id=claim.job_id,
                attempt=claim.attempt,
            ):
                status = self._send(job, claim, job.request.callback_url, secrets)
        except SendError as error:
            return _failure(error.kind, began)
        return _judge(status, "down" if status >= 500 else "up", time.monotonic() - began)

    def _send(self, job: Job, claim: DeliveryClaim, url: str, secrets: tuple[str, ...]) -> int:
        body = dump_job(job, job.request.language)
        headers = sign(job.id, body, secrets)
        if traced := traceparent():
            headers[TRACE_HEADER] = traced
        try:
            status = self.sender.post(url, headers, body)
        except SendError as error:
            note(error=error.kind)
            if error.kind in _MAY_HAVE_SENT:
                _note_sent(job, claim)
            raise
        note(http_status=status)
        # Whatever it answered, it has the document.
        _note_sent(job, claim)
        return status


def sign(webhook_id: str, body: bytes, secrets: tuple[str, ...]) -> dict[str, str]:
    """The headers of an attempt that is made now, signed with each of the secrets."""
    now = datetime.now(UTC)
    signatures = [Webhook(secret).sign(webhook_id, now, body.decode()) for secret in secrets]
    return {
        "Content-Type": "application/json",
        "User-Agent": "Kartu",
        "webhook-id": webhook_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signatures),
    }


def _judge(status: int, receiver: ReceiverState, duration_s: float) -> AttemptResult:
    """What an answer means: only 2XX is delivered, a redirect is not followed, and 410 asks for no more."""
    verdict: Verdict = "retry"
    if 200 <= status < 300:
        verdict = "delivered"
    elif status == _GONE:
        verdict = "dead"
    return AttemptResult(verdict, receiver, status, None, duration_s)


def _failure(kind: str, began: float) -> AttemptResult:
    """An attempt without an answer; what was stopped on our side says nothing of the receiver."""
    receiver: ReceiverState = "down" if kind in _OF_THE_RECEIVER else "unknown"
    return AttemptResult("retry", receiver, None, kind, time.monotonic() - began)


def _note_sent(job: Job, claim: DeliveryClaim) -> None:
    if job.outcome is not None and job.outcome.result is not None:
        audit("result sent", job_id=job.id, key_id=claim.owner, status=job.status)
