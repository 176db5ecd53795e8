"""gunicorn's threads with an end to patience, and the contract's error body for what is no HTTP request.

gunicorn by itself gives a thread to each connection that is opened, and waits for the rest of a head or a body, or for
an answer to be read, for ever: a client that does nothing, or little, keeps a thread. Here a connection has a thread
only from its first byte on, every wait has an end, and only some of the threads may wait for clients that are slow.
What it cannot parse it answers in HTML and, now and then, by 501; and it quotes it in the answer and the log, where the
body of a smuggled request may be a person's data.
"""

from __future__ import annotations

import errno
import logging
import selectors
import socket
import threading
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any, TypeVar

from gunicorn import util
from gunicorn.http.errors import InvalidResponseHeader, InvalidResponseHeaderName, ParseException
from gunicorn.workers.gthread import ThreadWorker

from shared.errors import KartuError, ProcessingFailed, ServiceUnavailable, ValidationFailed
from shared.schemas import dump_error

HEAD_WITHIN_S = 10.0
BODY_WITHIN_S = 60.0
BODY_BYTES_PER_S = 256 * 1024
LARGEST_BODY = 64 * 1024 * 1024
"""What a client may be as slow as once it has used up BODY_WITHIN_S: a batch takes longer than one image."""
ANSWER_WITHIN_S = 30.0
"""Largest is the script of the API's pages, 1.7 MB."""
QUICK_S = 0.5
"""Waiting for a client up to this long is no matter; beyond that it takes one of the slots for slow ones."""
SLOW_SHARE = 0.5
"""Of a process's threads that may wait for slow clients at once."""
ROOM = 16
"""Connections that an idle one is closed for, before there are as many as a process may have."""

_log = logging.getLogger(__name__)
Result = TypeVar("Result")


class TooSlowError(ParseException):  # type: ignore[misc]
    """A head or a body did not arrive in time."""


class TimedSocket:
    """A socket whose waits all have an end; anything else about it is the socket's own."""

    def __init__(self, sock: socket.socket, slots: threading.BoundedSemaphore) -> None:
        """`slots`: as many as may wait for slow clients at once."""
        self._socket, self._slots = sock, slots
        self._quick_until = self._deadline = 0.0
        self._answer_by: float | None = None
        self._is_given_up = self._is_hung_up = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._socket, name)

    def give(self, seconds: float) -> None:
        """Set the deadline of what is read from now on; an answer has its own from its first byte on."""
        now = time.monotonic()
        self._quick_until, self._deadline, self._answer_by = now + QUICK_S, now + seconds, None

    def recv(self, size: int) -> bytes:
        """What has arrived.

        Raises TooSlowError once the deadline is over, and ServiceUnavailable if too many others are slow as well.
        """
        return self._wait(partial(self._socket.recv, size), self._deadline)

    def sendall(self, data: bytes) -> None:
        """Send all of it; for one who does not read, the connection is broken."""
        if self._answer_by is None:
            now = time.monotonic()
            self._quick_until, self._answer_by = now + QUICK_S, now + ANSWER_WITHIN_S
        left = memoryview(data)
        try:
            while left:
                left = left[self._wait(partial(self._socket.send, left), self._answer_by) :]
        except (TooSlowError, ServiceUnavailable):
            raise BrokenPipeError(errno.EPIPE, "the answer is not read") from None

    def hang_up(self) -> None:
        """Say that no more comes, and wait a moment for the client to close: else it may lose the end of the answer.

        gunicorn would wait in its one thread that accepts connections. One of too many slow ones is not waited for.
        """
        if not self._is_given_up:
            self.give(QUICK_S)
            with suppress(OSError, TooSlowError, ServiceUnavailable):
                self._socket.shutdown(socket.SHUT_WR)
                while self.recv(BODY_BYTES_PER_S):
                    continue
        self._is_hung_up = True

    def shutdown(self, how: int) -> None:
        """As the socket's own, but with nothing to wait for after `hang_up`."""
        if self._is_hung_up:
            raise OSError(errno.ENOTCONN, "the connection was hung up")
        self._socket.shutdown(how)

    def _wait(self, act: Callable[[], Result], deadline: float) -> Result:
        usual = self._socket.gettimeout()
        if usual == 0:
            return act()
        end = deadline if usual is None else min(deadline, time.monotonic() + usual)
        try:
            with suppress(TimeoutError):
                return self._try(act, min(end, self._quick_until))
            if not self._slots.acquire(blocking=False):
                self._is_given_up = True
                raise ServiceUnavailable()
            try:
                return self._try(act, end)
            finally:
                self._slots.release()
        except TimeoutError:
            if time.monotonic() < deadline:
                # The end of somebody else's patience, who knows what to do.
                raise
            raise TooSlowError() from None
        finally:
            self._socket.settimeout(usual)

    def _try(self, act: Callable[[], Result], until: float) -> Result:
        # Once at least, and without waiting: what is there already counts.
        self._socket.settimeout(max(0.001, until - time.monotonic()))
        return act()


