"""The command line of `deploy/up`; read before the set-up, so that a mistake in it does not cost minutes.

Standard library only: it runs before anything is installed.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass

DEFAULT_PORT = 8000


@dataclass(frozen=True)
class UpOptions:
    """What `up` was asked for; `workers` None: as many as fit the machine."""

    once: bool
    port: int
    workers: int | None


def parse(arguments: Sequence[str]) -> UpOptions:
    """Read the command line; prints help or the mistake and exits where there is nothing to start."""
    parser = argparse.ArgumentParser(
        prog="./deploy/up",
        description="Set up what is missing, start Kartu, read a sample card through its API and stay until Ctrl-C.",
    )
    parser.add_argument("--once", action="store_true", help="end after the sample; exit 0 if it was read")
    parser.add_argument(
        "--port", type=port, default=DEFAULT_PORT, help=f"port of the API on 127.0.0.1 (default {DEFAULT_PORT})"
    )
    parser.add_argument(
        "--workers",
        type=workers,
        help="worker processes (default: one per core, memory permitting); on a GPU: jobs taken at once",
    )
    given = parser.parse_args(arguments)
    return UpOptions(once=given.once, port=given.port, workers=given.workers)


def port(text: str) -> int:
    """A port number; raises ArgumentTypeError."""
    return number(text, 1, 65535)


def workers(text: str) -> int:
    """A number of processes; raises ArgumentTypeError."""
    return number(text, 1, 256)


def number(text: str, lowest: int, highest: int) -> int:
    """A whole number within bounds; raises ArgumentTypeError."""
    if not text.isascii() or not text.isdigit() or not lowest <= int(text) <= highest:
        raise argparse.ArgumentTypeError(f"must be a whole number from {lowest} to {highest}")
    return int(text)
