"""The Celery side of the worker: `celery -A worker.app worker`. What is done with a job stands in tasks.py."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import cache
from typing import TYPE_CHECKING, Any

from celery import Task
from celery.signals import setup_logging, worker_init, worker_process_init, worker_process_shutdown
from celery.worker import WorkController

from shared.deliveries import DeliveryStore
from shared.heartbeats import keep_beating
from shared.jobs import JobStore
from shared.logs import configure_logs
from shared.metrics import serve_metrics
from shared.queue import READ_TASK, JobQueue, make_celery
from shared.redis import connect
from shared.settings import Settings
from shared.tracing import start_tracing, stop_tracing
from worker.engines import load_engines
from worker.memory import TEXT_ENGINE_MB, limit_memory
from worker.thread_limits import ThreadLimits

if TYPE_CHECKING:
    from worker.tasks import Reader

_log = logging.getLogger(__name__)
_WEBHOOKS = 2
"""How many are handed over when a job has ended: its own, and one that may be due as well."""

_limited: Callable[[], AbstractContextManager[None]] = nullcontext
"""What holds an attempt to its limits where Celery does not."""

settings = Settings.from_env()
app = make_celery(settings)


@cache
def deliveries() -> DeliveryStore:
    """The outbox, as this process reaches it."""
    return DeliveryStore(connect(settings, patient=True), settings)


@cache
def reader() -> Reader:
    """The reader of this process, with its models loaded."""
    # Not above: the main process of a pool reads no cards, and these libraries take it half a second.
    from worker.tasks import Reader

    redis = connect(settings, patient=True)
    return Reader(
        jobs=JobStore(redis, settings),
        queue=JobQueue(app, redis),
        engines=load_engines(settings, text_in_background=True),
        max_attempts=settings.max_attempts,
        max_pixels=settings.max_image_pixels,
    )


# Retries come only from a process that was lost, and at once: the default of 180 s is beyond the visibility timeout.
@app.task(name=READ_TASK, bind=True, max_retries=None, default_retry_delay=0)  # type: ignore[untyped-decorator]
def read_card(self: Task, job_id: str) -> None:
    """Make one attempt at a job, then hand over its webhook; a message that comes again keeps its id."""
    try:
        with _limited():
            reader().work(job_id, delivery=self.request.id)
        # At once, and not when the sweeper comes round.
        for due_id in deliveries().hand_over(_WEBHOOKS):
            reader().queue.enqueue_webhook(due_id)
    except Exception as fault:
        # Celery would log the words of the exception, and they may be personal.
        _log.error("attempt broken off; the sweeper queues the job again", extra={"job_id": job_id}, exc_info=fault)


@worker_process_init.connect  # type: ignore[untyped-decorator]
def _load_models(**_: Any) -> None:
    """Load the models before the first job, not during it; from then on the process counts as alive."""
    _start_reading(jobs_at_once=1)


@worker_init.connect  # type: ignore[untyped-decorator]
def _load_models_for_threads(sender: WorkController, **_: Any) -> None:
    """The same where threads of this very process take the jobs: no signal comes from a pool of those."""
    pool = sender.pool_cls if isinstance(sender.pool_cls, str) else sender.pool_cls.__module__
    if "thread" in pool:
        global _limited
        _start_reading(jobs_at_once=sender.concurrency)
        _limited = ThreadLimits(settings.soft_limit_s, settings.hard_limit_s, settings.worker_memory_mb).attempt


def _start_reading(jobs_at_once: int) -> None:
    start_tracing(settings, "worker")
    reader()
    keep_beating(connect(settings))
    if settings.device == "cpu" and settings.worker_memory_mb:
        # CUDA maps address space by the terabyte, whatever it takes of it.
        limit_memory(settings.worker_memory_mb * jobs_at_once + TEXT_ENGINE_MB)


@worker_process_shutdown.connect  # type: ignore[untyped-decorator]
def _stop_tracing(**_: Any) -> None:
    stop_tracing()


@worker_init.connect  # type: ignore[untyped-decorator]
def _serve_metrics(**_: Any) -> None:
    """Serve the metrics of all processes of this worker from its main process."""
    if settings.metrics_port:
        serve_metrics(settings.metrics_port)


@setup_logging.connect  # type: ignore[untyped-decorator]
def _configure_logs(**_: Any) -> None:
    configure_logs(settings.log_level)
