"""The Kartu that is measured: one of its own, started as `up` starts it, in a folder that is removed afterwards."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from redis import Redis

from deploy import redis_server, stack
from deploy.folders import Folders
from deploy.ports import reserve_port
from deploy.processes import Program, Supervisor
from shared.client import Client
from shared.metrics import FOLDER_VARIABLE
from shared.sealing import new_key
from shared.settings import Settings

START_WITHIN_S = 120


@dataclass(frozen=True)
class MeasuredService:
    """Its port, its key for scripts (no rate limit), its Redis, its settings, and its processes but Valkey by name."""

    port: int
    key: str
    redis: Redis
    settings: Settings
    programs: Mapping[str, Program]
    supervisor: Supervisor

    def start(self, name: str) -> None:
        """Start one of the processes; returns at once."""
        self.supervisor.start(self.programs[name])

    def wait_until(self, ready: Callable[[], bool], what: str) -> None:
        """Wait for what a start brings; raises ChildDiedError and TimeoutError."""
        self.supervisor.wait_until(ready, START_WITHIN_S, what)


@contextmanager
def measured_service(
    workers: int, wait_limit_s: float, variables: Mapping[str, str] | None = None
) -> Iterator[MeasuredService]:
    """Start one with this many worker processes, which refuses what would wait longer than `wait_limit_s`."""
    with measured_parts(workers, {"KARTU_WAIT_LIMIT_S": str(wait_limit_s), **(variables or {})}) as service:
        for name in service.programs:
            service.start(name)
        client = Client(f"http://127.0.0.1:{service.port}", service.key)
        service.wait_until(client.is_ready, "The start of the API")
        yield service


@contextmanager
def measured_parts(workers: int, variables: Mapping[str, str]) -> Iterator[MeasuredService]:
    """Start its Valkey and nothing else yet; `variables` are settings of all that is started in it."""
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
            FOLDER_VARIABLE: str(folders.metrics),
            **variables,
        }
        settings = Settings.from_env(environment)
        programs = stack.programs(
            environment,
            bind=f"127.0.0.1:{port}",
            workers=workers,
            hard_limit_s=settings.hard_limit_s,
            device=settings.device,
        )
        try:
            nothing_to_keep = os.open(os.devnull, os.O_RDONLY)
            supervisor.start(redis_server.embedded(folders, redis_port, nothing_to_keep))
            supervisor.wait_until(lambda: redis_server.answers(redis_url), START_WITHIN_S, "The start of Valkey")
            with Redis.from_url(redis_url) as redis:
                by_name = {program.name: program for program in programs}
                yield MeasuredService(port, key, redis, settings, by_name, supervisor)
        finally:
            supervisor.stop(lambda _: None, lambda: True)
