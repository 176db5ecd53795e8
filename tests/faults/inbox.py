"""Where the webhooks of the fault tests go: a receiver that notes what comes, and refuses some of it at first."""

from __future__ import annotations

import json
import threading
from collections import defaultdict

from deploy.webhook_receiver import WebhookReceiver

REFUSED_AT_FIRST = 10
"""One webhook in so many is answered with 503 when it comes first."""


class Inbox:
    """Receives while it is entered."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ids: dict[str, set[str]] = defaultdict(set)
        self._bodies: dict[str, set[bytes]] = defaultdict(set)
        self._refused: set[str] = set()
        self._receiver = WebhookReceiver(0, self._receive)
        self._thread = threading.Thread(target=self._receiver.serve_forever, daemon=True)
        self.url = self._receiver.url

    def __enter__(self) -> Inbox:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._receiver.shutdown()
        self._receiver.server_close()
        self._thread.join()

    def webhook_ids(self, job_id: str) -> int:
        """Under how many ids the end of this job has arrived."""
        with self._lock:
            return len(self._ids[job_id])

    def documents(self, job_id: str) -> set[bytes]:
        """The documents that have arrived for this job."""
        with self._lock:
            return set(self._bodies[job_id])

    def _receive(self, headers: dict[str, str], body: bytes) -> int:
        webhook_id = headers["webhook-id"]
        with self._lock:
            if hash(webhook_id) % REFUSED_AT_FIRST == 0 and webhook_id not in self._refused:
                self._refused.add(webhook_id)
                return 503
            job_id = json.loads(body)["data"]["id"]
            self._ids[job_id].add(webhook_id)
            self._bodies[job_id].add(body)
        return 200
