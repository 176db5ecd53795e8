"""Runs the command line of a compose service on this machine as shut in as its container is, as far as Linux lets us.

A mount namespace of its own: the file system is read-only but for the tmpfs of the service, all capabilities are gone
and none can come back. The network is the machine's, so hosts and ports are others than in the container.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from deploy.folders import PROJECT, Folders
from shared.settings import Settings

KARTU_HOME = "/var/lib/kartu"
"""That of worker.Dockerfile, which has the weights there."""

_CONFINE = f"""
set -e
mount --make-rprivate /
mount -t tmpfs tmpfs /var/lib
mkdir -p {KARTU_HOME}/weights /var/lib/project /var/lib/home
[ ! -d "$WEIGHTS" ] || mount --bind "$WEIGHTS" {KARTU_HOME}/weights
mount --bind "$PROJECT" /var/lib/project
mount --bind "$HOME_FOLDER" /var/lib/home
mount -t tmpfs tmpfs /run
for folder in $WRITABLE; do mkdir -p "$folder"; mount -t tmpfs -o mode=1777 tmpfs "$folder"; done
# A project that lies under one of them, in /tmp say, is hidden now.
[ -e "$PROJECT/pyproject.toml" ] || {{ mkdir -p "$PROJECT"; mount --bind /var/lib/project "$PROJECT"; }}
[ -e "$HOME_FOLDER/venv" ] || {{ mkdir -p "$HOME_FOLDER"; mount --bind /var/lib/home "$HOME_FOLDER"; }}
for folder in / /run /var/lib "$PROJECT" "$HOME_FOLDER"; do
    # Those of the project are mounts of their own if they were hidden.
    ! mountpoint -q "$folder" || mount -o remount,bind,ro "$folder"
done
cd "$PROJECT"
exec setpriv --bounding-set=-all --inh-caps=-all --no-new-privs "$@"
"""
_UNSHARE = ("unshare", "--mount") if os.geteuid() == 0 else ("unshare", "--mount", "--user", "--map-root-user")


def is_possible() -> bool:
    """Whether a command can be shut in so here."""
    try:
        done = subprocess.run(confined(["true"], ()), env=_places(), capture_output=True, timeout=20, check=False)
    except OSError:
        return False
    return done.returncode == 0


def confined(command: list[str], writable: tuple[str, ...]) -> list[str]:
    """The command line that runs `command` where only the folders `writable`, empty at first, can be written."""
    return [*_UNSHARE, "sh", "-c", f"WRITABLE={shlex.quote(' '.join(writable))}\n{_CONFINE}", "sh", *command]


def environment_of(service: Mapping[str, Any], replaced: Mapping[str, str]) -> dict[str, str]:
    """The variables of a container: of its image, then of the service; `replaced` has what differs on this machine."""
    own = {name: _default(value) for name, value in service.get("environment", {}).items()}
    venv = str(Path(sys.executable).parent)
    return {
        "PATH": os.pathsep.join([venv, os.defpath, "/usr/sbin"]),
        # There is no such folder in the images either.
        "HOME": "/nonexistent",
        **_of_image(service),
        **{name: _replace(value, replaced) for name, value in own.items()},
        **_places(),
    }


def words_of(service: Mapping[str, Any], replaced: Mapping[str, str]) -> list[str]:
    """The words of its command."""
    return [_replace(_default(word), replaced) for word in shlex.split(service["command"])]


def health_check_of(service: Mapping[str, Any], replaced: Mapping[str, str]) -> list[str]:
    """The words of its health check."""
    kind, *words = service["healthcheck"]["test"]
    words = [_replace(word.replace("$$", "$"), replaced) for word in words]
    return ["sh", "-c", *words] if kind == "CMD-SHELL" else words


def writable_in(service: Mapping[str, Any]) -> tuple[str, ...]:
    """The folders of its tmpfs."""
    return tuple(mount.split(":")[0] for mount in service["tmpfs"])


def _of_image(service: Mapping[str, Any]) -> dict[str, str]:
    """What its Dockerfile sets with ENV."""
    text = (PROJECT / service["build"]["dockerfile"]).read_text().replace("\\\n", " ") if "build" in service else ""
    lines = re.findall(r"^ENV (.*)$", text, re.MULTILINE)
    return dict(pair.split("=", 1) for line in lines for pair in shlex.split(line))


def _default(value: str) -> str:
    """A value of the compose file where no variable is set."""
    return re.sub(r"\$\{\w+(?::-([^}]*)|:\?[^}]*)\}", lambda found: found[1] or "", value)


def _replace(value: str, replaced: Mapping[str, str]) -> str:
    for before, after in replaced.items():
        value = value.replace(before, after)
    return value


def _places() -> dict[str, str]:
    return {
        "PROJECT": str(PROJECT),
        "HOME_FOLDER": str(Folders.from_env().home),
        "WEIGHTS": str(Settings.from_env().weights),
    }
