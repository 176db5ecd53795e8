"""`kartu usage`: how many jobs of each key ended, in what, and how many of them are charged."""

from __future__ import annotations

from datetime import datetime, timedelta

import click

from deploy.cli.service_redis import service_redis
from deploy.cli.text_table import text_table
from shared.key_store import KeyStore
from shared.keys import BOOTSTRAP_ID
from shared.usage import KEPT_DAYS, read_usage, today, total_usage

_DEFAULT_DAYS = 30


@click.command()
@click.option("--from", "first", type=click.DateTime(["%Y-%m-%d"]), help="First day (UTC); default: 30 days back.")
@click.option("--to", "last", type=click.DateTime(["%Y-%m-%d"]), help="Last day (UTC); default: today.")
@click.option("--key", "key_ids", multiple=True, metavar="ID", help="Only this key; may be given several times.")
@click.option("--daily", is_flag=True, help="A row for each day instead of one for all.")
def usage(first: datetime | None, last: datetime | None, key_ids: tuple[str, ...], *, daily: bool) -> None:
    """Print how many jobs ended per key, and how many of them are charged. Sandbox keys are never charged."""
    end = last.date() if last else today()
    start = first.date() if first else end - timedelta(days=_DEFAULT_DAYS - 1)
    if not 0 <= (end - start).days < KEPT_DAYS:
        raise click.BadParameter(f"must be 1 to {KEPT_DAYS} days", param_hint="--from, --to")
    rows: list[tuple[str, ...]] = []
    with service_redis() as redis:
        keys = {BOOTSTRAP_ID: ("KARTU_BOOTSTRAP_KEY", False)}
        keys |= {key.id: (key.name, key.settings.sandbox) for key in KeyStore(redis).all()}
        for key_id in key_ids or keys:
            if key_id not in keys:
                raise click.ClickException(f"There is no key with the id {key_id}; see kartu keys list.")
            name, is_sandbox = keys[key_id]
            days = read_usage(redis, key_id, start, end)
            total = {f"{start}..{end}": total_usage(list(days.values()))}
            spans = {str(day): each for day, each in days.items()} if daily else total
            for span, each in spans.items():
                if each.jobs:
                    outcomes = " ".join(f"{outcome}={count}" for outcome, count in each.outcomes.items())
                    rows.append((key_id, name, span, str(each.jobs), str(0 if is_sandbox else each.charged), outcomes))
    if not rows:
        click.echo("No job has ended in this time.", err=True)
        return
    click.echo(text_table([("ID", "NAME", "DAYS", "JOBS", "CHARGED", "OUTCOMES"), *rows]))
