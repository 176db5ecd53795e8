"""`kartu inspect`: a picture of what is seen in an image file, drawn without a service."""

from __future__ import annotations

import os
from pathlib import Path

import click

from deploy.folders import Folders
from shared.errors import KartuError
from shared.settings import Settings


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Default: FILE with .inspect.png added.")
@click.option("--no-card-detect", is_flag=True, help="Look for no card, read the whole image.")
@click.option("--flip", is_flag=True, help="The image is mirrored: flip it first.")
def inspect(file: Path, out: Path | None, *, no_card_detect: bool, flip: bool) -> None:
    """Draw the card's corners, the flattened card and the text boxes of FILE into a PNG.

    The picture shows the card and its text: treat it as the personal data that it is.
    """
    # Before ONNX Runtime is imported, which happens below.
    os.environ.update(Folders.from_env().variables())
    import cv2

    from worker.engines import load_engines
    from worker.inspection import inspect_card
    from worker.pipeline.types import ReadOptions

    settings = Settings.from_env()
    options = ReadOptions(card_detect=not no_card_detect, flip_image=flip)
    try:
        picture = inspect_card(file.read_bytes(), options, load_engines(settings), settings.max_image_pixels)
    except KartuError as error:
        raise click.ClickException(error.message) from None
    target = out or file.with_name(f"{file.name}.inspect.png")
    target.write_bytes(cv2.imencode(".png", picture)[1].tobytes())
    click.echo(str(target))
