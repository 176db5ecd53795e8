"""Hostile images in a process of their own, bounded as a worker bounds itself, with the whole pipeline on them."""

from __future__ import annotations

import base64
import multiprocessing
import multiprocessing.connection
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from api.images import decode_image
from shared.errors import KartuError
from shared.settings import Settings
from worker.memory import limit_memory
from worker.pipeline.read import read_card
from worker.pipeline.types import Engines, ReadOptions

WITHIN_S = 900


@dataclass(frozen=True)
class Reading:
    """What became of one image: at the API, in the worker (whether or not the API let it in), and how long that took.

    `succeeded`, an errorType, or the name of an exception that must not be.
    """

    api: str
    worker: str
    seconds: float


def read_apart(images: Callable[[], Iterable[bytes]]) -> tuple[list[Reading], int]:
    """Read the images in a fresh process; gives what became of each, and the most memory that it took in MB.

    `images` is called there. Raises RuntimeError if the process dies.
    """
    context = multiprocessing.get_context("spawn")
    mine, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_read_all, args=(images, theirs))
    process.start()
    theirs.close()
    try:
        if not mine.poll(WITHIN_S):
            raise RuntimeError("the worker process does not come to an end")
        readings, megabytes = mine.recv()
    except EOFError:
        process.join()
        raise RuntimeError(f"the worker process died with {process.exitcode}") from None
    finally:
        process.kill()
        process.join()
    return readings, megabytes


def _read_all(images: Callable[[], Iterable[bytes]], out: multiprocessing.connection.Connection) -> None:
    # The engines come first, as in a worker, whose limit is beyond what they take.
    from worker.engines.null import NullCards, NullText

    settings = Settings()
    engines = Engines(text=NullText(), cards=NullCards())
    given = list(images())
    limit_memory(settings.worker_memory_mb)
    readings = []
    for image in given:
        begun = time.monotonic()
        encoded = base64.b64encode(image).decode()
        api = _outcome(partial(decode_image, encoded, settings.max_image_bytes, settings.max_image_pixels))
        worker = _outcome(partial(read_card, image, ReadOptions(), engines, settings.max_image_pixels))
        readings.append(Reading(api, worker, time.monotonic() - begun))
    out.send((readings, _peak_mb()))


def _peak_mb() -> int:
    # Not ru_maxrss: a child's begins with what its parent had.
    status = Path("/proc/self/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM:")).split()[1]) // 1024


def _outcome(read: Callable[[], object]) -> str:
    try:
        read()
    except KartuError as error:
        return error.error_type
    except Exception as fault:
        return f"{type(fault).__module__}.{type(fault).__name__}"
    return "succeeded"
