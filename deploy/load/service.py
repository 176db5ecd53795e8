"""The Kartu that is measured: one of its own, started as `up` starts it, in a folder that is removed afterwards."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from redis import Redis

from deploy import redis_server, stack
from deploy.folders import Folders
from deploy.ports import reserve_port
from deploy.processes import Supervisor
from shared.client import Client
from shared.metrics import FOLDER_VARIABLE
from shared.sealing import new_key
from shared.settings import Settings

START_WITHIN_S = 120


@dataclass(frozen=True)
class MeasuredService:
    """Its port, its key for scripts (no rate limit) and its Redis."""

    port: int
    key: str
    redis: Redis


@contextmanager
def measured_service(workers: int, wait_limit_s: float) -> Iterator[MeasuredService]:
    """Start one with this many worker processes, which refuses what would wait longer than `wait_limit_s`."""
    settings = Settings.from_env()
    port, redis_port, key = reserve_port(), reserve_port(), secrets.token_urlsafe(32)
    redis_url = f"redis://127.0.0.1:{redis_port}/0"
    with TemporaryDirectory(prefix="kartu-load-") as temporary:
        folders = Folders(Path(temporary))
        folders.metrics.mkdir()
        supervisor = Supervisor(folders.logs)
        environment = {
            **os.environ,
            **Folders.from_env().variables(),
            "KARTU_REDIS_URL": redis_url,
            "KARTU_SEALING_KEYS": new_key(),
            "KARTU_BOOTSTRAP_KEY": key,
            "KARTU_WAIT_LIMIT_S": str(wait_limit_s),
            FOLDER_VARIABLE: str(folders.metrics),
        }
        try:
            nothing_to_keep = os.open(os.devnull, os.O_RDONLY)
            supervisor.start(redis_server.embedded(folders, redis_port, nothing_to_keep))
            supervisor.wait_until(lambda: redis_server.answers(redis_url), START_WITHIN_S, "The start of Valkey")
            for program in stack.programs(
                environment, bind=f"127.0.0.1:{port}", workers=workers, hard_limit_s=settings.hard_limit_s
            ):
                supervisor.start(program)
            client = Client(f"http://127.0.0.1:{port}", key)
            supervisor.wait_until(client.is_ready, START_WITHIN_S, "The start of the API")
            with Redis.from_url(redis_url) as redis:
                yield MeasuredService(port, key, redis)
        finally:
            supervisor.stop(lambda _: None, lambda: True)
