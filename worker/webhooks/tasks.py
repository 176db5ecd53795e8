"""The Celery side of webhooks: `celery -A worker.webhooks.tasks worker --pool threads`. It loads no model.

Threads, because an attempt does nothing but wait for others.
"""

from __future__ import annotations

import logging
from typing import Any

from celery.signals import setup_logging, worker_init, worker_shutdown
from kombu.exceptions import OperationalError

from shared.callback_urls import CallbackRules
from shared.deliveries import DeliveryStore
from shared.jobs import JobStore
from shared.key_store import KeyStore
from shared.logs import configure_logs
from shared.metrics import serve_metrics
from shared.queue import WEBHOOK_TASK, JobQueue, make_celery
from shared.redis import UNAVAILABLE, connect
from shared.settings import Settings
from shared.tracing import start_tracing, stop_tracing
from shared.webhook_secrets import WebhookSecrets
from worker.webhooks.deliver import Deliverer
from worker.webhooks.transport import Transport

_log = logging.getLogger(__name__)
_NEXT = 2
"""How many deliveries each attempt hands over when it ends: one in its own place, and one more until all are busy."""

settings = Settings.from_env()
app = make_celery(settings)
redis = connect(settings, patient=True)
queue = JobQueue(app, redis)
deliverer = Deliverer(
    jobs=JobStore(redis, settings),
    deliveries=DeliveryStore(redis, settings),
    keys=KeyStore(redis),
    secrets=WebhookSecrets(redis, settings),
    sender=Transport(CallbackRules(settings), settings.webhook_timeout_s),
)


@app.task(name=WEBHOOK_TASK)  # type: ignore[untyped-decorator]
def deliver_webhook(job_id: str) -> None:
    """Make one attempt at a delivery, then hand over what is due, so that the sweeper's pace is no limit."""
    try:
        deliverer.work(job_id)
        for next_id in deliverer.deliveries.hand_over(_NEXT):
            queue.enqueue_webhook(next_id)
    except (*UNAVAILABLE, OperationalError) as error:
        # The lease runs out, and the sweeper hands the delivery over again.
        _log.warning("Redis is not available", extra={"job_id": job_id, "cause": type(error).__name__})
    except Exception as fault:
        # Celery would log the words of the exception, and they may be personal.
        _log.error("delivery broken off", extra={"job_id": job_id}, exc_info=fault)


@worker_shutdown.connect  # type: ignore[untyped-decorator]
def _stop_tracing(**_: Any) -> None:
    stop_tracing()


@worker_init.connect  # type: ignore[untyped-decorator]
def _serve_metrics(**_: Any) -> None:
    start_tracing(settings, "webhooks")
    if settings.metrics_port:
        serve_metrics(settings.metrics_port)


@setup_logging.connect  # type: ignore[untyped-decorator]
def _configure_logs(**_: Any) -> None:
    configure_logs(settings.log_level)
    # At DEBUG it writes the addresses and headers of requests.
    logging.getLogger("httpcore2").setLevel(logging.WARNING)
