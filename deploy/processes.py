"""Starts child processes, watches them and stops them: in order, in time, and leaving none behind."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from pathlib import Path

from deploy.folders import PROJECT

STOPPING = frozenset({signal.SIGINT, signal.SIGTERM, signal.SIGHUP})
TICK_S = 0.1
KEPT_LOGS = 3
SHOWN_LINES = 20
PR_SET_PDEATHSIG = 1
RESTARTS_WITHIN_S = 60.0

# Looked up before any fork: between fork and exec a child should do as little as it can.
PRCTL = ctypes.CDLL(None).prctl if sys.platform == "linux" else None


@dataclass(frozen=True)
class Program:
    """What to start: `stop_within_s` is how long it has between SIGTERM and SIGKILL."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(repr=False)
    stop_within_s: float
    kept_open: tuple[int, ...] = ()


class ChildDiedError(Exception):
    """A child ended by itself; the message says which, how, and what it wrote last."""


class Supervisor:
    """The children of this process, in the order in which they were started."""

    def __init__(self, logs: Path, most_restarts: int = 5) -> None:
        """`most_restarts` of one child within a minute: one that dies again after that will always die."""
        self._logs = logs
        self._most_restarts = most_restarts
        self._restarts: dict[str, list[float]] = {}
        self._running: list[tuple[Program, subprocess.Popen[bytes]]] = []

    def start(self, program: Program) -> None:
        """Start a child in a process group of its own, so that Ctrl-C reaches only this process; output to its log."""
        self._start(program, len(self._running))

    def revive(self) -> list[str]:
        """Start again what has ended by itself; gives how. Raises ChildDiedError for one that does so ever again."""
        ended = []
        for place, (program, process) in enumerate(self._running):
            if process.poll() is None:
                continue
            now = time.monotonic()
            recent = [when for when in self._restarts.get(program.name, []) if now - when < RESTARTS_WITHIN_S]
            if len(recent) >= self._most_restarts:
                self.check()
            self._restarts[program.name] = [*recent, now]
            ended.append(f"{program.name} ended with {how_it_ended(process)}")
            # Children that outlived it may hold the port, or work on what the new one takes up.
            kill_group(process.pid)
            self._start(program, place)
        return ended

    def _start(self, program: Program, place: int) -> None:
        log = self._log(program)
        rotate(log)
        # A signal in here would leave a child that nobody has noted down.
        usual = signal.pthread_sigmask(signal.SIG_BLOCK, STOPPING)
        try:
            with log.open("wb") as output:
                process = subprocess.Popen(
                    program.command,
                    cwd=PROJECT,
                    env=dict(program.environment),
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                    pass_fds=program.kept_open,
                    preexec_fn=partial(tie_to_parent, os.getpid(), usual),
                )
            self._running[place : place + 1] = [(program, process)]
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, usual)

    def check(self) -> None:
        """Raise ChildDiedError if a child has ended by itself."""
        for program, process in self._running:
            if process.poll() is not None:
                log, how = self._log(program), how_it_ended(process)
                raise ChildDiedError(f"The process {program.name} ended with {how}. Its log, {log}:\n{last_lines(log)}")

    def wait_until(self, ready: Callable[[], bool], within_s: float, what: str) -> None:
        """Wait for `ready`; raises ChildDiedError if a child ends meanwhile, TimeoutError if it takes too long."""
        deadline = time.monotonic() + within_s
        while not ready():
            self.check()
            if time.monotonic() > deadline:
                raise TimeoutError(f"{what} did not happen within {within_s:.0f} s; the logs are in {self._logs}.")
            time.sleep(TICK_S)

    def stop(self, told: Callable[[str], None], hurry: Callable[[], bool]) -> None:
        """Stop all children, the last one started first; each is gone before the next is told to go.

        `told` takes the name of each; while `hurry` says so, all but the first one started get SIGKILL at once.
        """
        while self._running:
            program, process = self._running[-1]
            told(program.name)
            if process.poll() is None:
                process.terminate()
            deadline = time.monotonic() + program.stop_within_s
            while process.poll() is None and time.monotonic() < deadline and not (hurry() and len(self._running) > 1):
                time.sleep(TICK_S)
            kill_group(process.pid)
            process.wait()
            self._running.pop()

    def _log(self, program: Program) -> Path:
        return self._logs / f"{program.name}.log"


def tie_to_parent(parent: int, mask: set[int | signal.Signals]) -> None:
    """Runs in the child before its program: it gets SIGTERM when its parent dies, however that dies."""
    if PRCTL is not None:
        PRCTL(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)
    signal.pthread_sigmask(signal.SIG_SETMASK, mask)


def how_it_ended(process: subprocess.Popen[bytes]) -> str:
    """Exit status or signal of a process that has ended."""
    status = process.returncode
    return f"exit status {status}" if status >= 0 else f"signal {signal.Signals(-status).name}"


def kill_group(group: int) -> None:
    """SIGKILL to what is left of a process group."""
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        return


def rotate(log: Path) -> None:
    """Keep the logs of the last few starts: worker.log becomes worker.log.1, and so on."""
    log.parent.mkdir(parents=True, exist_ok=True)
    names = [log, *(log.with_name(f"{log.name}.{number}") for number in range(1, KEPT_LOGS + 1))]
    for newer, older in reversed(list(pairwise(names))):
        if newer.exists():
            newer.replace(older)


def last_lines(log: Path) -> str:
    """The end of a log, indented."""
    lines = log.read_text(errors="replace").splitlines()[-SHOWN_LINES:]
    return "\n".join(f"    {line}" for line in lines) or "    (empty)"
