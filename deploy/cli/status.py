"""`kartu status`: what waits, who works, and how fast it goes."""

from __future__ import annotations

import json
from dataclasses import asdict

import click

from deploy.cli.service_redis import environment, service_redis
from shared.service_status import ServiceStatus, read_status
from shared.settings import Settings

STUCK = 1


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_context
def status(context: click.Context, *, as_json: bool) -> None:
    """Print how the service is. Exit status: 0 if jobs are being read, 1 if they wait and are not."""
    with service_redis() as redis:
        found = read_status(redis)
    click.echo(json.dumps(asdict(found)) if as_json else describe(found))
    if found.stuck(Settings.from_env(environment()).wait_limit_s):
        click.echo("Jobs wait and are not being read: see kartu doctor.", err=True)
        context.exit(STUCK)


def describe(status: ServiceStatus) -> str:
    """The status for a person."""
    pace = "not known yet" if status.interval_s is None else f"a job every {status.interval_s:.2f} s when busy"
    late = f", the first since {status.webhooks_late_s:.1f} s" if status.webhooks_due else ""
    rows = {
        "waiting": f"{status.waiting} jobs" + (f", the oldest for {status.oldest_s:.1f} s" if status.waiting else ""),
        "in work": f"{status.in_work} jobs",
        "pace": pace,
        "webhooks": f"{status.webhooks_due} due" + late,
        "workers": f"{len(status.workers)} processes alive: {' '.join(status.workers)}".rstrip(" :"),
    }
    return "\n".join(f"{name:<8}  {value}" for name, value in rows.items())
