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

from deploy.installer import SetupError
from deploy.progress import Step

# OpenCV, in the build that paddlex insists on, can also open windows, so it wants these even where there are none.
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


def install(packages: Sequence[str]) -> None:
    """Install packages with apt-get; raises SetupError with the reason if it cannot."""
    if not shutil.which("apt-get"):
        raise SetupError("There is no apt-get here to install them with.")
    if os.geteuid() != 0:
        raise SetupError("Only root can install them.")
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    with Step(f"Debian packages {' '.join(packages)}"):
        for command in (("update",), ("install", "--yes", "--no-install-recommends", *packages)):
            done = subprocess.run(
                ["apt-get", "-q", *command],
                env=environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=False,
            )
    # Only the installation counts: an update may fail in part and still have brought what is needed.
    if done.returncode != 0:
        raise SetupError(f"apt-get install failed: {done.stderr.strip()}")
