"""`deploy/test` inside the virtual environment: every check, then the whole test suite; all run, whatever fails."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from deploy.debian import extract, install, is_installed
from deploy.folders import Folders
from deploy.installer import SetupError
from deploy.kubectl import ensure_kubectl, kubectl
from worker.training.fonts import Face

FAULTS = "--faults"

DEBIAN_PACKAGES = {
    "step the clock": ["faketime"],
    "render cards": sorted({face.value.package for face in Face}),
    "use the page": ["chromium", "chromium-driver"],
}
"""What tests want of Debian, by what they do with it."""

UNPACKED = {"prometheus": "usr/bin/promtool", "nginx": "usr/sbin/nginx"}
"""Packages of which tests want one program alone: installed, they would start a server."""


def main(arguments: Sequence[str]) -> int:
    """Run all checks, `arguments` going to pytest; gives 0 if all passed.

    With `--faults` first, the long form of the fault tests instead, which takes the other arguments.
    """
    if FAULTS in arguments[:1]:
        return subprocess.run([sys.executable, "-m", "tests.faults", *arguments[1:]], check=False).returncode
    ensure_packages()
    folders = Folders.from_env()
    ensure_tools(folders)
    bin_folder = Path(sys.executable).parent
    commands = {
        "ruff check": ("ruff", "check"),
        "ruff format": ("ruff", "format", "--check"),
        "mypy": ("mypy",),
        "import-linter": ("lint-imports", "--cache-dir", str(folders.home / "cache" / "import-linter")),
        "pytest": ("pytest", *arguments),
    }
    path = [str((folders.tools / program).parent) for program in UNPACKED.values()] + [str(kubectl(folders).parent)]
    environment = os.environ | {"PATH": os.pathsep.join([os.environ["PATH"], *path])}
    failed = []
    for title, (program, *rest) in commands.items():
        print(f"\n── {title} {'─' * (70 - len(title))}", flush=True)
        if subprocess.run([bin_folder / program, *rest], env=environment, check=False).returncode != 0:
            failed.append(title)
    if failed:
        print(f"\nFailed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


def ensure_packages() -> None:
    """Install the Debian packages that tests want, or say which tests are left out without them."""
    for purpose, wanted in DEBIAN_PACKAGES.items():
        missing = [package for package in wanted if not is_installed(package)]
        if not missing:
            continue
        try:
            install(missing)
        except SetupError as error:
            print(f"Missing: {' '.join(missing)}. {error} Tests that {purpose} are skipped.", file=sys.stderr)


def ensure_tools(folders: Folders) -> None:
    """Fetch the programs of UNPACKED and kubectl, or say which are left out."""
    for package, program in UNPACKED.items():
        if (folders.tools / program).exists() or shutil.which(Path(program).name):
            continue
        try:
            extract(package, folders.tools)
        except SetupError as error:
            print(f"Missing: {package}. {error} Tests that use it are skipped.", file=sys.stderr)
    try:
        ensure_kubectl(folders)
    except SetupError as error:
        print(f"Missing: kubectl. {error} Tests that use it are skipped.", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
