"""The Celery app and the way into its queues. A message carries the id of a job and nothing else."""

from __future__ import annotations

from typing import Any

from celery import Celery
from kombu.transport.redis import Channel, QoS
from redis import Redis

from shared.settings import Settings

OCR_QUEUE = "ocr"
READ_TASK = "kartu.read_card"
WEBHOOK_QUEUE = "webhooks"
WEBHOOK_TASK = "kartu.deliver_webhook"


class _Deliveries(QoS):
    """The messages that a worker has taken; one that could not be given back takes no place any longer.

    With kombu's own it kept its place for ever: a worker for which Redis hung at as many acknowledgements as it has
    processes took no job again. Such a message comes back after the visibility timeout, and finds its job ended.
    """

    def ack(self, delivery_tag: str) -> None:
        """Acknowledge a message."""
        self._settle(super().ack, delivery_tag)

    def reject(self, delivery_tag: str, requeue: bool = False) -> None:
        """Give a message back, to be delivered again or not."""
        self._settle(super().reject, delivery_tag, requeue)

    def _settle(self, settle: Any, delivery_tag: str, *arguments: Any) -> None:
        try:
            settle(delivery_tag, *arguments)
        except Exception:
            self._quick_ack(delivery_tag)
            raise


Channel.QoS = _Deliveries


def make_celery(settings: Settings) -> Celery:
    """Configure Celery for at-least-once delivery on Redis; each setting's reason stands beside it."""
    app = Celery("kartu", broker=settings.redis_url, set_as_current=False)
    app.conf.update(
        # Results are in the job store: a result backend would make a dead Redis block a publisher for 19 s, not 0.6 s.
        result_backend=None,
        task_ignore_result=True,
        task_default_queue=OCR_QUEUE,
        task_serializer="json",
        accept_content=["json"],
        # A message is given up only when the attempt is over; one whose process died comes back at once.
        task_acks_late=True,
        task_retry_on_worker_lost=True,
        worker_prefetch_multiplier=1,
        task_soft_time_limit=settings.soft_limit_s,
        task_time_limit=settings.hard_limit_s,
        # ONNX Runtime and CUDA sessions do not survive a fork.
        worker_pool_start_method="spawn",
        # In KiB: a child that has taken more ends after its job, and what a large image has left behind with it.
        worker_max_memory_per_child=settings.worker_memory_mb * 1024 or None,
        # A child loads models before it is ready; at the default of 4 s it would be killed again and again.
        worker_proc_alive_timeout=120,
        # An attempt that loses the broker goes on: its result is stored by the process's own connection, and the
        # message that comes back finds the job ended.
        worker_cancel_long_running_tasks_on_connection_loss=False,
        worker_hijack_root_logger=False,
        worker_send_task_events=False,
        # Redis may start after the worker, or restart under it.
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        # A Redis that is full refuses to note a message that a worker has taken: an error of the channel. The worker
        # would end with it, and take half a minute for that.
        broker_channel_error_retry=True,
        broker_transport_options={
            # Longer than any attempt can take, so that a message comes back only when its worker is dead.
            "visibility_timeout": 3 * settings.hard_limit_s,
            "unacked_restore_interval": 10,
            "unacked_restore_throttle": 1,
            "socket_timeout": settings.redis_timeout_s,
            "socket_connect_timeout": settings.redis_timeout_s,
        },
    )
    return app


class JobQueue:
    """Hands job ids to the workers."""

    def __init__(self, celery: Celery, redis: Redis) -> None:
        self._celery = celery
        self._redis = redis

    def enqueue(self, job_id: str) -> None:
        """Queue one attempt at a job; raises kombu's OperationalError when Redis cannot be reached."""
        self._celery.send_task(READ_TASK, args=[job_id], queue=OCR_QUEUE, retry=False)

    def enqueue_webhook(self, job_id: str) -> None:
        """Queue one attempt to deliver a job's webhook; raises as `enqueue`."""
        self._celery.send_task(WEBHOOK_TASK, args=[job_id], queue=WEBHOOK_QUEUE, retry=False)

    def depth(self) -> int:
        """Messages about jobs that no worker has taken yet."""
        return int(self._redis.llen(OCR_QUEUE))
