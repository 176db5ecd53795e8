"""Clients for the measurement: arrivals that wait for nobody, clients that send slowly, and one that polls."""

from __future__ import annotations

import http.client
import json
import random
import socket
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from deploy.load.service import MeasuredService
from shared.client import RESOURCE

ENDED = ("succeeded", "failed")
SENDERS = 64
TIMEOUT_S = 60
POLL_EVERY_S = 0.05
SLOW_BYTES, SLOW_EVERY_S = 200, 0.2


@dataclass
class Arrivals:
    """What came of the requests of a span: accepted ids by the time at which they were due, and refusals."""

    seconds: float
    accepted: dict[str, float] = field(default_factory=dict)
    refused: int = 0
    failed: int = 0
    answer_s: list[float] = field(default_factory=list)


def ask(
    service: MeasuredService, method: str, path: str, body: bytes | None = None, prefer: str = ""
) -> tuple[int, dict[str, Any]]:
    """One request on a connection of its own; gives status and JSON."""
    connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=TIMEOUT_S + 10)
    headers = {"Authorization": f"Bearer {service.key}", "Content-Type": "application/json"}
    try:
        connection.request(method, path, body, headers | ({"Prefer": prefer} if prefer else {}))
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


def arrive(service: MeasuredService, bodies: Sequence[bytes], rate: float, seconds: float, seed: int) -> Arrivals:
    """Send requests as independent clients do: a Poisson process of `rate` a second, however slow the answers are."""
    chance, arrivals, lock = random.Random(seed), Arrivals(seconds), threading.Lock()

    def send(due: float, body: bytes) -> None:
        try:
            status, document = ask(service, "POST", RESOURCE, body)
        except (OSError, http.client.HTTPException, ValueError):
            status, document = 0, {}
        with lock:
            arrivals.answer_s.append(time.time() - due)
            if status == 202:
                arrivals.accepted[document["data"]["id"]] = due
            elif status == 503:
                arrivals.refused += 1
            else:
                arrivals.failed += 1

    with ThreadPoolExecutor(SENDERS) as pool:
        due, end = time.time(), time.time() + seconds
        while (due := due + chance.expovariate(rate)) < end:
            time.sleep(max(0.0, due - time.time()))
            pool.submit(send, due, chance.choice(bodies))
    return arrivals


def latencies(service: MeasuredService, arrivals: Arrivals, within_s: float) -> list[float]:
    """Seconds from when each accepted request was due to the end of its job; those that do not end are left out."""
    found, deadline = [], time.time() + within_s
    for job_id, due in arrivals.accepted.items():
        document: dict[str, Any] = {"data": {}}
        while document["data"].get("status") not in ENDED and time.time() < deadline:
            _, document = ask(service, "GET", f"{RESOURCE}/{job_id}", prefer=f"wait={TIMEOUT_S}")
        if "finishedAt" in document["data"]:
            found.append(datetime.fromisoformat(document["data"]["finishedAt"]).timestamp() - due)
    return found


def poll(service: MeasuredService, job_id: str, seconds: float) -> list[float]:
    """Ask for a job again and again; gives how long each answer took, in seconds."""
    taken, end = [], time.monotonic() + seconds
    while time.monotonic() < end:
        asked = time.monotonic()
        ask(service, "GET", f"{RESOURCE}/{job_id}")
        taken.append(time.monotonic() - asked)
        time.sleep(POLL_EVERY_S)
    return taken


class SlowClients:
    """So many clients that send their bodies a few bytes at a time for as long as the block takes."""

    def __init__(self, service: MeasuredService, count: int, body: bytes) -> None:
        self._service, self._body = service, body
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._dribble) for _ in range(count)]

    def __enter__(self) -> SlowClients:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _dribble(self) -> None:
        head = (
            f"POST {RESOURCE} HTTP/1.1\r\nHost: kartu\r\nAuthorization: Bearer {self._service.key}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(self._body)}\r\n\r\n"
        )
        while not self._stop.is_set():
            with socket.create_connection(("127.0.0.1", self._service.port), timeout=TIMEOUT_S) as connection:
                try:
                    connection.sendall(head.encode())
                    for place in range(0, len(self._body), SLOW_BYTES):
                        connection.sendall(self._body[place : place + SLOW_BYTES])
                        if self._stop.wait(SLOW_EVERY_S):
                            return
                except OSError:
                    # Given up by the service: the next one of its kind comes.
                    continue
