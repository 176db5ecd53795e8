"""What the resources of one application work with."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app
from redis import Redis

from api.body_room import BodyRoom
from api.waiting import FinishedJobs
from shared.batches import BatchStore
from shared.callback_urls import CallbackRules
from shared.deliveries import DeliveryStore
from shared.intake import Intake
from shared.job_ids import JobIds
from shared.jobs import JobStore
from shared.key_store import KeyStore
from shared.limits import Gate
from shared.queue import JobQueue, make_celery
from shared.redis import connect
from shared.sealing import read_keys
from shared.settings import Settings
from shared.webhook_secrets import WebhookSecrets

EXTENSION = "kartu"


@dataclass(frozen=True)
class Services:
    """The parts of one application."""

    settings: Settings
    redis: Redis
    gate: Gate
    intake: Intake
    ids: JobIds
    jobs: JobStore
    batches: BatchStore
    queue: JobQueue
    keys: KeyStore
    callbacks: CallbackRules
    secrets: WebhookSecrets
    deliveries: DeliveryStore
    finished: FinishedJobs
    bodies: BodyRoom


def build_services(settings: Settings) -> Services:
    """Make the parts; nothing connects yet."""
    redis = connect(settings)
    return Services(
        settings=settings,
        redis=redis,
        gate=Gate(redis, settings),
        intake=Intake(redis, settings),
        ids=JobIds(read_keys(settings.sealing_keys)),
        jobs=JobStore(redis, settings),
        batches=BatchStore(redis, settings),
        queue=JobQueue(make_celery(settings), redis),
        keys=KeyStore(redis),
        callbacks=CallbackRules(settings),
        secrets=WebhookSecrets(redis, settings),
        deliveries=DeliveryStore(redis, settings),
        finished=FinishedJobs(redis, settings.max_held),
        bodies=BodyRoom(settings.max_bodies_bytes),
    )


def services() -> Services:
    """The parts of the application that handles this request."""
    found: Services = current_app.extensions[EXTENSION]
    return found
