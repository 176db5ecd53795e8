"""`kartu doctor`: looks at every part of an installation and says what to do about what is wrong."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Literal

import click
from redis import Redis
from redis.exceptions import ResponseError

from deploy.cli.readers import url_of_up
from deploy.cli.service_redis import environment
from deploy.debian import OPENCV_LIBRARIES, OPENCV_PACKAGES, is_loadable
from shared.client import Client
from shared.redis import UNAVAILABLE, connect
from shared.service_status import read_status
from shared.settings import InvalidSettingError, Settings

BROKEN = 1
_OLDEST_PYTHON = (3, 11)
Verdict = Literal["ok", "odd", "wrong"]
MARKS: dict[Verdict, str] = {"ok": "✓", "odd": "!", "wrong": "✗"}


@dataclass(frozen=True)
class Finding:
    """What was looked at, what was found, and what to do about it (nothing if it is ok)."""

    part: str
    verdict: Verdict
    found: str
    remedy: str = ""


@click.command()
@click.option(
    "--url", envvar="KARTU_URL", show_envvar=True, help="Address of the API; default: the running ./deploy/up."
)
def doctor(url: str | None) -> None:
    """Check every part of this installation. Exit status: 0 if nothing is wrong, 1 otherwise."""
    findings = list(examine(url or url_of_up()))
    for each in findings:
        click.echo(f"{MARKS[each.verdict]} {each.part:<9}  {each.found}")
        if each.remedy:
            click.echo(f"             → {each.remedy}")
    if any(each.verdict == "wrong" for each in findings):
        sys.exit(BROKEN)


def examine(url: str) -> Iterator[Finding]:
    """Look at everything; a part that needs another that is wrong is left out."""
    yield python()
    # A container of the API alone reads no cards.
    reads_cards = find_spec("cv2") is not None
    if reads_cards:
        yield libraries()
    try:
        settings = Settings.from_env(environment())
    except InvalidSettingError as error:
        yield Finding("settings", "wrong", str(error), "set it right, or leave it out for its default: kartu settings")
        return
    yield Finding("settings", "ok", "all can be used")
    if reads_cards:
        yield weights(settings)
    yield api(url)
    redis = connect(settings)
    try:
        yield from (look(redis, settings) for look in (server, memory, durability, workers))
    except UNAVAILABLE as error:
        remedy = "start ./deploy/up, or set KARTU_REDIS_URL to the one that the service uses"
        yield Finding("redis", "wrong", f"does not answer ({type(error).__name__})", remedy)


def python() -> Finding:
    """The interpreter."""
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info < _OLDEST_PYTHON:
        return Finding("python", "wrong", version, "install Python 3.11 or later")
    return Finding("python", "ok", version)


def libraries() -> Finding:
    """What OpenCV wants of the system."""
    missing = [name for name in OPENCV_LIBRARIES if sys.platform == "linux" and not is_loadable(name)]
    if missing:
        remedy = f"apt-get install {' '.join(OPENCV_PACKAGES)}"
        return Finding("libraries", "wrong", f"missing: {' '.join(missing)}", remedy)
    return Finding("libraries", "ok", "OpenCV has what it wants of the system")


def weights(settings: Settings) -> Finding:
    """The models that are downloaded."""
    wanted = [f"PP-OCRv6_{settings.text_detection}_det", f"PP-OCRv6_{settings.text_recognition}_rec"]
    missing = [name for name in wanted if not (settings.weights / name / "inference.onnx").is_file()]
    if missing and settings.engine == "paddle":
        found = f"missing in {settings.weights}: {' '.join(missing)}"
        return Finding("weights", "wrong", found, "run ./deploy/up --once")
    return Finding("weights", "ok", "the OCR models are there")


def api(url: str) -> Finding:
    """The API, as a client reaches it."""
    if Client(url, "").is_ready():
        return Finding("api", "ok", f"{url} accepts jobs")
    return Finding("api", "wrong", f"{url} accepts no jobs", "start ./deploy/up, or name another address with --url")


def server(redis: Redis, _: Settings) -> Finding:
    """Which server it is."""
    info = redis.info("server")
    name = "Valkey" if "valkey_version" in info else "Redis"
    version = info.get("valkey_version", info["redis_version"])
    if tuple(map(int, str(info["redis_version"]).split(".")[:2])) < (6, 2):
        return Finding("redis", "wrong", f"{name} {version}", "use Redis 6.2 or later, or Valkey")
    return Finding("redis", "ok", f"{name} {version}")


def memory(redis: Redis, _: Settings) -> Finding:
    """What happens when memory is full."""
    info = redis.info("memory")
    used, most = info["used_memory"] / 2**20, info.get("maxmemory", 0) / 2**20
    policy = info.get("maxmemory_policy") or config(redis, "maxmemory-policy")
    found = f"{used:.0f} MiB used{f' of {most:.0f}' if most else ', without a limit'}, {policy or 'policy not told'}"
    if policy is None:
        return Finding("memory", "odd", found, "make sure that its maxmemory-policy is noeviction")
    if policy != "noeviction":
        return Finding("memory", "wrong", found, "maxmemory-policy noeviction: any other throws accepted jobs away")
    if most and used > 0.8 * most:
        return Finding("memory", "odd", found, "raise maxmemory, or lower KARTU_QUEUE_LIMIT")
    return Finding("memory", "ok", found)


def durability(redis: Redis, _: Settings) -> Finding:
    """Whether jobs outlive a crash of the server."""
    info = redis.info("persistence")
    if not info.get("aof_enabled"):
        remedy = "appendonly yes, appendfsync always: otherwise a restart loses accepted jobs"
        return Finding("disk", "wrong", "no append-only file", remedy)
    if info.get("aof_last_write_status", "ok") != "ok":
        return Finding("disk", "wrong", "the last write failed", "make room on the disk of the Redis server")
    synced = config(redis, "appendfsync")
    if synced is None:
        found = "append-only file; how it is synced the server does not tell"
        return Finding("disk", "odd", found, "make sure that its appendfsync is always")
    found = f"append-only file, synced {synced}"
    if synced != "always":
        return Finding("disk", "wrong", found, "appendfsync always: with any other a crash loses accepted jobs")
    return Finding("disk", "ok", found)


def config(redis: Redis, name: str) -> str | None:
    """A setting of the server; None where it does not tell, as managed ones do not."""
    try:
        found: str | None = redis.config_get(name).get(name)
    except ResponseError:
        # An unknown command, or one that this user may not give.
        return None
    return found


def workers(redis: Redis, settings: Settings) -> Finding:
    """Who reads cards."""
    status = read_status(redis)
    found = f"{len(status.workers)} processes alive, {status.waiting} jobs waiting, oldest {status.oldest_s:.0f} s"
    if not status.workers:
        return Finding("workers", "wrong", found, "start one: ./deploy/up, or celery -A worker.app worker -Q ocr")
    if status.stuck(settings.wait_limit_s):
        return Finding("workers", "wrong", found, "look into the worker's log; add workers if they are only too few")
    return Finding("workers", "ok", found)
