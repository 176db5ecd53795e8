"""`kartu read`: read cards from image files, through a running service or without one."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

import click

from deploy.folders import Folders
from deploy.options import DEFAULT_PORT
from deploy.table import fields_table, findings, sentence, succeeded
from shared.client import Client
from shared.connection import Document, ServiceError, ServiceUnreachableError
from shared.records import BLOCKS, Include, ReadRequest

Reading = Callable[[bytes], Document]

SOME_FAILED = 1
NO_SERVICE = 2


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--json", "as_json", is_flag=True, help="Print the job documents: one JSON object a line, with its file.")
@click.option("--local", is_flag=True, help="Read here, without a service.")
@click.option(
    "--url", envvar="KARTU_URL", show_envvar=True, help="Address of the service; default: the running ./deploy/up."
)
@click.option(
    "--key",
    envvar=["KARTU_KEY", "KARTU_BOOTSTRAP_KEY"],
    show_envvar=True,
    help="API key; default: that of ./deploy/up.",
)
@click.option("--timeout", default=300.0, show_default=True, help="Seconds to wait for each card.")
@click.option("--no-card-detect", is_flag=True, help="Look for no card, read the whole image.")
@click.option("--require-card", is_flag=True, help="An image without a card is an error.")
@click.option("--flip", is_flag=True, help="The image is mirrored: flip it first.")
@click.option("--check-flip", is_flag=True, help="Report whether the image is mirrored.")
@click.option("--validate", is_flag=True, help="Report what is right and wrong in each field.")
@click.option(
    "--include",
    type=click.Choice(BLOCKS),
    multiple=True,
    help="Add a block to the document; may be given several times. Boxes and crops are shown by --json only.",
)
def read(
    files: tuple[str, ...],
    *,
    as_json: bool,
    local: bool,
    url: str | None,
    key: str | None,
    timeout: float,
    no_card_detect: bool,
    require_card: bool,
    flip: bool,
    check_flip: bool,
    validate: bool,
    include: tuple[Include, ...],
) -> None:
    """Read the card in each FILE (JPEG or PNG) and print its 15 fields.

    Exit status: 0 if every card was read, 1 if some were not, 2 if there is no service.
    """
    request = ReadRequest(
        card_detect=not no_card_detect,
        pass_card_detect=not require_card,
        flip_image=flip,
        check_flip_image=check_flip,
        validate_result=validate,
        include=tuple(name for name in BLOCKS if name in include),
    )
    reading = local_reading(request) if local else service_reading(url or url_of_up(), key, timeout, request)
    # Not all(): the files after one that fails are to be read too.
    if sum(show(file, reading, as_json=as_json) for file in files) < len(files):
        sys.exit(SOME_FAILED)


def show(file: str, reading: Reading, *, as_json: bool) -> bool:
    """Read one file and print what came of it; gives whether its card was read."""
    try:
        document = reading(Path(file).read_bytes())
    except ServiceUnreachableError as error:
        click.echo(f"{error}; start ./deploy/up, or see --url and --local", err=True)
        sys.exit(NO_SERVICE)
    except ServiceError as error:
        document = {"message": str(error)}
    except OSError as error:
        document = {"message": error.strerror or type(error).__name__}
    if as_json:
        click.echo(json.dumps({"file": file, **document}, ensure_ascii=False))
    if not succeeded(document):
        click.echo(f"{file}: {sentence(document)}", err=True)
        return False
    if not as_json:
        click.echo(f"{file}\n{fields_table(document)}\n{findings(document)}")
    return True


def service_reading(url: str, key: str | None, timeout_s: float, request: ReadRequest) -> Reading:
    """How to read through a service."""
    client = Client(url, key or key_of_up())
    flags: dict[str, bool | list[str]] = {
        "cardDetect": request.card_detect,
        "passCardDetect": request.pass_card_detect,
        "flipImage": request.flip_image,
        "checkFlipImage": request.check_flip_image,
        "validateResult": request.validate_result,
        "include": list(request.include),
    }
    return lambda image: client.read(image, flags, timeout_s=timeout_s)


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


def local_reading(request: ReadRequest) -> Reading:
    """How to read in this process."""
    # Before ONNX Runtime is imported, which happens in the next line.
    os.environ.update(Folders.from_env().variables())
    from deploy.cli.local import LocalReader

    return LocalReader(request).read
