"""Clients that send images while faults are made, and note what each was told.

Every request carries an Idempotency-Key. A client that got no answer does not know what became of its request, so it
sends it again under the same key until it knows. Where the answer is a refusal (503), two of three clients come again
and the third one takes it for what it is: there must be nothing of its request.
"""

from __future__ import annotations

import http.client
import itertools
import json
import re
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from shared.client import RESOURCE
from tests.faults.marks import ORDINARY, Mark

THREADS = 4
TIMEOUT_S = 30
AGAIN_AFTER_S = 0.3
GIVE_UP_AFTER_S = 180
LESS_PATIENT = 3


@dataclass
class Traffic:
    """What was sent and what was answered: ids of accepted jobs with their marks, and refusals by errorType."""

    accepted: dict[str, Mark] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    unknown: int = 0
    """Requests that never got a clear answer."""
    wrong: list[str] = field(default_factory=list)
    """Answers that the contract does not allow, as `answer_name` names them."""

    @property
    def sent(self) -> int:
        """Requests that have been settled; a poll is none."""
        wrong = sum(name.startswith("POST") for name in self.wrong)
        return len(self.accepted) + len(self.refused) + self.unknown + wrong


class Connection:
    """One connection to the API, made anew after it broke."""

    def __init__(self, port: int, key: str) -> None:
        self._port = port
        self._headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        self._connection: http.client.HTTPConnection | None = None

    def ask(
        self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> tuple[int, bytes] | None:
        """Status and body of the answer; None where the connection broke before there was one."""
        if self._connection is None:
            self._connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=TIMEOUT_S)
        try:
            self._connection.request(method, path, body, self._headers | (headers or {}))
            answer = self._connection.getresponse()
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException):
            self._connection.close()
            self._connection = None
            return None


def answer_name(method: str, status: int, body: bytes) -> str:
    """What an answer that must not come is called in the tally: `GET 404 job_not_found`."""
    found = re.search(rb'"errorType": *"(\w+)"', body)
    return f"{method} {status}" + (f" {found[1].decode()}" if found else "")


class Senders:
    """Sends `count` images at no more than `rate` a second from several threads, and polls beside that."""

    def __init__(
        self, port: int, key: str, callback_url: str, count: int, rate: float, special: Sequence[Mark], one_in: int
    ) -> None:
        self.traffic = Traffic()
        self._callback_url = callback_url
        self._port, self._key, self._count, self._rate = port, key, count, rate
        self._special, self._one_in = special, one_in
        self._numbers = itertools.count()
        self._lock = threading.Lock()
        self._begun = time.monotonic()
        self._threads = [threading.Thread(target=self._send_all, daemon=True) for _ in range(THREADS)]
        self._poller = threading.Thread(target=self._poll, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._begun = time.monotonic()
        for thread in (*self._threads, self._poller):
            thread.start()

    @property
    def done(self) -> bool:
        """Whether every request is settled."""
        return not any(thread.is_alive() for thread in self._threads)

    def _send_all(self) -> None:
        connection = Connection(self._port, self._key)
        while (number := next(self._numbers)) < self._count:
            due = self._begun + number / self._rate
            time.sleep(max(0.0, due - time.monotonic()))
            self._send(connection, number)

    def _send(self, connection: Connection, number: int) -> None:
        mark = self._mark(number)
        payload = {"image": mark.image, "referenceId": f"r-{number}", "callbackUrl": self._callback_url}
        body = json.dumps(payload).encode()
        is_impatient = number % LESS_PATIENT == 0
        is_certain = True
        deadline = time.monotonic() + GIVE_UP_AFTER_S
        while time.monotonic() < deadline:
            answer = connection.ask("POST", RESOURCE, body, {"Idempotency-Key": f"k-{number}"})
            status = answer[0] if answer else None
            with self._lock:
                if answer and status == 202:
                    self.traffic.accepted[json.loads(answer[1])["data"]["id"]] = mark
                    return
                if answer and status == 503 and is_impatient and is_certain:
                    self.traffic.refused.append(json.loads(answer[1])["errors"]["errorType"])
                    return
                if answer and status != 503:
                    self.traffic.wrong.append(answer_name("POST", *answer))
                    return
            if answer is None:
                is_certain = False
            time.sleep(AGAIN_AFTER_S)
        with self._lock:
            self.traffic.unknown += 1

    def _mark(self, number: int) -> Mark:
        if self._special and number % self._one_in == 1:
            return self._special[number // self._one_in % len(self._special)]
        return ORDINARY[number % len(ORDINARY)]

    def _poll(self) -> None:
        """What was accepted is there at any time: a poll finds it (200) or Redis is away (503)."""
        connection, place = Connection(self._port, self._key), 0
        while not self.done:
            with self._lock:
                ids = list(self.traffic.accepted)
            time.sleep(0.05)
            if not ids:
                continue
            place = (place + 7) % len(ids)
            answer = connection.ask("GET", f"{RESOURCE}/{ids[place]}")
            if answer and answer[0] not in (200, 503):
                with self._lock:
                    self.traffic.wrong.append(answer_name("GET", *answer))
