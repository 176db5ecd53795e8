"""The Redis of the service, for commands that work on it directly."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import click
from redis import Redis

from deploy.folders import Folders
from shared.redis import UNAVAILABLE, connect
from shared.settings import InvalidSettingError, Settings


@contextmanager
def service_redis() -> Iterator[Redis]:
    """A connection to the service's Redis; turns its absence into one sentence."""
    try:
        with connect(Settings.from_env(environment())) as redis:
            yield redis
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
