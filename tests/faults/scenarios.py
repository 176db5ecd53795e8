"""The scenarios: what goes wrong, how often, and which images are sent meanwhile."""

from __future__ import annotations

import random
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from deploy.redis_server import answers
from shared.queue import OCR_QUEUE, READ_TASK, make_celery
from shared.settings import Settings
from tests.faults.marks import POISON, STUCK, Mark
from tests.faults.service import API, SWEEPER, VALKEY, WEBHOOKS, WORKER, Service

LOADING_S = 10
HANGS_S, FULL_S = 3.5, 3.0
STEP_S = 3600
DELIVERED_AGAIN = "delivered-again"
"""Where these tests note which messages they have copied."""
UNACKED = "unacked_index"
"""Where kombu keeps the messages that were taken, by when that was on the clock of the worker."""


@dataclass(frozen=True)
class Scenario:
    """One kind of fault: `strike` makes one, `every_s` seconds after the one before.

    `special` images are sent `one_in` so many; where there is no `strike`, they are the faults. `settle` is called when
    all jobs have ended.
    """

    name: str
    strike: Callable[[Service], None] | None = None
    every_s: float = 6.0
    special: tuple[Mark, ...] = ()
    one_in: int = 20
    is_clock: bool = False
    settle: Callable[[Service], None] = lambda _: None


def _kill_child(service: Service) -> None:
    service.tend_until(service.worker_children, 60, "A worker process")
    random.choice(service.worker_children()).kill()


def _kill_worker(service: Service) -> None:
    service.kill(WORKER)


def _kill_webhooks(service: Service) -> None:
    service.kill(WEBHOOKS)


def _kill_api(service: Service) -> None:
    service.kill(API)


def _kill_valkey(service: Service) -> None:
    service.kill(VALKEY)
    service.tend_until(lambda: answers(service.redis_url), 60, "The restart of Valkey")


def _fill_valkey(service: Service) -> None:
    """Full while messages wait, so that workers meet it too: they take a message and cannot note that they have it."""
    celery = make_celery(Settings(redis_url=service.redis_url))
    for number in range(20):
        celery.send_task(READ_TASK, args=[f"no job {number}"], queue="aside")
    with service.redis.pipeline(transaction=True) as pipe:
        for _ in range(20):
            pipe.lmove("aside", OCR_QUEUE)
        pipe.config_set("maxmemory", "1mb")
        pipe.execute()
    service.tend(FULL_S)
    service.redis.config_set("maxmemory", "0")


def _hang_valkey(service: Service) -> None:
    service.kill(VALKEY, signal.SIGSTOP)
    service.tend(HANGS_S)
    service.kill(VALKEY, signal.SIGCONT)


def _deliver_again(service: Service) -> None:
    """Every message that waits, once more in all; and new messages for jobs in any state."""
    # Copied at each strike, 3,948 messages were 68,000 after 39 of them, in front of those whose jobs had not had their
    # turn: 46 of 2,000 jobs still waited, their messages in the queue, when the count was made.
    waiting = list(dict.fromkeys(service.redis.lrange(OCR_QUEUE, 0, -1)))
    with service.redis.pipeline(transaction=False) as pipe:
        for message in waiting:
            pipe.sadd(DELIVERED_AGAIN, message)
        is_new = pipe.execute()
    if once_more := [message for message, new in zip(waiting, is_new, strict=True) if new]:
        service.redis.rpush(OCR_QUEUE, *once_more)
    celery = make_celery(Settings(redis_url=service.redis_url))
    for key in list(service.redis.scan_iter("kartu:job:*", count=1000))[-50:]:
        celery.send_task(READ_TASK, args=[key.decode().rpartition(":")[2]], queue=OCR_QUEUE)


def _load_slowly(service: Service) -> None:
    """A restart of the worker, which takes its time to load."""
    service.slow_loading.write_text(str(LOADING_S))
    service.kill(WORKER)
    service.tend(LOADING_S)
    service.slow_loading.unlink()


def _stop_worker(service: Service) -> None:
    service.kill(WORKER, signal.SIGTERM)


def _step_clock(service: Service) -> None:
    """An hour ahead, and back again: the clock of Valkey, and that by which workers note when they took a message."""
    for offset_s in (STEP_S, -STEP_S):
        set_clock(service.folders.home, max(0, offset_s))
        for tag in service.redis.zrange(UNACKED, 0, -1):
            service.redis.zincrby(UNACKED, -offset_s, tag)
        service.tend(3)


def _let_an_hour_pass(service: Service) -> None:
    """A webhook that was put off while the clock was ahead is due when the clock is there again."""
    set_clock(service.folders.home, STEP_S)


def _kill_under_two_sweepers(service: Service) -> None:
    if len(service.processes(SWEEPER)) < 2:
        service.add_sweeper()
    service.kill(WORKER)


def faketime() -> Path | None:
    """The library of the Debian package faketime, which moves a process's clock; None where it is not installed."""
    return next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)


def set_clock(folder: Path, offset_s: int) -> None:
    """Move the clock of a Valkey that was started with `clock_preload`."""
    clock = folder / "clock"
    unfinished = clock.with_suffix(".new")
    unfinished.write_text(f"{offset_s:+d}\n")
    unfinished.replace(clock)


def clock_preload(folder: Path) -> dict[str, str]:
    """Environment of a Valkey whose clock `set_clock` moves; its monotonic one is left alone, as a step leaves it."""
    set_clock(folder, 0)
    return {
        "LD_PRELOAD": str(faketime()),
        "FAKETIME_TIMESTAMP_FILE": str(folder / "clock"),
        "FAKETIME_CACHE_DURATION": "1",
        "DONT_FAKE_MONOTONIC": "1",
    }


SCENARIOS = (
    Scenario("worker child killed", _kill_child),
    Scenario("worker killed", _kill_worker, every_s=10),
    Scenario("webhook worker killed", _kill_webhooks, every_s=8),
    Scenario("API killed", _kill_api, every_s=8),
    Scenario("Valkey killed, restarted from its AOF", _kill_valkey, every_s=8),
    Scenario("Valkey full", _fill_valkey, every_s=8),
    Scenario("Valkey hangs", _hang_valkey, every_s=8),
    Scenario("every message delivered again", _deliver_again, every_s=2),
    Scenario("poison image kills its process", special=(POISON,), one_in=50),
    Scenario("image runs into the hard limit", special=(STUCK,), one_in=100),
    Scenario("models take 10 s to load", _load_slowly, every_s=15),
    Scenario("SIGTERM during jobs", _stop_worker, every_s=10),
    Scenario("two sweepers, worker killed", _kill_under_two_sweepers, every_s=10),
    Scenario("clock stepped by an hour and back", _step_clock, every_s=6, is_clock=True, settle=_let_an_hour_pass),
)
