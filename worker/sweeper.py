"""Queues again what fell out of the queue (jobs whose worker is gone or whose message was lost), and webhooks when due;
ends jobs that can no longer be read.

Any number may run at once: every step is a compare-and-set in Redis, and a message too many does no harm.
"""

from __future__ import annotations

import logging
import signal
import threading
import uuid

from kombu.exceptions import OperationalError

from shared.deliveries import DeliveryStore
from shared.errors import ProcessingFailed
from shared.jobs import JobStore
from shared.logs import configure_logs
from shared.metrics import JOBS_ENDED
from shared.queue import JobQueue, make_celery
from shared.records import Outcome
from shared.redis import UNAVAILABLE, connect
from shared.settings import Settings

_log = logging.getLogger(__name__)


def sweep(jobs: JobStore, queue: JobQueue) -> list[str]:
    """One round over the jobs; gives the ids of those that were queued again."""
    overtaken = jobs.overtaken(queue_is_empty=queue.depth() == 0)
    expired = jobs.release_expired()
    for job_id in jobs.due() + expired + overtaken:
        queue.enqueue(job_id)
    if expired or overtaken:
        _log.warning("jobs queued again", extra={"lease_ran_out": expired, "message_lost": overtaken})
    return expired + overtaken


def end_unread(jobs: JobStore) -> list[str]:
    """End the jobs whose image was not read for as long as it is kept; gives their ids.

    Without workers nobody else would, and soon the job itself would be gone, without an end that its owner is told of.
    """
    ended = []
    for job_id in jobs.without_image():
        claim = jobs.claim(job_id, delivery=str(uuid.uuid4()))
        if claim is not None and jobs.finish(claim, Outcome.failure(ProcessingFailed(), str(uuid.uuid4()))):
            ended.append(job_id)
            JOBS_ENDED.labels(ProcessingFailed.error_type).inc()
    if ended:
        _log.error("jobs ended unread: they waited longer than their images are kept", extra={"job_ids": ended})
    return ended


def sweep_webhooks(deliveries: DeliveryStore, queue: JobQueue) -> list[str]:
    """One round over the webhooks; gives the ids of those that were handed over."""
    lost = deliveries.release_expired()
    due = deliveries.hand_over()
    for job_id in due:
        queue.enqueue_webhook(job_id)
    if lost:
        _log.warning("webhooks taken back", extra={"lease_ran_out": lost})
    return due


def run(settings: Settings, stop: threading.Event) -> None:
    """Sweep every KARTU_SWEEP_INTERVAL_S until `stop` is set; a Redis that is away is waited for."""
    redis = connect(settings)
    jobs, queue = JobStore(redis, settings), JobQueue(make_celery(settings), redis)
    deliveries = DeliveryStore(redis, settings)
    while not stop.wait(settings.sweep_interval_s):
        try:
            end_unread(jobs)
            sweep(jobs, queue)
            sweep_webhooks(deliveries, queue)
        except (*UNAVAILABLE, OperationalError) as error:
            _log.warning("Redis is not available", extra={"cause": type(error).__name__})


def main() -> None:
    """Entry point of `python -m worker.sweeper`; ends at SIGTERM or SIGINT."""
    settings = Settings.from_env()
    configure_logs(settings.log_level)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    run(settings, stop)


if __name__ == "__main__":
    main()
