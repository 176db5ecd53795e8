"""Two ways to read image files, one after the other or several at once: through a service, and in this process."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from deploy.folders import Folders
from deploy.options import DEFAULT_PORT
from shared.client import Client
from shared.connection import Document, ServiceError, ServiceUnreachableError
from shared.records import ReadRequest

# A request is held no longer than this, so that Ctrl-C need not wait for it.
HOLD_S = 5


Reader = Callable[[Iterable[Path]], Iterator[tuple[Path, Document]]]
"""Reads files; gives each with its document, as they end. Raises ServiceUnreachableError."""


def through_service(
    url: str, key: str, request: ReadRequest, *, concurrency: int, timeout_s: float, is_repeatable: bool
) -> Reader:
    """How to read through a service; see `Client.read_many` for `is_repeatable`."""
    client = Client(url, key)
    flags: dict[str, bool | str | list[str]] = {
        "cardDetect": request.card_detect,
        "passCardDetect": request.pass_card_detect,
        "flipImage": request.flip_image,
        "checkFlipImage": request.check_flip_image,
        "validateResult": request.validate_result,
        "include": list(request.include),
    }

    def read(files: Iterable[Path]) -> Iterator[tuple[Path, Document]]:
        taken, failed = [], []

        def images() -> Iterator[bytes]:
            for file in files:
                try:
                    image = file.read_bytes()
                except OSError as error:
                    failed.append((file, unreadable(error)))
                    continue
                taken.append(file)
                yield image

        documents = client.read_many(
            images(), flags, concurrency=concurrency, timeout_s=timeout_s, wait_s=HOLD_S, is_repeatable=is_repeatable
        )
        for place, document in documents:
            yield from failed
            failed.clear()
            if isinstance(document, ServiceUnreachableError):
                raise document
            yield taken[place], {"message": str(document)} if isinstance(document, ServiceError) else document
        yield from failed

    return read


def in_this_process(request: ReadRequest) -> Reader:
    """How to read without a service."""
    # Before ONNX Runtime is imported, which happens in the next line.
    os.environ.update(Folders.from_env().variables())
    from deploy.cli.local import LocalReader

    reader = LocalReader(request)

    def read(files: Iterable[Path]) -> Iterator[tuple[Path, Document]]:
        for file in files:
            try:
                yield file, reader.read(file.read_bytes())
            except OSError as error:
                yield file, unreadable(error)

    return read


def unreadable(error: OSError) -> Document:
    """The document of a file that cannot be read."""
    return {"message": error.strerror or type(error).__name__}


def url_of_up() -> str:
    """The address of the `deploy/up` that runs from this folder, or the one that it has by default."""
    try:
        return Folders.from_env().url.read_text().strip()
    except OSError:
        return f"http://127.0.0.1:{DEFAULT_PORT}"


def key_of_up() -> str:
    """The API key that `deploy/up` made; empty where it made none, which the service then answers with 401."""
    try:
        return Folders.from_env().api_key.read_text().strip()
    except OSError:
        return ""
