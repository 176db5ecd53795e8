"""What the processes below this one take: memory and processor time, by what they are."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

ROLES = {
    "gunicorn": "API",
    "spawn_main": "workers",
    "worker.app": "workers",
    "worker.sweeper": "sweeper",
    "valkey-server": "Valkey",
}
"""What stands on the command line of a process → what it is counted as."""

_TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")


def memory_by_role() -> dict[str, float]:
    """MB of the processes; what they share is counted once each (PSS)."""
    found: dict[str, float] = defaultdict(float)
    for role, process in _processes():
        found[role] += _kilobytes(process / "smaps_rollup", "Pss:") / 1024
    return found


def largest_resident(role: str) -> float:
    """MB of the largest process of that role, shared libraries and all (RSS)."""
    found = (_kilobytes(process / "status", "VmRSS:") / 1024 for each, process in _processes() if each == role)
    return max(found, default=0.0)


def processor_seconds() -> dict[str, float]:
    """Processor time that the processes have taken since they were started, by role."""
    found: dict[str, float] = defaultdict(float)
    for role, process in _processes():
        with suppress(OSError):
            user, system = _stat(process)[11:13]
            found[role] += (int(user) + int(system)) / _TICKS_A_SECOND
    return found


def _processes() -> Iterator[tuple[str, Path]]:
    """Role and folder in /proc of each process below this one that has a role."""
    for pid in _descendants(os.getpid()):
        process = Path(f"/proc/{pid}")
        # It may end while it is looked at.
        with suppress(OSError):
            command = (process / "cmdline").read_text()
            role = next((role for word, role in ROLES.items() if word in command), None)
            if role:
                yield role, process


def _kilobytes(table: Path, name: str) -> int:
    try:
        return int(next(line for line in table.read_text().splitlines() if line.startswith(name)).split()[1])
    except (OSError, StopIteration):
        return 0


def _stat(process: Path) -> list[str]:
    """What /proc/PID/stat has behind the name, which may itself hold blanks and brackets."""
    return (process / "stat").read_text().rpartition(")")[2].split()


def _descendants(pid: int) -> list[int]:
    children: dict[int, list[int]] = defaultdict(list)
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                parent = int(_stat(folder)[1])
            except OSError:
                continue
            children[parent].append(int(folder.name))
    found, left = [], [pid]
    while left:
        below = children[left.pop()]
        found += below
        left += below
    return found
