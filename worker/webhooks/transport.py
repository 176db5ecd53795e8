"""The way out: one POST to an address that clients name, which must not be turned against the networks behind us.

The name is resolved once, every address that it has must be permitted, and the connection goes to one of these very
addresses, so a name cannot mean something else a moment later. TLS is with the name. No redirect is followed, no proxy
is asked, and the whole (resolving, connecting, TLS, sending, waiting) has one deadline.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Literal

import httpcore2 as httpcore

from shared.callback_urls import CallbackRules
from shared.errors import ValidationFailed
from worker.webhooks.network import AddressRefusedError, NameNotFoundError, PinnedNetwork, Resolve, resolve

ErrorClass = Literal[
    "url_refused", "address_refused", "name_not_found", "connection_failed", "tls_failed", "timeout", "not_http"
]
_MOST_READ = 4096
_COURTESY_S = 1.0
"""For how long an answer is read beyond its status, which says all; so that the receiver can end in peace."""


class SendError(Exception):
    """There was no answer; `kind` is the class of the error, and all that is said of it."""

    def __init__(self, kind: ErrorClass) -> None:
        super().__init__(kind)
        self.kind = kind


class Transport:
    """Sends one POST at a time; may be used by many threads at once."""

    def __init__(
        self,
        rules: CallbackRules,
        timeout_s: float,
        *,
        resolve: Resolve = resolve,
        tls: Callable[[], ssl.SSLContext] = httpcore.default_ssl_context,
    ) -> None:
        self._rules = rules
        self._timeout_s = timeout_s
        self._resolve = resolve
        self._make_tls = tls

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> int:
        """The HTTP status of the answer; raises SendError. At most 4 KB of the answer's body are read."""
        try:
            target = self._rules.check(url)
        except ValidationFailed:
            raise SendError("url_refused") from None
        network = PinnedNetwork(self._rules.permits, time.monotonic() + self._timeout_s, self._resolve)
        address = httpcore.URL(
            scheme=target.scheme.encode(), host=target.host.encode(), port=target.port, target=target.path.encode()
        )
        sent = {"Host": target.authority, "Content-Length": str(len(body)), "Connection": "close", **headers}
        tls = self._tls if target.scheme == "https" else None
        with httpcore.HTTPConnection(address.origin, ssl_context=tls, network_backend=network) as connection:
            request = httpcore.Request("POST", address, headers=list(sent.items()), content=body)
            try:
                response = connection.handle_request(request)
            except Exception as error:
                raise SendError(_classify(error)) from None
            network.hurry(_COURTESY_S)
            # Some of the body may have come along with the head.
            network.allow(_MOST_READ - PinnedNetwork.READ_BYTES)
            _read_some(response)
        return response.status

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        return self._make_tls()


def _read_some(response: httpcore.Response) -> None:
    try:
        for _ in response.iter_stream():
            pass
    except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError):
        # The status is there; what becomes of the rest changes nothing.
        return


def _classify(error: Exception) -> ErrorClass:
    match error:
        case AddressRefusedError():
            return "address_refused"
        case NameNotFoundError():
            return "name_not_found"
        case httpcore.TimeoutException():
            return "timeout"
        case ssl.SSLError():
            return "tls_failed"
        case httpcore.ConnectError() if isinstance(error.__context__, ssl.SSLError):
            return "tls_failed"
        case httpcore.NetworkError():
            return "connection_failed"
        case httpcore.ProtocolError():
            return "not_http"
    raise error
