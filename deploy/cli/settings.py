"""`kartu settings` and `kartu sealing-key`: what an operator needs to set the service up."""

from __future__ import annotations

import click

from shared.sealing import new_key
from shared.settings import settings_table


@click.command()
def settings() -> None:
    """Print every setting, its default and its meaning, as a table in Markdown."""
    click.echo(settings_table(), nl=False)


@click.command("sealing-key")
def sealing_key() -> None:
    """Print a new key for KARTU_SEALING_KEYS."""
    click.echo(new_key())
