"""`kartu bench`: the measurements that the README quotes."""

from __future__ import annotations

import os
from pathlib import Path

import click

from deploy.folders import Folders


@click.group()
def bench() -> None:
    """Measure how well Kartu does; each command prints the table that the README quotes."""


@bench.command()
@click.option("--scenes", default=2000, show_default=True, help="Scenes of each style.")
@click.option("--processes", default=len(os.sched_getaffinity(0)), show_default=True)
def detect(scenes: int, processes: int) -> None:
    """Find the card in generated scenes that no training has seen, in the own and in the foreign style."""
    os.environ.update(Folders.from_env().variables())
    from worker.training.corners.benchmark import benchmark

    for style in ("own", "foreign"):
        click.echo(f"\nStyle {style}, {scenes} scenes\n")
        click.echo(benchmark(style, scenes, processes))


@bench.command()
@click.option("--cards", default=500, show_default=True, help="Cards of each style.")
@click.option("--processes", default=len(os.sched_getaffinity(0)), show_default=True)
@click.option("--worst", type=click.Path(path_type=Path), help="Folder for pictures of the cards that are read worst.")
def read(cards: int, processes: int, worst: Path | None) -> None:
    """Read cards in generated scenes that nothing was tuned on, in the own and in the foreign style."""
    os.environ.update(Folders.from_env().variables())
    from worker.training.reading.benchmark import benchmark

    for style in ("own", "foreign"):
        click.echo(f"\nStyle {style}, {cards} cards\n")
        click.echo(benchmark(style, cards, processes, worst and worst / f"{style}.png"))


@bench.command()
@click.option("--workers", default=len(os.sched_getaffinity(0)), show_default=True, help="Worker processes.")
@click.option("--multiple", "multiples", multiple=True, type=float, default=(0.5, 1, 3), show_default=True)
@click.option("--seconds", default=60.0, show_default=True, help="Of each measurement.")
@click.option("--wait-limit", default=20.0, show_default=True, help="KARTU_WAIT_LIMIT_S of the service.")
def load(workers: int, multiples: tuple[float, ...], seconds: float, wait_limit: float) -> None:
    """Send images at multiples of the capacity, from clients that do not wait for each other."""
    os.environ.update(Folders.from_env().variables())
    from deploy.load.benchmark import benchmark

    click.echo(f"{seconds:g} s each, the wait limit at {wait_limit:g} s\n")
    benchmark(workers, multiples, seconds, wait_limit, click.echo)


@bench.command()
@click.option("--requests", default=200, show_default=True, type=click.IntRange(4), help="Of each size.")
@click.option("--length", "lengths", multiple=True, type=int, default=(10, 1000, 50_000), show_default=True)
@click.option("--workers", multiple=True, type=click.IntRange(1), default=(1, 2), show_default=True)
@click.option("--seconds", default=30.0, show_default=True, help="Of the measurement with each number of workers.")
def queue(requests: int, lengths: tuple[int, ...], workers: tuple[int, ...], seconds: float) -> None:
    """Time what comes before a card is read: the API, the queue at some lengths, the start of the processes."""
    os.environ.update(Folders.from_env().variables())
    from deploy.load.queue_benchmark import benchmark

    benchmark(requests, lengths, workers, seconds, click.echo)


@bench.command()
@click.option("--cards", default=40, show_default=True, help="Cards of each size.")
@click.option("--processes", default=len(os.sched_getaffinity(0)), show_default=True)
def speed(cards: int, processes: int) -> None:
    """Time the reading of legible cards, part by part, beside PaddleOCR's default pipeline."""
    os.environ.update(Folders.from_env().variables())
    from worker.training.speed.benchmark import benchmark

    click.echo(benchmark(cards, processes))


@bench.command()
@click.option("--cards", default=64, show_default=True, help="Cards of each size.")
@click.option("--at-once", multiple=True, type=click.IntRange(1), default=(1, 2, 4, 8), show_default=True)
@click.option("--processes", multiple=True, type=click.IntRange(1), default=(1, 2), show_default=True)
@click.option("--batch", "batches", multiple=True, type=click.IntRange(1), default=(1, 16, 64, 256), show_default=True)
def device(cards: int, at_once: tuple[int, ...], processes: tuple[int, ...], batches: tuple[int, ...]) -> None:
    """Time the models by how much they are given at once, on the device of KARTU_DEVICE."""
    os.environ.update(Folders.from_env().variables())
    from worker.training.speed.device import benchmark_device

    benchmark_device(cards, at_once, processes, batches, click.echo)


@bench.command()
@click.option("--jobs", default=5000, show_default=True, type=click.IntRange(2, 50_000))
@click.option("--failing", default=30, show_default=True, type=click.IntRange(0, 90), help="Percent that is refused.")
@click.option("--within", default=600.0, show_default=True, help="Seconds after which it is given up.")
def webhooks(jobs: int, failing: int, within: float) -> None:
    """End jobs whose webhooks go to a receiver on this machine that refuses a part of them: is any lost or two-fold?"""
    os.environ.update(Folders.from_env().variables())
    from deploy.webhook_benchmark import RETRIES_S, benchmark

    click.echo(f"\n{jobs} jobs, {failing} % refused, retries after {RETRIES_S} s\n")
    click.echo(benchmark(jobs, failing, within))
