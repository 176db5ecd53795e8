"""The `kartu` command; each command or group of commands is a file beside this one."""

from __future__ import annotations

import click

# Under names of their own: a command named as its module would hide it.
from deploy.cli.bench import bench as bench_group
from deploy.cli.doctor import doctor as doctor_command
from deploy.cli.inspect import inspect as inspect_command
from deploy.cli.keys import keys as keys_group
from deploy.cli.read import read as read_command
from deploy.cli.settings import sealing_key as sealing_key_command
from deploy.cli.settings import settings as settings_command
from deploy.cli.status import status as status_command
from deploy.cli.usage import usage as usage_command
from deploy.cli.webhooks import webhooks as webhooks_group


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="kartu")
def main() -> None:
    """Read Indonesian identity cards (KTP), and look after the service that does."""


for command in (
    read_command,
    inspect_command,
    keys_group,
    usage_command,
    status_command,
    doctor_command,
    webhooks_group,
    bench_group,
    settings_command,
    sealing_key_command,
):
    main.add_command(command)
