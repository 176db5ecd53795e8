"""Every metric of Kartu, by name. Labels are ids of code (endpoints, errorTypes), never anything of a client's.

Processes that are started with PROMETHEUS_MULTIPROC_DIR keep their numbers there, one file a process; `exposition` adds
them up. What is so at the moment (queue, workers) is asked of Redis when somebody looks.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest, start_http_server
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import REGISTRY, Collector
from redis import Redis

from shared.redis import UNAVAILABLE
from shared.service_status import read_status

FOLDER_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"

REQUESTS = Counter("kartu_http_requests", "Requests that were answered.", ("endpoint", "method", "status"))
REQUEST_SECONDS = Histogram(
    "kartu_http_request_seconds",
    "Time to answer, of requests that were not held by `Prefer: wait`.",
    ("endpoint",),
    buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5),
)
REFUSALS = Counter("kartu_http_refusals", "Requests that were refused, by errorType.", ("error_type",))
JOBS_ENDED = Counter("kartu_jobs_ended", "Jobs that ended, by outcome: succeeded, or the errorType.", ("outcome",))
ATTEMPTS_FAILED = Counter("kartu_attempts_failed", "Attempts at a job that broke off by a fault of ours.")
WEBHOOK_ATTEMPTS = Counter(
    "kartu_webhook_attempts", "Attempts to deliver a webhook, by what came of it: delivered, retry, dead.", ("verdict",)
)
READING_SECONDS = Histogram(
    "kartu_reading_seconds",
    "Time in which a card was read, or found unreadable.",
    buckets=(0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2, 3, 5, 10, 20, 30),
)
WAITED_SECONDS = Histogram(
    "kartu_waited_seconds",
    "Time that a job waited in the queue before it was taken.",
    buckets=(0.01, 0.05, 0.1, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600),
)


class StatusCollector(Collector):
    """What Redis says of the service at the moment; nothing but `kartu_redis_up 0` while it is away."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    def collect(self) -> Iterator[Metric]:
        """The gauges."""
        try:
            status = read_status(self._redis)
        except UNAVAILABLE:
            yield GaugeMetricFamily("kartu_redis_up", "Whether Redis answers.", 0)
            return
        yield GaugeMetricFamily("kartu_redis_up", "Whether Redis answers.", 1)
        yield GaugeMetricFamily("kartu_queue_jobs", "Jobs that wait.", status.waiting)
        yield GaugeMetricFamily("kartu_queue_oldest_seconds", "How long the oldest job has waited.", status.oldest_s)
        yield GaugeMetricFamily("kartu_jobs_in_work", "Jobs that are being read.", status.in_work)
        yield GaugeMetricFamily("kartu_webhooks_due", "Deliveries whose time has come.", status.webhooks_due)
        late = "How long the first delivery whose time has come waits for its attempt."
        yield GaugeMetricFamily("kartu_webhooks_late_seconds", late, status.webhooks_late_s)
        yield GaugeMetricFamily("kartu_workers_alive", "Worker processes that give signs of life.", len(status.workers))


def exposition(redis: Redis) -> bytes:
    """All metrics in the text format of Prometheus, those of the service at the moment among them."""
    moment = CollectorRegistry()
    moment.register(StatusCollector(redis))
    return generate_latest(_counted()) + generate_latest(moment)


def serve_metrics(port: int) -> None:
    """Serve what this worker's processes have counted, from a thread of its own."""
    start_http_server(port, registry=_counted())


def _counted() -> CollectorRegistry:
    """What all processes have counted together, or this one alone where there is no folder for it."""
    if not os.environ.get(FOLDER_VARIABLE):
        return REGISTRY
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return registry
