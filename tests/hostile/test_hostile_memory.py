"""Bodies that together are more than a process has memory for: one client must not take the API from the others."""

from __future__ import annotations

import base64
import http.client
import json
import os
import threading
import time
from pathlib import Path

import psutil

from tests.hostile.conftest import KEY, URL, Api
from tests.hostile.images import PNG_START, chunk
from tests.hostile.images import make_png as make_bomb

COUNT, MOST_MB = 24, 1000
"""Unbounded these took 2 GB; the container of the API has 1 GiB (deploy/kubernetes)."""


def large_batch() -> bytes:
    """A batch of 30 MB: 50 images of 470 KB each."""
    small = make_bomb(60, 60)
    start = len(PNG_START) + 25
    image = small[:start] + chunk(b"tEXt", os.urandom(470_000)) + small[start:]
    return json.dumps({"items": [{"image": base64.b64encode(image).decode()}] * 50}).encode()


def memory_of_api_mb() -> float:
    children = [each for each in psutil.Process().children(recursive=True) if "gunicorn" in " ".join(each.cmdline())]
    rollups = [Path(f"/proc/{each.pid}/smaps_rollup").read_text() for each in children]
    pss = (next(line for line in text.splitlines() if line.startswith("Pss:")) for text in rollups)
    return sum(int(line.split()[1]) for line in pss) / 1024


def test_many_large_batches_at_once_are_bounded(api: Api):
    body, statuses = large_batch(), []

    def send() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", api.port, timeout=120)
        headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
        connection.request("POST", f"{URL}/batches", body, headers)
        statuses.append(connection.getresponse().status)
        connection.close()

    senders = [threading.Thread(target=send) for _ in range(COUNT)]
    for sender in senders:
        sender.start()
    most = 0.0
    while any(sender.is_alive() for sender in senders):
        most = max(most, memory_of_api_mb())
        time.sleep(0.05)
    assert len(statuses) == COUNT
    assert set(statuses) <= {202, 503}
    assert 202 in statuses
    assert most < MOST_MB
