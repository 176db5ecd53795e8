"""A network for httpcore that resolves a name once, connects only to permitted addresses, and ends at one deadline."""

from __future__ import annotations

import queue
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

import httpcore2 as httpcore

from shared.public_addresses import Address, parse_address

Resolve = Callable[[str], list[str]]


class AddressRefusedError(Exception):
    """The name has an address that no webhook may go to."""


class NameNotFoundError(Exception):
    """The name has no address."""


def resolve(name: str) -> list[str]:
    """All addresses of a name, as the system finds them; raises OSError."""
    found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found))


class PinnedNetwork(httpcore.NetworkBackend):
    """Connects for one request, until `deadline` (monotonic seconds)."""

    READ_BYTES = 1024
    HEAD_BYTES = 16 * 1024
    """What is read of an answer until its status and headers are in; far more than any needs."""

    def __init__(self, permits: Callable[[Address], bool], deadline: float, resolve: Resolve) -> None:
        self._budget = self.HEAD_BYTES
        self._permits = permits
        self._deadline = deadline
        self._resolve = resolve

    def hurry(self, within_s: float) -> None:
        """Bring the deadline nearer, to at most so many seconds from now."""
        self._deadline = min(self._deadline, time.monotonic() + within_s)

    def allow(self, budget: int) -> None:
        """Let so many bytes be read from here on."""
        self._budget = budget

    def take(self, most: int) -> int:
        """How many bytes may be read now; raises RemoteProtocolError if there have been enough."""
        if self._budget <= 0:
            raise httpcore.RemoteProtocolError("the answer is too long")
        return min(most, self._budget, self.READ_BYTES)

    def note(self, taken: int) -> None:
        """So many bytes have been read, of whatever kind: heads, frames of chunks, body."""
        self._budget -= taken

    def left(self, late: type[Exception] = httpcore.ReadTimeout) -> float:
        """Seconds left; raises `late` if there are none."""
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise late("the deadline is over")
        return left

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first of the host's addresses that answers; all of them must be permitted."""
        addresses = self._addresses(host)
        if not all(self._permits(address) for address in addresses):
            raise AddressRefusedError()
        for number, address in enumerate(addresses):
            # None may use up the time of those after it.
            share = self.left(httpcore.ConnectTimeout) / (len(addresses) - number)
            try:
                return PinnedStream(self, _connect(address, port, share))
            except OSError as error:
                failure = error
        if isinstance(failure, TimeoutError):
            raise httpcore.ConnectTimeout() from failure
        raise httpcore.ConnectError() from failure

    def _addresses(self, host: str) -> list[Address]:
        literal = parse_address(host)
        if literal is not None:
            return [literal]
        found = [parse_address(text) for text in self._resolve_in_time(host)]
        if not found:
            raise NameNotFoundError()
        addresses = [address for address in found if address is not None]
        if len(addresses) < len(found):
            raise AddressRefusedError()
        return addresses

    def _resolve_in_time(self, host: str) -> list[str]:
        """Resolve in a thread of its own: the system's resolver knows no deadline."""
        answers: queue.SimpleQueue[list[str]] = queue.SimpleQueue()

        def ask() -> None:
            try:
                answers.put(self._resolve(host))
            except (OSError, UnicodeError):
                answers.put([])

        threading.Thread(target=ask, name="resolve", daemon=True).start()
        try:
            return answers.get(timeout=self.left(httpcore.ConnectTimeout))
        except queue.Empty:
            raise httpcore.ConnectTimeout("the name was not resolved in time") from None


class PinnedStream(httpcore.NetworkStream):
    """A connection; each step of it gets what is left until the deadline, so that no dribble can stretch it."""

    def __init__(self, network: PinnedNetwork, connection: socket.socket) -> None:
        self._network = network
        self._socket = connection

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """As much as the network allows, so that no more is taken in than is wanted."""
        most = self._network.take(max_bytes)
        self._socket.settimeout(self._network.left())
        try:
            data = self._socket.recv(most)
            self._network.note(len(data))
            return data
        except TimeoutError as error:
            raise httpcore.ReadTimeout() from error
        except OSError as error:
            raise httpcore.ReadError() from error

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """All of it, or an error."""
        rest = memoryview(buffer)
        while rest:
            self._socket.settimeout(self._network.left(httpcore.WriteTimeout))
            try:
                rest = rest[self._socket.send(rest) :]
            except TimeoutError as error:
                raise httpcore.WriteTimeout() from error
            except OSError as error:
                raise httpcore.WriteError() from error

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """The same connection under TLS with the name of the host."""
        self._socket.settimeout(self._network.left(httpcore.ConnectTimeout))
        try:
            return PinnedStream(self._network, ssl_context.wrap_socket(self._socket, server_hostname=server_hostname))
        except ssl.SSLError:
            self.close()
            raise
        except TimeoutError as error:
            self.close()
            raise httpcore.ConnectTimeout() from error
        except OSError as error:
            self.close()
            raise httpcore.ConnectError() from error

    def close(self) -> None:
        """Close the connection."""
        self._socket.close()

    def get_extra_info(self, info: str) -> Any:
        """Nothing: httpcore asks only for HTTP/2 and for connections that are kept."""
        return None


def _connect(address: Address, port: int, timeout_s: float) -> socket.socket:
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    connection = socket.socket(family, socket.SOCK_STREAM)
    try:
        connection.settimeout(timeout_s)
        connection.connect((str(address), port))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except OSError:
        connection.close()
        raise
    return connection
