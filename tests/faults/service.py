"""The processes that are done harm, as `up` starts them: Valkey with its append-only file, gunicorn, Celery, sweeper.

The supervisor is that of `up`, so what ends is started again as there.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import psutil
from redis import Redis
from redis.backoff import ConstantBackoff
from redis.exceptions import ConnectionError, TimeoutError
from redis.retry import Retry

from deploy import redis_server, stack
from deploy.folders import Folders
from deploy.ports import reserve_port
from deploy.processes import Program, Supervisor
from shared.client import Client
from shared.key_store import KeyStore
from shared.keys import KeySettings
from shared.metrics import FOLDER_VARIABLE
from shared.sealing import new_key
from shared.settings import Settings
from shared.webhook_secrets import WebhookSecrets
from tests.faults.inbox import Inbox
from tests.faults.marks import SLOW_LOADING

SOFT_LIMIT_S, HARD_LIMIT_S = 3, 4
LEASE_S = HARD_LIMIT_S + 5
WORKERS = 2
READY_WITHIN_S = 120
TICK_S = 0.1

WORKER, API, VALKEY, SWEEPER, WEBHOOKS = "worker", "api", "valkey", "sweeper", "webhooks"
_COMMANDS = {
    WORKER: "worker.app",
    API: "gunicorn",
    VALKEY: "valkey-server",
    SWEEPER: "worker.sweeper",
    WEBHOOKS: "worker.webhooks.tasks",
}


class Service:
    """A running Kartu whose processes, files and clock the tests can get at."""

    def __init__(self, folder: Path, preload: Mapping[str, str] | None = None) -> None:
        """Files go to `folder`; `preload` is added to the environment of Valkey."""
        folder.mkdir(parents=True, exist_ok=True)
        self.folders = Folders(folder)
        self.folders.metrics.mkdir()
        self.port, self.redis_port = reserve_port(), reserve_port()
        self.redis_url = f"redis://127.0.0.1:{self.redis_port}/0"
        self.redis = Redis.from_url(
            self.redis_url,
            socket_timeout=10,
            retry=Retry(ConstantBackoff(0.5), 60, supported_errors=(ConnectionError, TimeoutError)),
        )
        self.inbox = Inbox()
        self.slow_loading = folder / "slow-loading"
        self._supervisor = Supervisor(self.folders.logs, most_restarts=100)
        self._preload = preload or {}
        self._environment = os.environ | {
            "KARTU_REDIS_URL": self.redis_url,
            "KARTU_SEALING_KEYS": new_key(),
            "KARTU_SOFT_LIMIT_S": str(SOFT_LIMIT_S),
            "KARTU_HARD_LIMIT_S": str(HARD_LIMIT_S),
            "KARTU_SWEEP_INTERVAL_S": "0.5",
            "KARTU_REQUEUE_AFTER_S": "8",
            "KARTU_QUEUE_LIMIT": "3000",
            "KARTU_ENGINE": "null",
            "KARTU_WEBHOOK_HTTP": "true",
            "KARTU_WEBHOOK_NETWORKS": "127.0.0.0/8",
            "KARTU_WEBHOOK_TIMEOUT_S": "5",
            "KARTU_WEBHOOK_RETRIES_S": "1,1,2,2,5,5,5,5,5",
            "KARTU_WEBHOOK_HOST_LIMIT": "16",
            "KARTU_WEBHOOK_HOST_PAUSE_S": "1",
            FOLDER_VARIABLE: str(self.folders.metrics),
            SLOW_LOADING: str(self.slow_loading),
        }
        self._second_sweepers = 0

    def __enter__(self) -> Service:
        self.inbox.__enter__()
        lock = os.open(os.devnull, os.O_RDONLY)
        valkey = redis_server.embedded(self.folders, self.redis_port, lock)
        self._supervisor.start(replace(valkey, environment={**valkey.environment, **self._preload}))
        self._supervisor.wait_until(lambda: redis_server.answers(self.redis_url), READY_WITHIN_S, "the start of Valkey")
        for program in stack.programs(
            self._environment, bind=f"127.0.0.1:{self.port}", workers=WORKERS, hard_limit_s=HARD_LIMIT_S
        ):
            self._supervisor.start(self._adapted(program))
        self._supervisor.wait_until(lambda: self.is_ready, READY_WITHIN_S, "the start of the API")
        return self

    def __exit__(self, *_: object) -> None:
        for process in self.main_processes():
            # A stop must not wait for a process that a failed test has left halted.
            process.send_signal(signal.SIGCONT)
        self._supervisor.stop(lambda _: None, lambda: True)
        self.inbox.__exit__()

    @property
    def is_ready(self) -> bool:
        """Whether the API accepts jobs."""
        return Client(f"http://127.0.0.1:{self.port}", "none").is_ready()

    def new_api_key(self) -> tuple[str, str]:
        """A key of its own, without limits, for one scenario; gives its id and the key itself."""
        record, plain = KeyStore(self.redis).create("faults", KeySettings(rate_per_minute=0))
        WebhookSecrets(self.redis, Settings.from_env(self._environment)).ensure(record.id)
        return record.id, plain

    def tend(self, for_s: float = TICK_S) -> None:
        """Let time pass, starting again what ends meanwhile."""
        deadline = time.monotonic() + for_s
        while True:
            self._supervisor.revive()
            if (left := deadline - time.monotonic()) <= 0:
                return
            time.sleep(min(TICK_S, left))

    def tend_until(self, condition: Callable[[], object], within_s: float, what: str) -> None:
        """Let time pass until something is so; raises TimeoutError."""
        deadline = time.monotonic() + within_s
        while not condition():
            if time.monotonic() > deadline:
                raise TimeoutError(f"{what} did not happen within {within_s:.0f} s")
            self.tend()

    def add_sweeper(self) -> None:
        """Start one more sweeper."""
        self._second_sweepers += 1
        sweeper = stack.programs(self._environment, bind="", workers=1, hard_limit_s=HARD_LIMIT_S)[0]
        self._supervisor.start(replace(sweeper, name=f"sweeper-{self._second_sweepers}"))

    def main_processes(self) -> list[psutil.Process]:
        """The processes that the supervisor started."""
        return [each for name in _COMMANDS for each in self.processes(name)]

    def processes(self, name: str) -> list[psutil.Process]:
        """The main processes of this name: the sweepers can be several."""
        wanted = _COMMANDS[name]
        return [
            each
            for each in psutil.Process().children()
            if any(wanted in part for part in _command(each)) and self._is_own(each, name)
        ]

    def _is_own(self, process: psutil.Process, name: str) -> bool:
        """Whether it belongs to this service: other tests of the same run have processes of the same kinds."""
        if name == VALKEY:
            return any(str(self.redis_port) in part for part in _command(process))
        return process.environ().get("KARTU_REDIS_URL") == self.redis_url

    def worker_children(self) -> list[psutil.Process]:
        """The pool processes of the Celery worker, which are spawned and not forked."""
        return [
            child
            for main in self.processes(WORKER)
            for child in main.children()
            if any("spawn_main" in part for part in _command(child))
        ]

    def kill(self, name: str, number: int = signal.SIGKILL) -> None:
        """Send a signal to the main process of this name."""
        for process in self.processes(name)[:1]:
            process.send_signal(number)

    def logs(self) -> str:
        """All that its processes have written since they were started last, and the three times before."""
        return "\n".join(path.read_text(errors="replace") for path in self.folders.logs.iterdir())

    @staticmethod
    def _adapted(program: Program) -> Program:
        if program.name != WORKER:
            return program
        return replace(program, command=(*program.command, "--include", "tests.faults.injection"))


def _command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []
