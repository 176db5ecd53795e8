"""Makes the virtual environment and installs the pinned packages and the project itself into it.

A stamp in the environment stands for each finished step, keyed by what went into it: a second start does nothing, and
one after an interruption goes on. Standard library only: it runs before anything is installed.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import platform
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.folders import PROJECT, Folders
from deploy.installer import Pip, SetupError
from deploy.progress import Step

REQUIREMENTS = PROJECT / "deploy" / "requirements"

INTERPRETER = f"{sys.version_info[0]}.{sys.version_info[1]} {platform.machine()}"


def ensure_environment(folders: Folders, *, dev: bool = False, traced: bool = False) -> None:
    """Make `folders.venv` what the pins say; raises SetupError.

    With the tools of `deploy/test` if `dev`, and with OpenTelemetry if `traced`.
    """
    run_pins = REQUIREMENTS / "run.txt"
    # The path is part of it: the scripts of an environment that was moved no longer start.
    run = digest(INTERPRETER, str(folders.venv), run_pins.read_bytes())
    if not (is_stamped(folders.venv, "run", run) and folders.python.exists()):
        create(folders)
        install(folders, run_pins, "Python packages")
        stamp(folders.venv, "run", run)
    for extra, title, is_wanted in (("dev", "Test tools", dev), ("otel", "OpenTelemetry", traced)):
        pins = REQUIREMENTS / f"{extra}.txt"
        key = digest(run, pins.read_bytes())
        if is_wanted and not is_stamped(folders.venv, extra, key):
            install(folders, pins, title)
            stamp(folders.venv, extra, key)
    project = digest(run, str(PROJECT), (PROJECT / "pyproject.toml").read_bytes())
    if not is_stamped(folders.venv, "project", project):
        install_project(folders)
        stamp(folders.venv, "project", project)


def create(folders: Folders) -> None:
    """Make an empty virtual environment where an old or half-made one may be."""
    try:
        import ensurepip  # noqa: F401  (Debian leaves it out of python3)
        import venv
    except ImportError:
        raise SetupError(
            "This Python cannot make virtual environments. On Debian or Ubuntu: apt-get install python3-venv"
        ) from None
    with Step("Virtual environment"):
        if folders.venv.exists():
            refuse_while_running(folders)
            shutil.rmtree(folders.venv)
        venv.create(folders.venv, with_pip=True, symlinks=True)


def refuse_while_running(folders: Folders) -> None:
    """Raise SetupError while an `up` runs from the environment that is to be removed."""
    with folders.up_lock.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SetupError(
                "The pinned packages have changed, and a ./deploy/up still runs with the old ones: stop it first."
            ) from None


def install(folders: Folders, pins: Path, title: str) -> None:
    """Install exactly what `pins` names, each file checked by its hash."""
    total = sum("==" in line for line in pins.read_text().splitlines())
    with Step(title) as step:
        Pip(folders.python, folders, folders.logs / "setup.log").run(
            # Wheels only: a source package would run its own code, and would need a compiler.
            step,
            "install",
            "--require-hashes",
            "--only-binary=:all:",
            f"--requirement={pins}",
            notice=installation_notice(total, folders.venv),
        )


def installation_notice(total: int, venv: Path) -> Callable[[str], str | None]:
    """What to show for each line of `pip install`, and while there is none: how many packages are there by now."""
    collected = 0
    installing = False
    packages = "lib/python*/site-packages/*.dist-info"
    before = len(list(venv.glob(packages)))

    def notice(line: str) -> str | None:
        nonlocal collected, installing
        words = line.split()
        if words[:1] == ["Collecting"] or words[:2] == ["Requirement", "already"]:
            collected += 1
            name = words[1 if words[0] == "Collecting" else 3].split("==")[0]
            return f"{min(99, 100 * collected // total)} % downloaded ({name})"
        if words[:3] == ["Installing", "collected", "packages:"]:
            installing = True
        if installing:
            # pip says nothing while it installs, which takes longer than the download.
            return f"{len(list(venv.glob(packages))) - before} of {total} installed"
        return None

    return notice


def install_project(folders: Folders) -> None:
    """Install the project itself, editable; needs no network, as what builds it is among the pins."""
    with Step("Kartu itself") as step:
        Pip(folders.python, folders, folders.logs / "setup.log").run(
            step,
            "install",
            "--no-deps",
            "--no-build-isolation",
            "--no-index",
            f"--editable={PROJECT}",
            notice=lambda line: None,
        )


def digest(*parts: str | bytes) -> str:
    """One hash over all the parts."""
    whole = hashlib.sha256()
    for part in parts:
        raw = part.encode() if isinstance(part, str) else part
        whole.update(len(raw).to_bytes(8, "big") + raw)
    return whole.hexdigest()


def is_stamped(venv: Path, step: str, key: str) -> bool:
    """Whether this step was finished with this key."""
    mark = venv / f"kartu-{step}.stamp"
    return mark.is_file() and mark.read_text() == key


def stamp(venv: Path, step: str, key: str) -> None:
    """Say that the step is finished; the very last thing that a step does."""
    mark = venv / f"kartu-{step}.stamp"
    unfinished = mark.with_suffix(".new")
    unfinished.write_text(key)
    os.replace(unfinished, mark)


@contextmanager
def only_set_up(folders: Folders) -> Iterator[None]:
    """Wait until no other set-up is at work in this folder, and keep others waiting meanwhile."""
    folders.home.mkdir(parents=True, exist_ok=True)
    with folders.setup_lock.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Another set-up is at work in this folder; waiting for it …", file=sys.stderr, flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            yield
        finally:
            shutil.rmtree(folders.temporary, ignore_errors=True)
