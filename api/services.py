"""What the resources work with: settings, job store, queue, keys and waiters of one application."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app
from redis import Redis

from api.waiting import FinishedJobs
from shared.jobs import JobStore
from shared.keys import KeyStore
from shared.queue import JobQueue, make_celery
from shared.redis import connect
from shared.settings import Settings

EXTENSION = "kartu"


@dataclass(frozen=True)
class Services:
    """The parts of one application."""

    settings: Settings
    redis: Redis
    jobs: JobStore
    queue: JobQueue
    keys: KeyStore
    finished: FinishedJobs


def build_services(settings: Settings) -> Services:
    """Make the parts; nothing connects yet."""
    redis = connect(settings)
    return Services(
        settings=settings,
        redis=redis,
        jobs=JobStore(redis, settings),
        queue=JobQueue(make_celery(settings), redis),
        keys=KeyStore(redis),
        finished=FinishedJobs(redis),
    )


def services() -> Services:
    """The parts of the application that handles this request."""
    found: Services = current_app.extensions[EXTENSION]
    return found
