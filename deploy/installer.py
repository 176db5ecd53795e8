"""Runs pip quietly, with progress: its output goes to a log file and is shown only where it fails.

Standard library only: it runs before anything is installed.
"""

from __future__ import annotations

import os
import selectors
import subprocess
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from deploy.folders import Folders
from deploy.progress import Step

SHOWN_LINES = 25
TICK_S = 0.2

OPTIONS = ("--no-input", "--disable-pip-version-check", "--no-color", "--progress-bar=off")


class SetupError(Exception):
    """The set-up cannot go on; the message is for the person at the terminal."""


@dataclass(frozen=True)
class Pip:
    """The pip of one interpreter; `log` takes all that it says."""

    python: Path
    folders: Folders
    log: Path

    def run(self, step: Step, command: str, *arguments: str, notice: Callable[[str], str | None]) -> None:
        """Run `pip COMMAND ARGUMENTS`; `notice` turns a line of output (or "" at each tick) into the step's detail.

        Raises SetupError with the end of pip's output.
        """
        self.folders.temporary.mkdir(parents=True, exist_ok=True)
        self.log.parent.mkdir(parents=True, exist_ok=True)
        environment = os.environ | self.folders.variables() | {"TMPDIR": str(self.folders.temporary)}
        process = subprocess.Popen(
            [self.python, "-m", "pip", command, *OPTIONS, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=environment,
        )
        try:
            last = self._follow(process, step, notice)
        except BaseException:
            process.terminate()
            process.wait()
            raise
        if process.returncode != 0:
            shown = "\n".join(f"    {line}" for line in last)
            raise SetupError(f"pip {command} failed (all of its output: {self.log}):\n{shown}")

    def download(self, step: Step, pins: Path, destination: Path, wheel_bytes: int) -> Path:
        """Fetch the one wheel, of about so many bytes, that `pins` names, and give where it lies; raises SetupError."""
        destination.mkdir(parents=True, exist_ok=True)
        self.run(
            step,
            "download",
            "--no-deps",
            "--only-binary=:all:",
            "--require-hashes",
            f"--requirement={pins}",
            f"--dest={destination}",
            notice=lambda line: f"{min(99, 100 * size(self.folders.temporary) // wheel_bytes)} % downloaded",
        )
        (wheel,) = destination.glob("*.whl")
        return wheel

    def _follow(self, process: subprocess.Popen[bytes], step: Step, notice: Callable[[str], str | None]) -> list[str]:
        """Log the output until the process ends; gives its last lines."""
        last: deque[str] = deque(maxlen=SHOWN_LINES)
        assert process.stdout is not None
        with selectors.DefaultSelector() as selector, self.log.open("ab") as log, process.stdout as output:
            selector.register(output, selectors.EVENT_READ)
            rest = b""
            while True:
                if not selector.select(TICK_S):
                    step.update(notice(""))
                    continue
                chunk = os.read(output.fileno(), 65536)
                if not chunk:
                    break
                log.write(chunk)
                *lines, rest = (rest + chunk).split(b"\n")
                for line in (raw.decode(errors="replace").rstrip() for raw in lines):
                    last.append(line)
                    step.update(notice(line))
        process.wait()
        return list(last)


def size(folder: Path) -> int:
    """Bytes in all files under a folder in which others write and remove; what vanishes meanwhile counts as nothing."""
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.lstat(os.path.join(parent, name)).st_size
            except FileNotFoundError:
                continue
    return total