class Worker(ThreadWorker):  # type: ignore[misc]
    """The worker class of deploy/gunicorn_conf.py."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._slots = threading.BoundedSemaphore(max(1, int(self.cfg.threads * SLOW_SHARE)))

    def enqueue_req(self, conn: Any) -> None:
        """Hand a connection to a thread; a new one only once it says something."""
        if isinstance(conn.sock, TimedSocket):
            super().enqueue_req(conn)
            return
        conn.sock = TimedSocket(conn.sock, self._slots)
        if self.nr_conns > self.worker_connections - ROOM:
            self._close_an_idle_one()
        conn.sock.setblocking(False)
        conn.timeout = time.monotonic() + HEAD_WITHIN_S
        self.pending_conns.append(conn)
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(self.on_pending_socket_readable, conn))

    def _close_an_idle_one(self) -> None:
        """The one that has said nothing for the longest time, else the one whose last answer is the oldest."""
        for idle in (self.pending_conns, self.keepalived_conns):
            if idle:
                conn = idle.popleft()
                self.poller.unregister(conn.sock)
                self.nr_conns -= 1
                conn.close()
                return

    def handle(self, conn: Any) -> Any:
        """Read a request's head and answer it."""
        conn.sock.give(HEAD_WITHIN_S)
        stays_open = super().handle(conn)
        if not stays_open:
            conn.sock.hang_up()
        return stays_open

    def handle_request(self, req: Any, conn: Any) -> Any:
        """Answer a request whose head was read."""
        announced = min(LARGEST_BODY, int(dict(req.headers).get("CONTENT-LENGTH", "0")))
        conn.sock.give(BODY_WITHIN_S + announced / BODY_BYTES_PER_S)
        return super().handle_request(req, conn)

    def _keepalive_after(self, conn: Any, keepalive: Any) -> bool:
        """Read away what is left of a body, for the next request; a fault there has no answer, as there was one."""
        conn.sock.give(HEAD_WITHIN_S)
        try:
            return bool(super()._keepalive_after(conn, keepalive))
        except (ParseException, KartuError):
            return False

    def handle_error(self, req: Any, client: Any, addr: Any, exc: BaseException) -> None:
        """Answer what failed outside the application; the connection is closed after that."""
        is_ours = not isinstance(exc, ParseException | KartuError) or isinstance(
            exc, InvalidResponseHeader | InvalidResponseHeaderName
        )
        error: KartuError = ProcessingFailed()
        if isinstance(exc, KartuError):
            error = exc
        elif not is_ours:
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
    again = f"Retry-After: {error.retry_after_s}\r\n" if error.retry_after_s is not None else ""
    head = (
        f"HTTP/1.1 {error.http_status} {error.title}\r\nConnection: close\r\nContent-Type: application/json\r\n{again}"
        f"Content-Length: {len(body)}\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n\r\n"
    )
    return head.encode() + body
