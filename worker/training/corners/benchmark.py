"""The benchmark of card detection: scenes of seeds that neither training nor its development ever look at."""

from __future__ import annotations

import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from worker.engines.corners import CornerEngine
from worker.training.corners.bank import SPACING
from worker.training.corners.evaluate import Outcome, format_table, measure_by_condition, run_scenes
from worker.training.scenes.generator import generate_scene
from worker.training.scenes.styles import StyleName

FIRST_SEED = 20_000_000

CHUNK = 50
TIMED_SIDE = 1024
TIMED_SCENES = 40


def benchmark(style: StyleName, scenes: int, processes: int) -> str:
    """Run `scenes` scenes of `style` in so many processes; gives the table by condition and the time of one image."""
    seeds = [FIRST_SEED + SPACING * number for number in range(scenes)]
    chunks = [seeds[start : start + CHUNK] for start in range(0, scenes, CHUNK)]
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        parts = pool.map(_run, chunks, [style] * len(chunks))
        outcomes = [outcome for part in parts for outcome in part]
    table = format_table(measure_by_condition(outcomes))
    return f"{table}\n\n{milliseconds(style):.1f} ms of processor time an image of {TIMED_SIDE} pixels, one thread"


def milliseconds(style: StyleName) -> float:
    """Mean processor time of one search, all passes, in images whose longer side is TIMED_SIDE; decoding apart."""
    engine = CornerEngine(threads=1)
    images = [generate_scene(FIRST_SEED - 1 - each, style, long_side=TIMED_SIDE).pixels for each in range(TIMED_SCENES)]
    engine.find(images[0])
    started = time.process_time()
    for image in images:
        engine.find(image)
    return (time.process_time() - started) / len(images) * 1000


def _run(seeds: list[int], style: StyleName) -> list[Outcome]:
    return run_scenes(CornerEngine(threads=1).find, seeds, style)
