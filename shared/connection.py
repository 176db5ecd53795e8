"""One request to Kartu's HTTP API and its answer, by the standard library alone."""

from __future__ import annotations

import json
from dataclasses import dataclass
from email.message import Message
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, OpenerDirector, ProxyHandler, Request, build_opener

BUSY = (429, 503)
UNFINISHED = ("queued", "processing")
Document = dict[str, Any]


class ServiceError(Exception):
    """The service did not give a job document; the message is for a person."""


class ServiceUnreachableError(ServiceError):
    """There is nothing at the address that answers like Kartu."""


@dataclass(frozen=True)
class Answer:
    """Status, headers and JSON body of an answer."""

    status: int
    headers: Message
    body: Document

    @property
    def is_unfinished(self) -> bool:
        """Whether this is the document of a job that has not ended."""
        data = self.body.get("data")
        return isinstance(data, dict) and data.get("status") in UNFINISHED

    @property
    def is_busy(self) -> bool:
        """Whether the service asks to come again later."""
        return self.status in BUSY and "Retry-After" in self.headers

    @property
    def retry_after_s(self) -> float:
        """Seconds that the service asks to wait."""
        text = self.headers["Retry-After"]
        return float(text) if text.isascii() and text.isdigit() else 1.0


class Connection:
    """The way to one service with one API key; may be used by many threads at once."""

    def __init__(self, url: str, api_key: str) -> None:
        self.url = url.rstrip("/")
        self._key = api_key
        self._opener = opener(self.url)

    def ask(
        self,
        method: str,
        path: str,
        *,
        timeout_s: float,
        body: bytes | None = None,
        key: str | None = None,
        prefer: str | None = None,
    ) -> Answer:
        """Send a request, with `key` as its Idempotency-Key; raises ServiceUnreachableError."""
        given = {"Authorization": f"Bearer {self._key}", "Accept": "application/json"}
        given |= {"Content-Type": "application/json"} if body is not None else {}
        given |= {"Prefer": prefer} if prefer is not None else {}
        given |= {"Idempotency-Key": key} if key is not None else {}
        try:
            # Of an address that the service gives only the path counts: the key goes to no other host.
            request = Request(self.url + urlsplit(path).path, data=body, headers=given, method=method)
            try:
                with self._opener.open(request, timeout=timeout_s) as answer:
                    return Answer(answer.status, answer.headers, parsed(answer.read(), self.url))
            except HTTPError as answer:
                with answer:
                    return Answer(answer.code, answer.headers, parsed(answer.read(), self.url))
        except (URLError, HTTPException, OSError, ValueError) as error:
            cause = getattr(error, "reason", error)
            raise ServiceUnreachableError(f"no answer from {self.url}: {cause}") from None


class NoRedirects(HTTPRedirectHandler):
    """Follows nowhere: the API has no redirects, and its key must not go to another host."""

    def redirect_request(self, *_: Any) -> None:
        """Give no request, so that the redirect is the answer."""


def opener(url: str) -> OpenerDirector:
    """Goes through the machine's proxy, except to the machine itself."""
    if urlsplit(url).hostname in ("127.0.0.1", "localhost", "::1"):
        return build_opener(NoRedirects, ProxyHandler({}))
    return build_opener(NoRedirects)


def parsed(raw: bytes, url: str) -> Document:
    """A body as JSON; raises ServiceUnreachableError where it is not an object."""
    try:
        body = json.loads(raw)
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise ServiceUnreachableError(f"the answer from {url} is not Kartu's")
    return body
