"""`kartu keys`: create, list and revoke the API keys of a service, in its Redis."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import click

from deploy.folders import Folders
from shared.keys import KeyStore
from shared.redis import UNAVAILABLE, connect
from shared.settings import InvalidSettingError, Settings


@click.group()
def keys() -> None:
    """Create, list and revoke API keys.

    The Redis is that of KARTU_REDIS_URL, else that of the ./deploy/up that runs from this folder.
    """


@keys.command()
@click.argument("name")
def create(name: str) -> None:
    """Make a key for NAME and print it; it cannot be shown again."""
    if not name.strip():
        raise click.BadParameter("a key needs a name, so that it can be told from others", param_hint="NAME")
    with key_store() as store:
        record, plain = store.create(name)
    click.echo(f"id    {record.id}\nname  {record.name}\nkey   {plain}")
    click.echo("Keep the key now: only its hash is stored.", err=True)


@keys.command("list")
def list_keys() -> None:
    """Print all keys, revoked ones too, without their secrets."""
    with key_store() as store:
        records = store.all()
    if not records:
        click.echo("There is no key yet: kartu keys create NAME", err=True)
        return
    rows = [("ID", "NAME", "CREATED", "REVOKED")]
    rows += [(each.id, each.name, moment(each.created_at), moment(each.revoked_at)) for each in records]
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    for row in rows:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


@keys.command()
@click.argument("key_id", metavar="ID")
def revoke(key_id: str) -> None:
    """Make the key with this ID invalid at once."""
    with key_store() as store:
        revoked = store.revoke(key_id)
    if not revoked:
        raise click.ClickException(f"There is no valid key with the id {key_id}; see kartu keys list.")
    click.echo(f"Revoked {key_id}.")


@contextmanager
def key_store() -> Iterator[KeyStore]:
    """The keys in the service's Redis; turns its absence into one sentence."""
    try:
        with connect(Settings.from_env(environment())) as redis:
            yield KeyStore(redis)
    except InvalidSettingError as error:
        raise click.ClickException(str(error)) from None
    except (*UNAVAILABLE, ValueError):
        raise click.ClickException(
            "The Redis of the service does not answer: start ./deploy/up, or set KARTU_REDIS_URL to the one it uses."
        ) from None


def environment() -> dict[str, str]:
    """The environment, with the Redis of a running `up` where none is named."""
    address = Folders.from_env().redis_url
    found = {"KARTU_REDIS_URL": address.read_text().strip()} if address.is_file() else {}
    return found | {name: value for name, value in os.environ.items() if value}


def moment(when: datetime | None) -> str:
    """A time to the minute, in UTC; nothing where there is none."""
    return f"{when:%Y-%m-%d %H:%M}Z" if when else ""
