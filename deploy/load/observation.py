"""What is watched while load is on: the age of the queue, and the memory of the processes and of Valkey."""

from __future__ import annotations

import os
import threading
from collections import defaultdict
from pathlib import Path
from typing import cast

from redis import Redis

from shared.redis_keys import WAITING, redis_time_ms

EVERY_S = 0.5
MB = 1024 * 1024
ROLES = {"gunicorn": "API", "spawn_main": "workers", "worker.app": "workers", "worker.sweeper": "sweeper"}
"""What stands on the command line of a process → what it is counted as."""


class Observation:
    """Samples from its start to its end; keeps the most of everything."""

    def __init__(self, redis: Redis) -> None:
        self.oldest_s = 0.0
        self.waiting = 0
        self.megabytes: dict[str, float] = defaultdict(float)
        self._redis = redis
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> Observation:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._stop.wait(EVERY_S):
            oldest = cast("list[tuple[bytes, float]]", self._redis.zrange(WAITING, 0, 0, withscores=True))
            if oldest:
                self.oldest_s = max(self.oldest_s, (redis_time_ms(self._redis) - oldest[0][1]) / 1000)
            self.waiting = max(self.waiting, self._redis.zcard(WAITING))
            used = self._redis.info("memory")["used_memory"]
            for role, megabytes in {"Valkey": used / MB, **memory_by_role()}.items():
                self.megabytes[role] = max(self.megabytes[role], megabytes)


def memory_by_role() -> dict[str, float]:
    """MB of the processes below this one, by what they are; what they share is counted once each (PSS)."""
    found: dict[str, float] = defaultdict(float)
    for pid in _descendants(os.getpid()):
        try:
            command = Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
            rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
        except OSError:
            continue
        role = next((role for word, role in ROLES.items() if word in command), None)
        if role:
            found[role] += int(next(line for line in rollup.splitlines() if line.startswith("Pss:")).split()[1]) / 1024
    return found


def _descendants(pid: int) -> list[int]:
    children: dict[int, list[int]] = defaultdict(list)
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                # The name of a process, in brackets, may itself hold blanks and brackets.
                parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
            children[parent].append(int(folder.name))
    found, left = [], [pid]
    while left:
        below = children[left.pop()]
        found += below
        left += below
    return found
