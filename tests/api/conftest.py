"""The application on the embedded Valkey, with a worker of the null engine beside it where a test asks for one."""

from __future__ import annotations

import base64
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from api import create_app
from api.services import EXTENSION, Services
from shared.jobs import JobStore
from shared.keys import KeySettings
from shared.settings import Settings
from tests.conftest import make_png
from worker.engines import load_engines
from worker.tasks import Reader

URL = "/v1/ocr/id/ktp"
PNG = base64.b64encode(make_png()).decode()


@pytest.fixture
def settings(settings: Settings, valkey_url: str) -> Settings:
    return replace(settings, redis_url=valkey_url)


@pytest.fixture
def app(settings: Settings) -> Flask:
    return create_app(settings)


@pytest.fixture
def parts(app: Flask) -> Services:
    return app.extensions[EXTENSION]


@pytest.fixture
def client(app: Flask, settings: Settings) -> FlaskClient:
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {settings.bootstrap_key}"
    return client


@pytest.fixture
def client_of(app: Flask, parts: Services) -> Callable[..., FlaskClient]:
    """Makes a client with a key of its own, of these settings."""

    def make(**chosen: Any) -> FlaskClient:
        record, plain = parts.keys.create("client", KeySettings(**chosen))
        parts.secrets.ensure(record.id)
        client = app.test_client()
        client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {plain}"
        client.key_id = record.id
        return client

    return make


class LocalQueue:
    """Hands jobs to a reader in a thread of this process."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._pool = ThreadPoolExecutor(max_workers=1)

    def enqueue(self, job_id: str) -> None:
        self._pool.submit(self._reader.work, job_id, "message")

    def depth(self) -> int:
        return 0


@pytest.fixture
def worker(app: Flask, parts: Services, settings: Settings) -> Reader:
    """A worker with the null engine, through the same pipeline as any other."""
    jobs: JobStore = parts.jobs
    reader = Reader(jobs, parts.queue, load_engines(settings), settings.max_attempts, settings.max_image_pixels)
    app.extensions[EXTENSION] = replace(parts, queue=LocalQueue(reader))
    return reader
