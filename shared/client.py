"""A client of Kartu's HTTP API: sends images, waits for their jobs, gives the job documents, verifies webhooks."""

from __future__ import annotations

import base64
import hashlib
import json
import math
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent import futures
from functools import partial
from itertools import islice
from typing import cast

from standardwebhooks import Webhook
from standardwebhooks.webhooks import WebhookVerificationError

from shared.connection import Answer, Connection, Document, ServiceError

RESOURCE = "/v1/ocr/id/ktp"
LONGEST_WAIT_S = 60
GRACE_S = 10.0
POLL_INTERVAL_S = 0.5
UNLUCKY = ("processing_failed", "gone")
"""Errors of a job that say nothing of its image, so that a new one may do better; neither is charged."""

Flags = Mapping[str, bool | str | list[str]]
"""All of a request but the image: `validateResult`, `referenceId`, `include`, ..."""


class RefusedError(ServiceError):
    """The service refused a request; `document` is its error document, `status` the HTTP status."""

    def __init__(self, status: int, document: Document) -> None:
        super().__init__(str(document.get("message", status)))
        self.status = status
        self.document = document


class InvalidWebhookError(Exception):
    """A request that claims to be a webhook was not signed with the secret, or too long ago."""


class Client:
    """Speaks to one service with one key; may be used by many threads at once."""

    def __init__(self, url: str, key: str) -> None:
        self._connection = Connection(url, key)
        self.url = self._connection.url

    def is_ready(self) -> bool:
        """Whether the service accepts jobs."""
        try:
            return self._connection.ask("GET", "/readyz", timeout_s=5).status == 200
        except ServiceError:
            return False

    def submit(self, image: bytes, flags: Flags, *, timeout_s: float = 60.0, idempotency_key: str | None = None) -> str:
        """Hand an image in; gives the id of its job. Raises RefusedError and ServiceError.

        A service that is busy is asked again within `timeout_s`. A second call with the same `idempotency_key`, image
        and flags gives the same job, so a submission whose answer was lost can be repeated.
        """
        deadline = time.monotonic() + timeout_s
        body, key = payload(image, flags), idempotency_key or str(uuid.uuid4())
        while True:
            answer = self._connection.ask(
                "POST", RESOURCE, timeout_s=timeout_s, body=body, key=key, prefer="respond-async"
            )
            if answer.status == 202:
                return str(answer.body["data"]["id"])
            if not answer.is_busy:
                raise RefusedError(answer.status, answer.body)
            pause(answer.retry_after_s, deadline, answer, lambda: None)

    def wait(self, job_id: str, *, timeout_s: float, wait_s: int = LONGEST_WAIT_S) -> Document:
        """The document of a job that has ended, whatever came of it. Raises RefusedError and ServiceError.

        Each request is held by the service for up to `wait_s`.
        """
        answer = self._follow(f"{RESOURCE}/{job_id}", time.monotonic() + timeout_s, wait_s, lambda: None)
        if answer.status != 200:
            raise RefusedError(answer.status, answer.body)
        return answer.body

    def read(
        self,
        image: bytes,
        flags: Flags,
        *,
        timeout_s: float,
        wait_s: int = LONGEST_WAIT_S,
        between: Callable[[], None] = lambda: None,
        is_repeatable: bool = False,
    ) -> Document:
        """The job document of an image, or the error document that the service gave instead.

        Each request is held for up to `wait_s`; `between` is called after each, and now and then in a pause. Where the
        service asks for patience (429, 503) it gets it, within `timeout_s`. With `is_repeatable` the same image and
        flags give the same job for a day, by whatever process they are sent, and are charged once. Raises ServiceError.
        """
        deadline = time.monotonic() + timeout_s
        body = payload(image, flags)
        if is_repeatable:
            document = self._read(body, hashlib.sha256(body).hexdigest(), deadline, wait_s, between)
            if document.get("errors", {}).get("errorType") not in UNLUCKY:
                return document
        return self._read(body, str(uuid.uuid4()), deadline, wait_s, between)

    def read_many(
        self,
        images: Iterable[bytes],
        flags: Flags,
        *,
        concurrency: int = 8,
        timeout_s: float = 300.0,
        wait_s: int = LONGEST_WAIT_S,
        is_repeatable: bool = False,
    ) -> Iterator[tuple[int, Document | ServiceError]]:
        """Read many images, at most `concurrency` at a time; gives (place, document) of each as it ends.

        The images are taken one by one, as there is room, so there may be millions of them. What failed without a
        document is given as its ServiceError; the rest is as `read` has it, for each image.
        """
        is_left = threading.Event()

        def stop_if_left() -> None:
            if is_left.is_set():
                raise ServiceError("nobody waits for it any more")

        read = partial(
            self.read,
            flags=flags,
            timeout_s=timeout_s,
            wait_s=wait_s,
            between=stop_if_left,
            is_repeatable=is_repeatable,
        )
        numbered = enumerate(images)
        running: dict[futures.Future[Document], int] = {}
        with futures.ThreadPoolExecutor(concurrency) as pool:
            try:
                while True:
                    for place, image in islice(numbered, concurrency - len(running)):
                        running[pool.submit(read, image)] = place
                    if not running:
                        return
                    ended, _ = futures.wait(running, return_when=futures.FIRST_COMPLETED)
                    for each in ended:
                        yield running.pop(each), outcome_of(each)
            finally:
                is_left.set()
                pool.shutdown(wait=False, cancel_futures=True)

    def _read(self, body: bytes, key: str, deadline: float, wait_s: int, between: Callable[[], None]) -> Document:
        """Submit under an idempotency key and wait for the end."""
        while True:
            answer = self._hold("POST", RESOURCE, wait_s, deadline, body, key)
            if not answer.is_busy:
                break
            pause(answer.retry_after_s, deadline, answer, between)
        if not answer.is_unfinished:
            return answer.body
        between()
        return self._follow(answer.headers["Location"], deadline, wait_s, between).body

    def _follow(self, path: str, deadline: float, wait_s: int, between: Callable[[], None]) -> Answer:
        """Poll a job until it has ended; gives the last answer."""
        while True:
            asked = time.monotonic()
            answer = self._hold("GET", path, wait_s, deadline)
            if answer.is_unfinished:
                # A service that held the request has used up this time already.
                patience = POLL_INTERVAL_S - (time.monotonic() - asked)
            elif answer.is_busy:
                patience = answer.retry_after_s
            else:
                return answer
            pause(patience, deadline, answer, between)

    def _hold(
        self, method: str, path: str, wait_s: int, deadline: float, body: bytes | None = None, key: str | None = None
    ) -> Answer:
        left = math.ceil(max(0.0, deadline - time.monotonic()))
        held = min(wait_s, left)
        return self._connection.ask(method, path, timeout_s=held + GRACE_S, body=body, key=key, prefer=f"wait={held}")


