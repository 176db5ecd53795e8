"""`kartu bench queue`: what a request costs before any card is read, in time and memory, and how that grows."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

from deploy.folders import PROJECT
from deploy.load.benchmark import IMAGES, measure_capacity, percentile, request_body
from deploy.load.clients import ask
from deploy.load.consumption import largest_resident, processor_seconds
from deploy.load.growth import measure_growth
from deploy.load.pictures import make_jpeg
from deploy.load.service import MeasuredService, measured_parts, measured_service
from shared.client import RESOURCE
from shared.heartbeats import alive
from shared.redis_keys import image_key, job_key

SIZES = {"300 KB": 300_000, "2 MB": 2_000_000}
_CLIENTS, _WARM_UP = 4, 20
_STARTS, _CARDS_BEFORE_MEMORY = 3, 20
_TEXT_ENGINE_S = 8.0
"""Workers go on loading it when they are ready."""

_ROLE_OF = {"api": "API", "worker": "workers"}
_EVERYTHING = {"KARTU_QUEUE_LIMIT": "1000000", "KARTU_WAIT_LIMIT_S": "1000000"}
"""Nothing is refused for the length of the queue."""

Say = Callable[[str], None]


def benchmark(requests: int, lengths: Sequence[int], workers: Sequence[int], seconds: float, say: Say) -> None:
    """Measure one thing after the other, saying each table as soon as it is known."""
    say("| image | POST/s | API CPU ms a request | Valkey CPU ms | answer p50 / p95 | Valkey KB a waiting image |")
    say("|---|--:|--:|--:|--:|--:|")
    with measured_parts(1, {**_EVERYTHING, "KARTU_ENGINE": "null"}) as service:
        service.start("api")
        service.wait_until(lambda: _answers(service), "The start of the API")
        for name, size in SIZES.items():
            say(f"| {name} " + measure_posts(service, make_jpeg(size), requests))
        service.redis.flushall()
        service.start("worker")
        say("\n" + measure_queue_latency(service, requests))
    say("\n| waiting jobs | admit | accept | enqueue | claim | finish |\n|---|--:|--:|--:|--:|--:|")
    with measured_parts(1, _EVERYTHING) as service:
        for each in measure_growth(service, lengths):
            steps = (each.admit, each.accept, each.enqueue, each.claim, each.finish)
            say(f"| {each.waiting:,} | " + " | ".join(f"{step:.2f} ms" for step in steps) + " |")
    bodies = [request_body(path.read_bytes()) for path in sorted(PROJECT.glob(IMAGES))]
    say("\n" + measure_starts(bodies))
    say("\n| worker processes | images/s | cores that they got | workers' CPU ms an image |\n|---|--:|--:|--:|")
    for count in workers:
        say(f"| {count} " + measure_throughput(count, bodies, seconds))


def measure_posts(service: MeasuredService, image: bytes, requests: int) -> str:
    """POST as fast as a few clients can; nothing takes the jobs away, so they show what an image takes of memory."""
    body = request_body(image)
    _send(service, body, _WARM_UP)
    before = processor_seconds()
    begun = time.monotonic()
    taken = sorted(_send(service, body, requests))
    pace, after = requests / (time.monotonic() - begun), processor_seconds()
    api, valkey = (1000 * (after[role] - before[role]) / requests for role in ("API", "Valkey"))
    kilobytes = _mean_kilobytes(service, image_key("")) + _mean_kilobytes(service, job_key(""))
    service.redis.flushall()
    shares = " / ".join(f"{1000 * percentile(taken, share):.0f}" for share in (50, 95))
    return f"| {pace:.0f} | {api:.1f} | {valkey:.1f} | {shares} ms | {kilobytes:,.0f} |"


def measure_queue_latency(service: MeasuredService, jobs: int) -> str:
    """From the moment at which a job is stored to its start in a worker that has nothing else to do."""
    service.wait_until(lambda: bool(alive(service.redis)), "The start of the worker")
    body, waited = request_body(make_jpeg(SIZES["300 KB"])), []
    before = processor_seconds()
    for _ in range(jobs):
        data = ask(service, "POST", RESOURCE, body, prefer="wait=60")[1]["data"]
        created, started = (datetime.fromisoformat(data[name]) for name in ("createdAt", "startedAt"))
        waited.append(1000 * (started - created).total_seconds())
    after = processor_seconds()
    taken = ", ".join(f"{role} {1000 * (after[role] - before[role]) / jobs:.1f} ms" for role in ("API", "Valkey"))
    shares = ", ".join(f"p{share} {percentile(waited, share):.1f} ms" for share in (50, 95, 99))
    return (
        f"From the acceptance of a job to its start in an idle worker: {shares} ({jobs} jobs)\n"
        f"Processor time of a whole job of 300 KB, waited for in its request: {taken}\n"
        f"Valkey keeps of a job that has ended: {_mean_kilobytes(service, job_key('')):.1f} KB"
    )


def measure_throughput(workers: int, bodies: Sequence[bytes], seconds: float) -> str:
    """Images a second while there is always one more to read; where others use the cores too, by what was left."""
    with measured_service(workers, 1_000_000) as service:
        for body in bodies[: 2 * workers]:
            ask(service, "POST", RESOURCE, body, prefer="wait=60")
        time.sleep(_TEXT_ENGINE_S)
        begun, before = time.monotonic(), processor_seconds()["workers"]
        pace = measure_capacity(service, bodies, workers, seconds)
        cores = (processor_seconds()["workers"] - before) / (time.monotonic() - begun)
    return f"| {pace:.2f} | {cores:.2f} | {1000 * cores / pace:.0f} |"


def measure_starts(bodies: Sequence[bytes]) -> str:
    """A few starts: until the API answers, then until a worker says that it is ready; and a worker's memory in use."""
    api, worker, megabytes = [], [], 0.0
    for _ in range(_STARTS):
        with measured_parts(1, _EVERYTHING) as service:
            api.append(_timed_start(service, "api", lambda: _answers(service)))
            worker.append(_timed_start(service, "worker", lambda: bool(alive(service.redis))))
            for number in range(_CARDS_BEFORE_MEMORY):
                ask(service, "POST", RESOURCE, bodies[number % len(bodies)], prefer="wait=60")
            megabytes = max(megabytes, largest_resident("workers"))
    return (
        f"From its start until the API answers: {_list(api)}; until a worker is ready: {_list(worker)}\n"
        f"Memory of a worker process after {_CARDS_BEFORE_MEMORY} images: {megabytes:.0f} MB"
    )


