"""The file that `kartu read --out` fills, a line a card: CSV or JSON Lines. A second run goes on where one stopped."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from shared.connection import Document
from shared.records import RESULT_FIELDS

WORTH_ANOTHER_TRY = frozenset(
    {"unauthorized", "forbidden", "rate_limited", "queue_full", "service_unavailable", "processing_failed", "gone"}
)
"""Errors that say nothing about the image: a card that met one is left out, so that the next run reads it."""

COLUMNS = ("file", "status", "errorType", "message", "id", *RESULT_FIELDS)
Write = Callable[[str, Document], None]


class UnusableFileError(Exception):
    """The file cannot be gone on with; the message is for a person."""


def is_final(document: Document) -> bool:
    """Whether reading the card again would give the same."""
    error = document.get("errors", {}).get("errorType")
    return error not in WORTH_ANOTHER_TRY and ("errors" in document or "status" in document.get("data", {}))


@contextmanager
def collecting(path: Path) -> Iterator[tuple[set[str], Write]]:
    """Give the names of files that `path` has already, and how to add a card; raises UnusableFileError and OSError.

    Each line is handed to the system before the next one begins. Half a line, left by a run that was killed, is cut.
    """
    row, done_in = FORMATS.get(path.suffix.lower(), (None, None))
    if row is None or done_in is None:
        raise UnusableFileError(f"{path}: the ending must be one of {', '.join(FORMATS)}")
    written = path.read_bytes() if path.exists() else b""
    whole = written[: written.rfind(b"\n") + 1]
    try:
        done = done_in(whole.decode(), path)
    except UnicodeDecodeError:
        raise UnusableFileError(f"{path} is not in UTF-8; name a new file") from None
    # Names of files need not be Unicode.
    with path.open("r+" if written else "w", encoding="utf-8", errors="backslashreplace", newline="") as file:
        file.seek(len(whole))
        file.truncate()
        if not whole and path.suffix.lower() == ".csv":
            file.write(csv_line(COLUMNS))

        def write(name: str, document: Document) -> None:
            file.write(row(name, document))
            file.flush()

        yield done, write


def csv_row(name: str, document: Document) -> str:
    """One line of CSV; null is an empty cell."""
    data, errors = document.get("data", {}), document.get("errors", {})
    result: dict[str, Any] = data.get("result") or {}
    status = data.get("status", "refused")
    message = "" if result else document.get("message", "")
    cells = (name, status, errors.get("errorType", ""), message, data.get("id", ""))
    return csv_line((*cells, *(result.get(field) or "" for field in RESULT_FIELDS)))


def csv_line(cells: tuple[str, ...]) -> str:
    """Cells as a line of CSV (RFC 4180, but for the line's end)."""
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(cells)
    return line.getvalue()


def csv_names(text: str, path: Path) -> set[str]:
    """The files that stand in a CSV of ours."""
    rows = list(csv.reader(io.StringIO(text)))
    if rows and tuple(rows[0]) != COLUMNS:
        raise UnusableFileError(f"{path} is another CSV than this command writes; name a new file")
    return {row[0] for row in rows[1:] if row}


def json_row(name: str, document: Document) -> str:
    """One line of JSON Lines: the document with its file."""
    return json.dumps({"file": name, **document}, ensure_ascii=False) + "\n"


def json_names(text: str, path: Path) -> set[str]:
    """The files that stand in JSON Lines of ours."""
    try:
        # Not splitlines: a name may hold what Unicode takes for the end of a line.
        return {json.loads(line)["file"] for line in text.split("\n") if line.strip()}
    except (ValueError, TypeError, KeyError):
        raise UnusableFileError(f"{path} is no file that this command wrote; name a new file") from None


FORMATS = {".csv": (csv_row, csv_names), ".jsonl": (json_row, json_names)}
