"""gunicorn's threads with an end to patience, and the contract's error body for what is no HTTP request.

gunicorn by itself waits for the rest of a head or a body for ever, so that a client that dribbles keeps a thread.
What it cannot parse it answers in HTML and, now and then, by 501; and it quotes it in the answer and the log, where the
body of a smuggled request may be a person's data.
"""

from __future__ import annotations

import logging
import socket
import time
import uuid
from typing import Any

from gunicorn import util
from gunicorn.http.errors import InvalidResponseHeader, InvalidResponseHeaderName, ParseException
from gunicorn.workers.gthread import ThreadWorker

from shared.errors import KartuError, ProcessingFailed, ValidationFailed
from shared.schemas import dump_error

HEAD_WITHIN_S = 10.0
BODY_WITHIN_S = 60.0
BODY_BYTES_PER_S = 256 * 1024
LARGEST_BODY = 64 * 1024 * 1024
"""What a client may be as slow as once it has used up BODY_WITHIN_S: a batch takes longer than one image."""

_log = logging.getLogger(__name__)


class TooSlowError(ParseException):  # type: ignore[misc]
    """A head or a body did not arrive in time."""


class TimedSocket:
    """A socket from which all must be read by a deadline; anything else about it is the socket's own."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        self._deadline = 0.0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._socket, name)

    def give(self, seconds: float) -> None:
        """Set the deadline: so many seconds from now."""
        self._deadline = time.monotonic() + seconds

    def recv(self, size: int) -> bytes:
        """What has arrived; raises TooSlowError once the deadline is over."""
        usual = self._socket.gettimeout()
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TooSlowError()
        self._socket.settimeout(left if usual is None else min(left, usual))
        try:
            return self._socket.recv(size)
        except TimeoutError:
            if time.monotonic() < self._deadline:
                raise
            raise TooSlowError() from None
        finally:
            self._socket.settimeout(usual)


class Worker(ThreadWorker):  # type: ignore[misc]
    """The worker class of deploy/gunicorn_conf.py."""

    def enqueue_req(self, conn: Any) -> None:
        """Hand a connection to a thread."""
        if not isinstance(conn.sock, TimedSocket):
            conn.sock = TimedSocket(conn.sock)
        super().enqueue_req(conn)

    def handle(self, conn: Any) -> Any:
        """Read a request's head and answer it."""
        conn.sock.give(HEAD_WITHIN_S)
        return super().handle(conn)

    def handle_request(self, req: Any, conn: Any) -> Any:
        """Answer a request whose head was read."""
        announced = min(LARGEST_BODY, int(dict(req.headers).get("CONTENT-LENGTH", "0")))
        conn.sock.give(BODY_WITHIN_S + announced / BODY_BYTES_PER_S)
        try:
            return super().handle_request(req, conn)
        finally:
            # For what is left of the body, which is read away for the next request.
            conn.sock.give(HEAD_WITHIN_S)

    def handle_error(self, req: Any, client: Any, addr: Any, exc: BaseException) -> None:
        """Answer what failed outside the application; the connection is closed after that."""
        is_ours = not isinstance(exc, ParseException) or isinstance(
            exc, InvalidResponseHeader | InvalidResponseHeaderName
        )
        error: KartuError = ProcessingFailed()
        if not is_ours:
            error = ValidationFailed({"_schema": ["The request cannot be understood."]})
        error_id = str(uuid.uuid4())
        _log.log(
            logging.ERROR if is_ours else logging.INFO,
            "request refused",
            extra={"error_id": error_id, "error_type": error.error_type, "cause": type(exc).__name__},
            exc_info=exc if is_ours else None,
        )
        try:
            util.write_nonblock(client, _answer(error, error_id))
        except OSError:
            _log.debug("the client of a refused request is gone", extra={"error_id": error_id})


def _answer(error: KartuError, error_id: str) -> bytes:
    body = dump_error(error, error_id)
    head = (
        f"HTTP/1.1 {error.http_status} {error.title}\r\nConnection: close\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n\r\n"
    )
    return head.encode() + body