def _timed_start(service: MeasuredService, name: str, is_ready: Callable[[], bool]) -> tuple[float, float]:
    """Seconds by the clock, and of processor time, until what is started is ready."""
    role, begun = _ROLE_OF[name], time.monotonic()
    service.start(name)
    service.wait_until(is_ready, f"The start of {name}")
    return time.monotonic() - begun, processor_seconds()[role]


def _list(starts: Sequence[tuple[float, float]]) -> str:
    clock, processor = (", ".join(f"{each:.1f}" for each in seconds) for seconds in zip(*starts, strict=True))
    return f"{clock} s ({processor} s of processor time)"


def _answers(service: MeasuredService) -> bool:
    try:
        return ask(service, "GET", "/healthz")[0] == 200
    except OSError:
        return False


def _mean_kilobytes(service: MeasuredService, prefix: str) -> float:
    """What a key of that beginning takes of Valkey's memory, on average."""
    found = service.redis.scan_iter(f"{prefix}*", count=1000)
    # 0: by all fields of a hash. By some of them, which it takes otherwise, one of 1.6 KB was said to take 1.1 or 2.5.
    taken = [service.redis.memory_usage(key, samples=0) or 0 for key in found]
    return sum(taken) / len(taken) / 1000


def _send(service: MeasuredService, body: bytes, requests: int) -> list[float]:
    """So many submissions over connections that stay open, as a proxy keeps them; seconds that each took."""
    with ThreadPoolExecutor(_CLIENTS) as pool:
        shares = [range(number, requests, _CLIENTS) for number in range(_CLIENTS)]
        return [each for share in pool.map(lambda share: _send_on(service, body, share), shares) for each in share]


def _send_on(service: MeasuredService, body: bytes, share: Iterable[int]) -> list[float]:
    connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=60)
    headers = {"Authorization": f"Bearer {service.key}", "Content-Type": "application/json"}
    taken = []
    try:
        for _ in share:
            begun = time.monotonic()
            connection.request("POST", RESOURCE, body, headers)
            answer = connection.getresponse()
            document: dict[str, Any] = json.loads(answer.read())
            if answer.status != 202:
                raise RuntimeError(f"not accepted: {answer.status} {document['message']}")
            taken.append(time.monotonic() - begun)
    finally:
        connection.close()
    return taken
