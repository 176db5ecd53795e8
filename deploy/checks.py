"""`deploy/test` inside the virtual environment: every check, then the whole test suite; all run, whatever fails."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from deploy.debian import install, is_installed
from deploy.folders import Folders
from deploy.installer import SetupError
from worker.training.fonts import Face

FONTS = sorted({face.value.package for face in Face})


def main(arguments: Sequence[str]) -> int:
    """Run all checks, `arguments` going to pytest; gives 0 if all passed."""
    ensure_fonts()
    folders = Folders.from_env()
    bin_folder = Path(sys.executable).parent
    commands = {
        "ruff check": ("ruff", "check"),
        "ruff format": ("ruff", "format", "--check"),
        "mypy": ("mypy",),
        "import-linter": ("lint-imports", "--cache-dir", str(folders.home / "cache" / "import-linter")),
        "pytest": ("pytest", *arguments),
    }
    failed = []
    for title, (program, *rest) in commands.items():
        print(f"\n── {title} {'─' * (70 - len(title))}", flush=True)
        if subprocess.run([bin_folder / program, *rest], check=False).returncode != 0:
            failed.append(title)
    if failed:
        print(f"\nFailed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


def ensure_fonts() -> None:
    """Install the fonts that test cards are rendered with, or say what is left out without them."""
    missing = [package for package in FONTS if not is_installed(package)]
    if not missing:
        return
    try:
        install(missing)
    except SetupError as error:
        names = " ".join(missing)
        print(f"Fonts missing: {names}. {error} Tests that render cards are skipped.", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
