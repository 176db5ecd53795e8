"""`kartu read`: read cards from image files, folders and patterns, through a running service or without one."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from deploy.cli.collection import UnusableFileError, collecting, is_final
from deploy.cli.inputs import image_files
from deploy.cli.readers import Reader, in_this_process, key_of_up, through_service, url_of_up
from deploy.cli.tally import Tally
from deploy.table import fields_table, findings, succeeded
from shared.connection import Document, ServiceUnreachableError
from shared.records import BLOCKS, Include, ReadRequest

SOME_FAILED = 1
NO_SERVICE = 2
INTERRUPTED = 130
_SHOWN_FAILURES = 20


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--json", "as_json", is_flag=True, help="Print the job documents: one JSON object a line, with its file.")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write to this .csv or .jsonl, one line a card; what is in it already is not read again.",
)
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
@click.option(
    "--concurrency", default=4, show_default=True, type=click.IntRange(1, 64), help="Cards at a time in the service."
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
    paths: tuple[str, ...],
    *,
    as_json: bool,
    out: Path | None,
    local: bool,
    url: str | None,
    key: str | None,
    concurrency: int,
    timeout: float,
    no_card_detect: bool,
    require_card: bool,
    flip: bool,
    check_flip: bool,
    validate: bool,
    include: tuple[Include, ...],
) -> None:
    """Read the card in each PATH and print its 15 fields: files (JPEG or PNG), folders with all below them, patterns.

    With --out a run that was interrupted goes on where it stopped, and no card is charged twice within a day.

    Exit status: 0 if every card was read, 1 if some were not, 2 if there is no service, 130 after Ctrl-C.
    """
    files = image_files(paths)
    if not files:
        raise click.UsageError("There is no JPEG or PNG among these.")
    request = ReadRequest(
        card_detect=not no_card_detect,
        pass_card_detect=not require_card,
        flip_image=flip,
        check_flip_image=check_flip,
        validate_result=validate,
        include=tuple(name for name in BLOCKS if name in include),
    )
    reader = (
        in_this_process(request)
        if local
        else through_service(
            url or url_of_up(),
            key or key_of_up(),
            request,
            concurrency=concurrency,
            timeout_s=timeout,
            is_repeatable=out is not None,
        )
    )
    try:
        all_read = collect(files, reader, out) if out else show_all(files, reader, as_json=as_json)
    except ServiceUnreachableError as error:
        click.echo(f"{error}; start ./deploy/up, or see --url and --local", err=True)
        sys.exit(NO_SERVICE)
    except KeyboardInterrupt:
        click.echo("Interrupted." + (" The same command goes on from here." if out else ""), err=True)
        sys.exit(INTERRUPTED)
    if not all_read:
        sys.exit(SOME_FAILED)


def show_all(files: list[Path], reader: Reader, *, as_json: bool) -> bool:
    """Print what comes of each file, in their order; gives whether every card was read."""
    tally = Tally()
    for file, document in in_order(files, reader):
        is_read = tally.count(str(file), document)
        if as_json:
            click.echo(json.dumps({"file": str(file), **document}, ensure_ascii=False))
        elif is_read:
            click.echo(f"{file}\n{fields_table(document)}\n{findings(document)}")
        if not is_read:
            click.echo(tally.failures[-1], err=True)
    return not tally.failures


def collect(files: list[Path], reader: Reader, out: Path) -> bool:
    """Add each card to the file `out` as it is read, with a progress bar; gives whether every one is in it."""
    tally = Tally()
    try:
        with collecting(out) as (done, write):
            left = [file for file in files if str(file) not in done]
            bar = click.progressbar(length=len(left), label="Reading", file=sys.stderr, hidden=not sys.stderr.isatty())
            try:
                with bar:
                    for file, document in reader(left):
                        tally.count(str(file), document)
                        if succeeded(document) or is_final(document):
                            write(str(file), document)
                        bar.update(1)
            finally:
                for failure in tally.failures[:_SHOWN_FAILURES]:
                    click.echo(failure, err=True)
                if len(tally.failures) > _SHOWN_FAILURES:
                    click.echo(f"… and {len(tally.failures) - _SHOWN_FAILURES} more", err=True)
                click.echo(tally.summary(len(files) - len(left)), err=True)
    except UnusableFileError as error:
        raise click.ClickException(str(error)) from None
    except OSError as error:
        raise click.ClickException(f"{out}: {error.strerror}") from None
    return not tally.failures


def in_order(files: list[Path], reader: Reader) -> Iterator[tuple[Path, Document]]:
    """What a reader gives, in the order of the files."""
    early: dict[Path, Document] = {}
    waiting = iter(files)
    awaited = next(waiting, None)
    for file, document in reader(files):
        early[file] = document
        while awaited in early:
            yield awaited, early.pop(awaited)
            awaited = next(waiting, None)
