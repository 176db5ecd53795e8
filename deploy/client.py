"""A client of Kartu's HTTP API: sends an image, waits until its job has ended, gives the job document."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.message import Message
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urljoin, urlsplit
from urllib.request import OpenerDirector, ProxyHandler, Request, build_opener

RESOURCE = "/v1/ocr/id/ktp"
BUSY = (429, 503)
UNFINISHED = ("queued", "processing")
LONGEST_WAIT_S = 60
GRACE_S = 10.0
POLL_INTERVAL_S = 0.5
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


class Client:
    """Speaks to one service with one key."""

    def __init__(self, url: str, key: str) -> None:
        self.url = url.rstrip("/")
        self._key = key
        self._opener = opener(self.url)

    def is_ready(self) -> bool:
        """Whether the service accepts jobs."""
        try:
            return self._ask("GET", "/readyz", timeout_s=5).status == 200
        except ServiceError:
            return False

    def read(
        self,
        image: bytes,
        flags: Mapping[str, bool | list[str]],
        *,
        timeout_s: float,
        wait_s: int = LONGEST_WAIT_S,
        between: Callable[[], None] = lambda: None,
    ) -> Document:
        """The job document of an image, or the error document that the service gave instead.

        Each request is held for up to `wait_s`, and `between` is called after each. Where the service asks for patience
        (429, 503) it gets it, within `timeout_s`. Raises ServiceError.
        """
        deadline = time.monotonic() + timeout_s
        payload = json.dumps({"image": base64.b64encode(image).decode(), **flags}).encode()
        address = None
        while True:
            asked = time.monotonic()
            if address is None:
                answer = self._hold("POST", RESOURCE, wait_s, payload)
                address = answer.headers.get("Location")
            else:
                answer = self._hold("GET", address, wait_s)
            if is_unfinished(answer):
                # A service that held the request has used up this time already.
                pause = POLL_INTERVAL_S - (time.monotonic() - asked)
            elif answer.status in BUSY and "Retry-After" in answer.headers:
                pause = retry_after(answer)
            else:
                return answer.body
            between()
            if time.monotonic() + pause > deadline:
                raise ServiceError(f"no result within {timeout_s:.0f} s; last answer: {answer.body.get('message')}")
            time.sleep(max(0.0, pause))

    def _hold(self, method: str, path: str, wait_s: int, body: bytes | None = None) -> Answer:
        return self._ask(method, path, timeout_s=wait_s + GRACE_S, body=body, prefer=f"wait={wait_s}")

    def _ask(
        self, method: str, path: str, *, timeout_s: float, body: bytes | None = None, prefer: str | None = None
    ) -> Answer:
        headers = {"Authorization": f"Bearer {self._key}", "Accept": "application/json"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        if prefer is not None:
            headers["Prefer"] = prefer
        try:
            request = Request(urljoin(self.url + "/", path), data=body, headers=headers, method=method)
            try:
                with self._opener.open(request, timeout=timeout_s) as answer:
                    return Answer(answer.status, answer.headers, parsed(answer.read(), self.url))
            except HTTPError as answer:
                with answer:
                    return Answer(answer.code, answer.headers, parsed(answer.read(), self.url))
        except (URLError, HTTPException, OSError, ValueError) as error:
            cause = getattr(error, "reason", error)
            raise ServiceUnreachableError(f"no answer from {self.url}: {cause}") from None


def opener(url: str) -> OpenerDirector:
    """Goes through the machine's proxy, except to the machine itself."""
    if urlsplit(url).hostname in ("127.0.0.1", "localhost", "::1"):
        return build_opener(ProxyHandler({}))
    return build_opener()


def parsed(raw: bytes, url: str) -> Document:
    """A body as JSON; raises ServiceUnreachableError where it is not an object."""
    try:
        body = json.loads(raw)
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise ServiceUnreachableError(f"the answer from {url} is not Kartu's")
    return body


def is_unfinished(answer: Answer) -> bool:
    """Whether this is the document of a job that has not ended."""
    data = answer.body.get("data")
    return isinstance(data, dict) and data.get("status") in UNFINISHED


def retry_after(answer: Answer) -> float:
    """Seconds that the service asks to wait."""
    text = answer.headers["Retry-After"]
    return float(text) if text.isascii() and text.isdigit() else 1.0
