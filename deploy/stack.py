"""Which processes Kartu consists of, and with what each is started; the container files start the same."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping

from deploy.processes import Program

API = ("-m", "gunicorn", "-c", "deploy/gunicorn_conf.py", "--bind", "{bind}", "api.wsgi:app")
WORKER = ("-m", "celery", "-A", "worker.app", "worker", "--pool", "{pool}", "--concurrency", "{workers}", "-Q", "ocr")
# Workers need not know of each other: gossip and mingle are chatter on Redis that delays the start.
WORKER_ALONE = ("--without-gossip", "--without-mingle")
SWEEPER = ("-m", "worker.sweeper")
# Threads: an attempt only waits for others. The name tells it from the other worker on the same machine.
WEBHOOKS = (
    *("-m", "celery", "-A", "worker.webhooks.tasks", "worker", "--pool", "threads", "--concurrency", "32"),
    *("-Q", "webhooks", "-n", "webhooks@%h", *WORKER_ALONE),
)

MEMORY_PER_WORKER = 1024**3
JOBS_PER_GPU = 8
"""Jobs that the one process of a GPU takes at once: what is no model is Python, of which one core does no more."""


def api_command(bind: str) -> tuple[str, ...]:
    """The API under gunicorn, after the interpreter."""
    return tuple(part.format(bind=bind) for part in API)


def worker_command(workers: int, device: str = "cpu") -> tuple[str, ...]:
    """The Celery worker with this many processes, or on a GPU threads of its one process, after the interpreter."""
    pool = "threads" if device == "gpu" else "prefork"
    return (*(part.format(pool=pool, workers=workers) for part in WORKER), *WORKER_ALONE)


def programs(
    environment: Mapping[str, str], *, bind: str, workers: int, hard_limit_s: int, device: str = "cpu"
) -> tuple[Program, ...]:
    """Sweeper, workers and API, in the order of their start; they stop in the reverse order."""
    python = sys.executable
    return (
        Program("sweeper", (python, *SWEEPER), environment, stop_within_s=10),
        # A warm shutdown ends the attempts under way; one that is cut off is made again, under the same webhook-id.
        Program("webhooks", (python, *WEBHOOKS), environment, stop_within_s=30),
        # A warm shutdown ends the readings at work, and none takes longer than the hard limit.
        Program("worker", (python, *worker_command(workers, device)), environment, stop_within_s=hard_limit_s + 10),
        Program("api", (python, *api_command(bind)), environment, stop_within_s=20),
    )


def default_workers(device: str) -> int:
    """One process per core, as far as memory goes; on a GPU the jobs that one process takes at once.

    Reading a card is one busy thread, and the API next to it costs a few milliseconds a card: a core kept free for it
    would stand idle. Threads of one process would wait for each other (deploy/SCALING.md has the measurement).
    """
    if device == "gpu":
        return JOBS_PER_GPU
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(cores, memory // MEMORY_PER_WORKER))
