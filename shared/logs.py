"""Logs as JSON lines. Exceptions are logged by type and place, never by message: a message may quote personal data."""

from __future__ import annotations

import logging
import sys
import time
import traceback
from types import TracebackType
from typing import Any

import orjson

from shared.audit import AUDIT_LOGGER
from shared.tracing import trace_id

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class JsonFormatter(logging.Formatter):
    """One JSON object a line: time, level, logger, message and whatever was given as `extra`."""

    def format(self, record: logging.LogRecord) -> str:
        """Format one record; `extra` values must be plain JSON types and free of personal data."""
        line: dict[str, Any] = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created)) + f".{int(record.msecs):03d}Z",
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if trace := trace_id():
            line["trace_id"] = trace
        line.update({name: value for name, value in vars(record).items() if name not in _STANDARD})
        if record.exc_info and record.exc_info[0]:
            line["exception"] = describe(record.exc_info[0], record.exc_info[2])
        return orjson.dumps(line, default=str).decode()


def describe(kind: type[BaseException], trace: TracebackType | None) -> dict[str, Any]:
    """Type and places of an exception, without its message."""
    frames = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(trace)]
    return {"type": f"{kind.__module__}.{kind.__qualname__}", "frames": frames}


def configure_logs(level: str) -> None:
    """Send all logs of this process to stderr as JSON lines."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    # The audit trail is no matter of taste: it is written at any level.
    logging.getLogger(AUDIT_LOGGER).setLevel(logging.INFO)
