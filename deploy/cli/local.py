"""Reads cards in this process: the worker's pipeline and models, without a queue and without a service."""

from __future__ import annotations

import logging
import uuid

import click

from shared.connection import Document
from shared.errors import KartuError, ProcessingFailed
from shared.records import BLOCKS, Outcome, ReadRequest
from shared.schemas import JobDataSchema
from shared.settings import InvalidSettingError, Settings
from worker.engines import load_engines
from worker.engines.paddle import MissingWeightsError
from worker.outcome import outcome_of, read_options
from worker.pipeline.read import read_card

_log = logging.getLogger(__name__)
_DATA = JobDataSchema(only=("status", "result", "information", "validation", *BLOCKS))


class LocalReader:
    """Holds the loaded models; raises click.ClickException where there are none."""

    def __init__(self, request: ReadRequest) -> None:
        self._request = request
        try:
            self._settings = Settings.from_env()
            self._engines = load_engines(self._settings)
        except (InvalidSettingError, MissingWeightsError) as error:
            raise click.ClickException(str(error)) from None

    def read(self, image: bytes) -> Document:
        """The document of an image: that of a job, without what only a job has (id, times, charged)."""
        outcome = self._outcome(image)
        document: Document = {
            "message": outcome.message,
            "data": _DATA.dump({"status": outcome.status, "outcome": outcome}),
        }
        if outcome.error_type:
            document["errors"] = {"errorId": outcome.error_id, "errorType": outcome.error_type}
        return document

    def _outcome(self, image: bytes) -> Outcome:
        try:
            reading = read_card(image, read_options(self._request), self._engines, self._settings.max_image_pixels)
        except KartuError as error:
            return Outcome.failure(error, str(uuid.uuid4()))
        except Exception as fault:
            # As a worker does: one image that brings a stage down must not end the reading of the others.
            _log.error("reading failed", exc_info=fault)
            return Outcome.failure(ProcessingFailed(), str(uuid.uuid4()))
        return outcome_of(reading, self._request)
