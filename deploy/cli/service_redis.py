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
        with connect(service_settings()) as redis:
            yield redis
    except InvalidSettingError as error:
        raise click.ClickException(str(error)) from None
    except (*UNAVAILABLE, ValueError):
        raise click.ClickException(
            "The Redis of the service does not answer: start ./deploy/up, or set KARTU_REDIS_URL to the one it uses."
        ) from None


def service_settings() -> Settings:
    """The settings of the service, as far as this process can know them; turns a wrong one into one sentence."""
    try:
        return Settings.from_env(environment())
    except InvalidSettingError as error:
        raise click.ClickException(str(error)) from None


def environment() -> dict[str, str]:
    """The environment; what it does not name of the following is taken from an `up` of this folder."""
    folders = Folders.from_env()
    files = {
        "KARTU_REDIS_URL": folders.redis_url,
        "KARTU_SEALING_KEYS": folders.sealing_key,
        "KARTU_WEBHOOK_SECRET": folders.webhook_secret,
    }
    found = {name: path.read_text().strip() for name, path in files.items() if path.is_file()}
    return found | {name: value for name, value in os.environ.items() if value}