def verify_webhook(body: bytes, headers: Mapping[str, str], *secrets: str) -> Document:
    """The job document of a webhook: `body` as it came, not parsed and written again. Raises InvalidWebhookError.

    Any of the `secrets` (`whsec_…`) may have signed it, as during a rotation.
    """
    for secret in secrets:
        try:
            return cast("Document", Webhook(secret).verify(body, dict(headers)))
        except (WebhookVerificationError, ValueError) as error:
            cause = str(error)
    raise InvalidWebhookError(cause if secrets else "There is no secret to verify it with.")


def payload(image: bytes, flags: Flags) -> bytes:
    """The body of a submission."""
    return json.dumps({"image": base64.b64encode(image).decode(), **flags}).encode()


def pause(seconds: float, deadline: float, answer: Answer, between: Callable[[], None]) -> None:
    """Sleep, with `between` called now and then; raises ServiceError if it would take longer than until `deadline`."""
    until = time.monotonic() + max(0.0, seconds)
    between()
    if until > deadline:
        raise ServiceError(f"no result in time; last answer: {answer.body.get('message')}")
    while (left := until - time.monotonic()) > 0:
        time.sleep(min(left, POLL_INTERVAL_S or left))
        between()


def outcome_of(ended: futures.Future[Document]) -> Document | ServiceError:
    """What a reading gave, or the ServiceError that it raised."""
    try:
        return ended.result()
    except ServiceError as error:
        return error
