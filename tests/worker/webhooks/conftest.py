"""Receivers of webhooks on loopback, each a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

RECEIVER = Path(__file__).with_name("receiver.py")
LOOPBACK = "127.0.0.0/8"


@dataclass
class Receiver:
    """A running receiver: its port, and the requests that it has read so far."""

    port: int
    requests: list[dict[str, Any]] = field(default_factory=list)

    def url(self, path: str, scheme: str = "http", host: str = "127.0.0.1") -> str:
        return f"{scheme}://{host}:{self.port}{path}"

    def wait_for(self, count: int, within_s: float = 30) -> list[dict[str, Any]]:
        wait_until(lambda: len(self.requests) >= count, within_s)
        return self.requests


def wait_until(condition: Callable[[], Any], within_s: float = 30) -> Any:
    """What `condition` gives once it is true; fails after so many seconds."""
    deadline = time.monotonic() + within_s
    while not (found := condition()):
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.02)
    return found


def start_receiver(certificate: Path | None = None) -> tuple[Receiver, subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, str(RECEIVER), str(certificate or "-")], stdout=subprocess.PIPE, text=True
    )
    receiver = Receiver(int(process.stdout.readline()))

    def collect() -> None:
        for line in process.stdout:
            receiver.requests.append(json.loads(line))

    threading.Thread(target=collect, daemon=True).start()
    return receiver, process


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver, process = start_receiver()
    yield receiver
    process.kill()
    process.wait()
    process.stdout.close()
