"""Installs Debian packages, where this is Debian (or its like) and we are root.

Standard library only: it runs before anything is installed.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from deploy.installer import SetupError
from deploy.progress import Step

# OpenCV, in the build that paddlex insists on, can also open windows, so it wants these even where there are none.
QUIETLY = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}

OPENCV_LIBRARIES = ("libGL.so.1", "libgthread-2.0.so.0")
OPENCV_PACKAGES = ("libgl1", "libglib2.0-0")


def ensure_libraries() -> None:
    """Bring the system libraries that OpenCV cannot be imported without; raises SetupError if it cannot."""
    missing = [name for name in OPENCV_LIBRARIES if sys.platform == "linux" and not is_loadable(name)]
    if not missing:
        return
    try:
        install(OPENCV_PACKAGES)
    except SetupError as error:
        raise SetupError(
            f"OpenCV needs the system libraries {' and '.join(missing)}. {error} "
            f"On Debian or Ubuntu: apt-get install {' '.join(OPENCV_PACKAGES)}"
        ) from None


def is_loadable(library: str) -> bool:
    """Whether the dynamic linker finds a library."""
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def is_installed(package: str) -> bool:
    """Whether dpkg knows a package as installed."""
    try:
        asked = subprocess.run(
            ["dpkg-query", "--show", "--showformat=${db:Status-Status}", package],
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError:
        return False
    return asked.stdout == "installed"


def extract(package: str, folder: Path) -> None:
    """Unpack a package into `folder` without installing it: for a program whose service must not be started here.

    Raises SetupError. Root is not needed, but root's last apt-get update is.
    """
    if not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
        raise SetupError("There is no apt-get here to fetch it with.")
    folder.mkdir(parents=True, exist_ok=True)
    with Step(f"Debian package {package}, unpacked"), TemporaryDirectory(dir=folder) as download:
        run("apt-get", "-q", "-o", "APT::Sandbox::User=root", "download", package, cwd=download)
        for archive in Path(download).glob("*.deb"):
            run("dpkg-deb", "--extract", str(archive), str(folder))


def install(packages: Sequence[str]) -> None:
    """Install packages with apt-get; raises SetupError with the reason if it cannot."""
    if not shutil.which("apt-get"):
        raise SetupError("There is no apt-get here to install them with.")
    if os.geteuid() != 0:
        raise SetupError("Only root can install them.")
    with Step(f"Debian packages {' '.join(packages)}"):
        # An update may fail in part and still have brought what is needed: only the installation counts.
        with suppress(SetupError):
            run("apt-get", "-q", "update")
        run("apt-get", "-q", "install", "--yes", "--no-install-recommends", *packages)


def run(*command: str, cwd: str | None = None) -> None:
    """Run a program of Debian's; raises SetupError with what it says if it fails."""
    done = subprocess.run(
        list(command), cwd=cwd, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, env=QUIETLY
    )
    if done.returncode != 0:
        raise SetupError(f"{command[0]} failed: {done.stderr.strip()}")
