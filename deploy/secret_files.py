"""Files that only their owner can read: the keys that `up` makes once and keeps, and the address of its Redis."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from pathlib import Path


def new_api_key() -> str:
    """A key for KARTU_BOOTSTRAP_KEY."""
    return f"kartu_local_{secrets.token_urlsafe(32)}"


def kept(path: Path, make: Callable[[], str]) -> str:
    """The secret in this file; where there is none yet, a new one from `make`, which is kept there."""
    if not path.exists():
        write_private(path, make())
    return path.read_text().strip()


def write_private(path: Path, text: str) -> None:
    """Write a file that never existed half or with other rights than 0600."""
    unfinished = path.with_name(path.name + ".new")
    unfinished.unlink(missing_ok=True)
    with open(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.write(text + "\n")
    os.replace(unfinished, path)
