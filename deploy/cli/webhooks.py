"""`kartu webhooks`: what became of webhooks, sending them again, and a receiver for trying out."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import get_args

import click
import orjson

from deploy.cli.keys import moment
from deploy.cli.service_redis import service_redis, service_settings
from deploy.cli.text_table import text_table
from deploy.webhook_receiver import WebhookReceiver
from shared.client import InvalidWebhookError, verify_webhook
from shared.connection import Document
from shared.deliveries import Delivery, DeliveryStore, State
from shared.key_store import KeyStore
from shared.keys import BOOTSTRAP_ID
from shared.settings import InvalidSettingError
from shared.webhook_secrets import read_secrets

_MOST_OF_A_KEY = 100_000


@click.group()
def webhooks() -> None:
    """See what became of webhooks, send them again, receive them for trying out.

    The Redis is that of KARTU_REDIS_URL, else that of the ./deploy/up that runs from this folder.
    """


@webhooks.command("list")
@click.option("--key", "key_id", metavar="ID", help="Only those of this API key.")
@click.option("--state", type=click.Choice(get_args(State)), help="Only those in this state.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(min=1), help="Most rows of a key.")
def list_webhooks(key_id: str | None, state: State | None, limit: int) -> None:
    """Print webhooks and how their last attempt went; neither URLs nor what was sent are shown."""
    with deliveries_of_keys(key_id, state, limit) as (_, found):
        rows = [describe(each) for each in found]
    if not rows:
        click.echo("There is no such webhook.", err=True)
        return
    click.echo(text_table([("ID", "KEY", "STATE", "CREATED", "ATTEMPTS", "LAST", "NEXT"), *rows]))


@webhooks.command()
@click.argument("job_ids", metavar="[ID]...", nargs=-1)
@click.option("--dead", is_flag=True, help="All that are dead.")
@click.option("--key", "key_id", metavar="ID", help="With --dead: only those of this API key.")
def replay(job_ids: tuple[str, ...], *, dead: bool, key_id: str | None) -> None:
    """Send the webhooks of the jobs with these IDs again, under the same webhook-id."""
    if bool(job_ids) == dead:
        raise click.UsageError("Name webhooks by their IDs, or give --dead.")
    with deliveries_of_keys(key_id, "dead" if dead else None, _MOST_OF_A_KEY if dead else 0) as (store, found):
        ids = [each.id for each in found] if dead else list(job_ids)
        gone = [job_id for job_id in ids if not store.replay(job_id)]
    click.echo(f"{len(ids) - len(gone)} to be sent again.")
    if gone and not dead:
        raise click.ClickException(f"There is no webhook (any more) of: {' '.join(gone)}")


@webhooks.command()
@click.option("--port", default=8787, show_default=True, help="On 127.0.0.1.")
@click.option("--status", default=204, show_default=True, help="What to answer to webhooks that verify.")
@click.option("--show", is_flag=True, help="Print the whole document, which is personal data.")
def listen(port: int, status: int, *, show: bool) -> None:
    """Receive webhooks on this machine, verify them and print a line for each; Ctrl-C ends it.

    The secret is that of KARTU_WEBHOOK_SECRET, else that of the ./deploy/up of this folder. The service delivers to
    this machine only with KARTU_WEBHOOK_HTTP=true and KARTU_WEBHOOK_NETWORKS=127.0.0.0/8.
    """
    try:
        secrets = read_secrets(service_settings().webhook_secret)
    except InvalidSettingError as error:
        raise click.ClickException(str(error)) from None
    if not secrets:
        raise click.ClickException("KARTU_WEBHOOK_SECRET is not set; see kartu keys webhook-secret ID.")

    def receive(headers: dict[str, str], body: bytes) -> int:
        now = time.strftime("%H:%M:%S")
        try:
            document = verify_webhook(body, headers, *secrets)
        except InvalidWebhookError as error:
            click.echo(f"{now} REFUSED: {error}")
            return 401
        click.echo(" ".join((now, *told(headers["webhook-id"], document))))
        if show:
            click.echo(orjson.dumps(document, option=orjson.OPT_INDENT_2).decode())
        return status

    try:
        receiver = WebhookReceiver(port, receive)
    except OSError as error:
        raise click.ClickException(f"Port {port} cannot be used: {error.strerror}") from None
    with receiver:
        # Also where it was started in the background of a script, which leaves Ctrl-C out.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.default_int_handler)
        click.echo(f"Listening; callbackUrl: {receiver.url}", err=True)
        try:
            receiver.serve_forever()
        except KeyboardInterrupt:
            click.echo("Stopped.", err=True)


@contextmanager
def deliveries_of_keys(
    key_id: str | None, state: State | None, limit: int
) -> Iterator[tuple[DeliveryStore, list[Delivery]]]:
    """The outbox of the service, and the deliveries of all keys, or of one, in one state if it is named."""
    settings = service_settings()
    with service_redis() as redis:
        try:
            store = DeliveryStore(redis, settings)
        except InvalidSettingError as error:
            raise click.ClickException(str(error)) from None
        keys = [key_id] if key_id else [BOOTSTRAP_ID, *(key.id for key in KeyStore(redis).all())]
        # All of a key's, and then those in the state: what is looked for may be old.
        most = limit if state is None else _MOST_OF_A_KEY
        found = [[each for each in store.of_owner(key, most) if state in (None, each.state)] for key in keys if limit]
        yield store, [each for of_key in found for each in of_key[:limit]]


def describe(delivery: Delivery) -> tuple[str, ...]:
    """One row of the list."""
    last = delivery.attempts[-1] if delivery.attempts else None
    outcome = "" if last is None else str(last.status or last.error)
    return (
        *(delivery.id, delivery.owner, delivery.state, moment(delivery.created_at)),
        *(str(len(delivery.attempts)), outcome, moment(delivery.next_attempt_at)),
    )


def told(webhook_id: str, document: Document) -> tuple[str, ...]:
    """What can be said of a webhook without showing anybody's data."""
    error_type = document.get("errors", {}).get("errorType", "")
    return tuple(filter(None, ("verified", webhook_id, document["data"]["status"], error_type)))
