"""`kartu keys`: create, list, change, rotate and revoke the API keys of a service, in its Redis."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import click

from deploy.cli.service_redis import service_redis, service_settings
from deploy.cli.text_table import text_table
from shared.key_store import KeyStore, UnknownKeyError
from shared.keys import BOOTSTRAP_ID, SCOPES, ApiKey, KeySettings
from shared.settings import InvalidSettingError
from shared.webhook_secrets import WebhookSecrets

_OVERLAP_H = 24.0
_DEFAULT = "default"


@click.group()
def keys() -> None:
    """Create, list, change, rotate and revoke API keys.

    The Redis is that of KARTU_REDIS_URL, else that of the ./deploy/up that runs from this folder.
    """


class OrDefault(click.IntRange):
    """A number, or `default`: what the service has for keys that have no value of their own."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The number, or the word."""
        return value if value == _DEFAULT else super().convert(value, param, ctx)


def settings_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command an option for each setting of a key; those that are not given are None."""
    at_least_0, at_least_1 = OrDefault(min=0), OrDefault(min=1)
    options = (
        click.option("--scope", "scopes", multiple=True, type=click.Choice(SCOPES), help="May be given several times."),
        click.option("--default-wait", "default_wait_s", type=at_least_0, help="Seconds, without `Prefer`."),
        click.option("--rate", "rate_per_minute", type=at_least_0, help="Images a minute; 0: any."),
        click.option("--quota", "quota_per_day", type=at_least_0, help="Jobs a day; 0: any."),
        click.option("--image-ttl", "image_ttl_s", type=at_least_1, help="Seconds an unread image is kept."),
        click.option("--result-ttl", "result_ttl_s", type=at_least_1, help="Seconds a result is kept."),
    )
    for option in reversed(options):
        command = option(command)
    return command


@keys.command()
@click.argument("name")
@click.option("--expires-in", "days", type=click.FloatRange(min=0, min_open=True), help="Days until the key expires.")
@click.option("--sandbox", is_flag=True, help="Read no cards: answers follow the image's value.")
@settings_options
def create(name: str, *, days: float | None, sandbox: bool, **chosen: Any) -> None:
    """Make a key for NAME and print it; it cannot be shown again."""
    if not name.strip():
        raise click.BadParameter("a key needs a name, so that it can be told from others", param_hint="NAME")
    expires_at = None if days is None else datetime.now(UTC) + timedelta(days=days)
    with key_store() as store:
        record, plain = store.create(name, changed(KeySettings(sandbox=sandbox), chosen), expires_at)
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
    rows = [("ID", "NAME", "CREATED", "EXPIRES", "REVOKED", "SETTINGS")]
    click.echo(text_table([*rows, *(describe(each) for each in records)]))


@keys.command()
@click.argument("key_id", metavar="ID")
@settings_options
def change(key_id: str, **chosen: Any) -> None:
    """Change settings of the key with this ID, at once; what is not named stays as it is.

    `default` for a number gives it back to the service's own setting.
    """
    with key_store() as store:
        store.change(key_id, changed(store.get(key_id).settings, chosen))
        record = store.get(key_id)
    click.echo("  ".join(describe(record)))


@keys.command()
@click.argument("key_id", metavar="ID")
@click.option("--overlap", default=_OVERLAP_H, show_default=True, type=click.FloatRange(min=0), help="Hours.")
def rotate(key_id: str, *, overlap: float) -> None:
    """Give the key with this ID a new secret and print it; the old one holds on for the overlap.

    Jobs, limits and usage belong to the ID, so they go on.
    """
    with key_store() as store:
        plain = store.rotate(key_id, overlap * 3600)
    click.echo(f"id    {key_id}\nkey   {plain}")
    click.echo(f"Keep the key now: only its hash is stored. The old one holds for {overlap:g} hours.", err=True)


@keys.command()
@click.argument("key_id", metavar="ID")
def revoke(key_id: str) -> None:
    """Make the key with this ID invalid at once."""
    with key_store() as store:
        store.revoke(key_id)
    click.echo(f"Revoked {key_id}.")


@keys.command("webhook-secret")
@click.argument("key_id", metavar="ID")
@click.option("--rotate", is_flag=True, help="Make a new one; the old one signs as well for the overlap.")
@click.option("--overlap", default=_OVERLAP_H, show_default=True, type=click.FloatRange(min=0), help="Hours.")
def webhook_secret(key_id: str, *, rotate: bool, overlap: float) -> None:
    """Print the secret that signs the webhooks of the key with this ID; it is made where there is none yet.

    That of the key of ./deploy/up (ID bootstrap) is the setting KARTU_WEBHOOK_SECRET.
    """
    settings = service_settings()
    with key_store() as store, service_redis() as redis:
        try:
            secrets = WebhookSecrets(redis, settings)
            if key_id == BOOTSTRAP_ID:
                shown = ",".join(secrets.of(key_id))
                if rotate or not shown:
                    raise click.ClickException("The secret of this key is set by KARTU_WEBHOOK_SECRET.")
            else:
                store.require_valid(key_id)
                shown = secrets.rotate(key_id, overlap * 3600) if rotate else secrets.ensure(key_id)
        except InvalidSettingError as error:
            raise click.ClickException(str(error)) from None
    click.echo(shown)


@keys.command()
def reseal() -> None:
    """Seal all webhook secrets with the first of KARTU_SEALING_KEYS: before an older one is taken out of the setting.

    All else that is sealed expires with its retention.
    """
    settings = service_settings()
    with key_store() as store, service_redis() as redis:
        try:
            secrets = WebhookSecrets(redis, settings)
        except InvalidSettingError as error:
            raise click.ClickException(str(error)) from None
        lost = [key.id for key in store.all() if not secrets.reseal(key.id)]
    if lost:
        raise click.ClickException(f"No sealing key opens those of: {' '.join(lost)}. Give them new ones: --rotate.")
    click.echo("All webhook secrets are sealed with the first key.")


@contextmanager
def key_store() -> Iterator[KeyStore]:
    """The keys in the service's Redis; turns an unknown one into one sentence."""
    try:
        with service_redis() as redis:
            yield KeyStore(redis)
    except UnknownKeyError as error:
        raise click.ClickException(f"There is no valid key with the id {error}; see kartu keys list.") from None


def changed(settings: KeySettings, chosen: dict[str, Any]) -> KeySettings:
    """The settings with what was chosen on the command line."""
    usual = KeySettings()
    named = {name: value for name, value in chosen.items() if value not in (None, ())}
    return replace(
        settings, **{name: getattr(usual, name) if value == _DEFAULT else value for name, value in named.items()}
    )


def describe(key: ApiKey) -> tuple[str, ...]:
    """One row of the list; of the settings only those that are not the default."""
    usual = KeySettings()
    settings = (
        (each.name, getattr(key.settings, each.name))
        for each in fields(KeySettings)
        if getattr(key.settings, each.name) != getattr(usual, each.name)
    )
    shown = " ".join(f"{name}={','.join(value) if isinstance(value, tuple) else value}" for name, value in settings)
    return (key.id, key.name, moment(key.created_at), moment(key.expires_at), moment(key.revoked_at), shown)


def moment(when: datetime | None) -> str:
    """A time to the minute, in UTC; nothing where there is none."""
    return f"{when:%Y-%m-%d %H:%M}Z" if when else ""
