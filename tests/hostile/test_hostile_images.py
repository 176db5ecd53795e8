"""Images made to do harm: each ends in the contract's error or is read, in bounded memory and time, in a live process.

KARTU_MUTATIONS=5000 reads so many damaged files.
"""

from __future__ import annotations

import os
from functools import partial

import numpy as np
import pytest

from shared.settings import Settings
from tests.hostile.images import BOMBS, mutations, odd_images
from tests.hostile.reading import read_apart
from worker.memory import limit_memory

MUTATIONS = int(os.environ.get("KARTU_MUTATIONS", "400"))
REFUSALS = {"image_too_large", "unsupported_image_type", "corrupted_image"}
ENDS = {"succeeded", "text_not_found", "invalid_document_type", "parsing_failed"}
MOST_MB = 1000
"""A worker has room for KARTU_WORKER_MEMORY_MB beyond its models; 50 million pixels with transparency take most."""


def odd_list() -> list[bytes]:
    return list(odd_images().values())


def bomb_list() -> list[bytes]:
    return [make() for make in BOMBS.values()]


def hungry() -> list[bytes]:
    limit_memory(1)
    np.zeros(100_000_000, dtype=np.uint8)
    return []


def test_images_of_every_kind_are_read():
    readings, _ = read_apart(odd_list)
    outcomes = dict(zip(odd_images(), readings, strict=True))
    assert {name: each.api for name, each in outcomes.items() if each.api != "succeeded"} == {}
    assert {name: each.worker for name, each in outcomes.items() if each.worker not in ENDS} == {}


def test_bombs_are_bounded_in_memory_and_time():
    readings, megabytes = read_apart(bomb_list)
    outcomes = dict(zip(BOMBS, readings, strict=True))
    assert {name: each for name, each in outcomes.items() if each.api not in {"succeeded", *REFUSALS}} == {}
    assert {name: each for name, each in outcomes.items() if each.worker not in ENDS | REFUSALS} == {}
    assert max(each.seconds for each in readings) < Settings().soft_limit_s
    assert megabytes < MOST_MB


def test_no_damaged_file_does_more_than_end_in_an_error_of_the_contract():
    readings, megabytes = read_apart(partial(mutations, 20261125, MUTATIONS))
    assert len(readings) == MUTATIONS
    assert {each.api for each in readings} <= {"succeeded", *REFUSALS}
    assert {each.worker for each in readings} <= ENDS | REFUSALS
    # Damage that the API lets in is what the worker is tested with; without any the test would show nothing.
    assert sum(each.api == "succeeded" for each in readings) > MUTATIONS // 20
    assert sum(each.worker == "corrupted_image" for each in readings) > MUTATIONS // 20
    assert megabytes < MOST_MB


def test_what_wants_more_memory_than_a_worker_has_does_not_get_it():
    with pytest.raises(RuntimeError, match="died with 1"):
        read_apart(hungry)
