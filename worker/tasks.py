"""One attempt at a job: claim it, read the card, end it. Every way out leaves the job ended or back in the queue."""

from __future__ import annotations

import logging
import uuid
from dataclasses import dataclass, replace

from kombu.exceptions import OperationalError

from shared.errors import KartuError, ProcessingFailed
from shared.jobs import JobStore
from shared.metrics import ATTEMPTS_FAILED, JOBS_ENDED, READING_SECONDS, WAITED_SECONDS
from shared.queue import JobQueue
from shared.records import Claim, Outcome, ReadRequest
from shared.tracing import note_error, span
from worker.outcome import outcome_of, read_options
from worker.pipeline.read import read_card
from worker.pipeline.types import Engines
from worker.sandbox import play

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Reader:
    """Works on jobs with the models of this process."""

    jobs: JobStore
    queue: JobQueue
    engines: Engines
    max_attempts: int
    max_pixels: int

    def work(self, job_id: str, delivery: str) -> None:
        """Make one attempt at the job, unless it has ended or somebody else is at it."""
        claim = self.jobs.claim(job_id, delivery)
        if claim is None:
            _log.info("nothing to do for this message", extra={"job_id": job_id})
            return
        if claim.attempt > self.max_attempts:
            # Each attempt before this one took its process with it.
            self._fail(claim, ProcessingFailed())
            return
        WAITED_SECONDS.observe(claim.waited_s)
        parent = self.jobs.traceparent(claim)
        with span("job", kind="consumer", parent=parent, job_id=job_id, attempt=claim.attempt, waited_s=claim.waited_s):
            self._attempt(claim)

    def _attempt(self, claim: Claim) -> None:
        job_id = claim.job_id
        try:
            outcome = self._read(claim)
        except KartuError as error:
            note_error(error)
            self._fail(claim, error)
        except Exception as fault:
            note_error(fault)
            ATTEMPTS_FAILED.inc()
            _log.error("attempt failed", extra={"job_id": job_id, "attempt": claim.attempt}, exc_info=fault)
            if claim.attempt == self.max_attempts:
                self._fail(claim, ProcessingFailed())
            else:
                self._try_again(claim)
        else:
            self._end(claim, outcome)

    def _read(self, claim: Claim) -> Outcome:
        request = self.jobs.request(claim)
        if request.sandbox is not None:
            return _played(request)
        image = self.jobs.image(claim.job_id)
        if image is None:
            _log.error("the image is gone: the job waited longer than it is kept", extra={"job_id": claim.job_id})
            raise ProcessingFailed()
        with READING_SECONDS.time():
            reading = read_card(image, read_options(request), self.engines, self.max_pixels)
        return outcome_of(reading, request)

    def _fail(self, claim: Claim, error: KartuError) -> None:
        self._end(claim, Outcome.failure(error, str(uuid.uuid4())))

    def _end(self, claim: Claim, outcome: Outcome) -> None:
        ended = self.jobs.finish(claim, outcome)
        if ended and not outcome.is_played:
            JOBS_ENDED.labels(outcome.name).inc()
        extra = {
            "job_id": claim.job_id,
            "attempt": claim.attempt,
            "status": outcome.status,
            "error_type": outcome.error_type,
            "error_id": outcome.error_id,
        }
        _log.info("job ended" if ended else "this attempt no longer holds the job; nothing changed", extra=extra)

    def _try_again(self, claim: Claim) -> None:
        if self.jobs.release(claim):
            try:
                self.queue.enqueue(claim.job_id)
            except OperationalError:
                _log.warning("job released but not queued; the sweeper will", extra={"job_id": claim.job_id})


def _played(request: ReadRequest) -> Outcome:
    """What the sandbox plays, marked so that nobody is woken for it at night."""
    try:
        outcome = play(request)
    except KartuError as error:
        outcome = Outcome.failure(error, str(uuid.uuid4()))
    return replace(outcome, is_played=True)
