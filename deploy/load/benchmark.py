"""The measurement itself: capacity first, then arrivals at multiples of it, then pollers beside slow clients."""

from __future__ import annotations

import base64
import json
import statistics
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from deploy.folders import PROJECT
from deploy.load.clients import Arrivals, SlowClients, arrive, ask, latencies, poll
from deploy.load.observation import Observation
from deploy.load.service import MeasuredService, measured_service
from shared.client import RESOURCE

IMAGES = "tests/data/*.jpg"
SLOW_CLIENTS = 20
HEADER = (
    "| arrivals | accepted/s | refused | latency p50 / p95 / p99 | answer p95 | oldest in queue | waiting "
    "| API | workers | Valkey |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|"
)


def benchmark(
    workers: int, multiples: Sequence[float], seconds: float, wait_limit_s: float, say: Callable[[str], None]
) -> None:
    """Measure, saying each line as soon as it is known."""
    bodies = [request_body(path.read_bytes()) for path in sorted(PROJECT.glob(IMAGES))]
    with measured_service(workers, wait_limit_s) as service:
        capacity = measure_capacity(service, bodies, workers, seconds)
        say(f"Capacity: {capacity:.2f} images a second with {workers} worker processes\n\n{HEADER}")
        for number, multiple in enumerate(multiples):
            with Observation(service.redis) as seen:
                arrivals = arrive(service, bodies, multiple * capacity, seconds, seed=number)
                taken = latencies(service, arrivals, within_s=2 * wait_limit_s + 60)
            say(row(multiple, arrivals, taken, seen))
        say("\n" + measure_pollers(service, bodies, seconds / 2))


def request_body(image: bytes) -> bytes:
    """A request for this image."""
    return json.dumps({"image": base64.b64encode(image).decode()}).encode()


def measure_capacity(service: MeasuredService, bodies: Sequence[bytes], workers: int, seconds: float) -> float:
    """Images a second that are read while there is always one more than workers to read."""

    def keep_sending(number: int) -> int:
        done = 0
        while time.monotonic() < end:
            ask(service, "POST", RESOURCE, bodies[(number + done) % len(bodies)], prefer="wait=60")
            done += 1
        return done

    # The first ones wait for the models to be loaded.
    ask(service, "POST", RESOURCE, bodies[0], prefer="wait=60")
    begun = time.monotonic()
    end = begun + seconds
    with ThreadPoolExecutor(workers + 1) as pool:
        done = sum(pool.map(keep_sending, range(workers + 1)))
    return done / (time.monotonic() - begun)


def measure_pollers(service: MeasuredService, bodies: Sequence[bytes], seconds: float) -> str:
    """How long polls take with nobody beside them, and beside clients that send slowly."""
    _, document = ask(service, "POST", RESOURCE, bodies[0], prefer="wait=60")
    alone = poll(service, document["data"]["id"], seconds)
    with SlowClients(service, SLOW_CLIENTS, bodies[0]):
        beside = poll(service, document["data"]["id"], seconds)
    return "\n".join(
        f"Polls {name}: p50 {percentile(taken, 50) * 1000:.0f} ms, p99 {percentile(taken, 99) * 1000:.0f} ms, "
        f"longest {max(taken) * 1000:.0f} ms ({len(taken)})"
        for name, taken in (("alone", alone), (f"beside {SLOW_CLIENTS} clients with slow bodies", beside))
    )


def row(multiple: float, arrivals: Arrivals, taken: Sequence[float], seen: Observation) -> str:
    """One line of the table."""
    shares = " / ".join(f"{percentile(taken, share):.1f}" for share in (50, 95, 99))
    memory = " | ".join(f"{seen.megabytes[role]:.0f} MB" for role in ("API", "workers", "Valkey"))
    lost = len(arrivals.accepted) - len(taken) + arrivals.failed
    note = f" ({lost} without an end)" if lost else ""
    return (
        f"| {multiple:g} x capacity{note} | {len(arrivals.accepted) / arrivals.seconds:.2f} | {arrivals.refused} "
        f"| {shares} s | {percentile(arrivals.answer_s, 95) * 1000:.0f} ms | {seen.oldest_s:.1f} s | {seen.waiting} "
        f"| {memory} |"
    )


def percentile(values: Sequence[float], share: int) -> float:
    """The value below which `share` of 100 lie; 0 without values."""
    if len(values) < 2:
        return values[0] if values else 0.0
    return statistics.quantiles(values, n=100, method="inclusive")[share - 1]
