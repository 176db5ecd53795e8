"""The command that makes the line reader: cuts what lines are missing, trains, exports, measures, writes the card.

Run it again to go on where it stopped: `python -m worker.training.strips.train --minutes 120`.
"""

from __future__ import annotations

import argparse
import multiprocessing
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import get_args

import cv2
import numpy as np

from shared.settings import Settings
from worker.engines.sessions import MODELS
from worker.engines.strips import HEIGHT, Network, StripReader, model_file
from worker.training.loop import Schedule
from worker.training.strips.bank import SPACING, read_lines
from worker.training.strips.evaluate import FIRST_SEED as FIRST_DEVELOPMENT_SEED
from worker.training.strips.evaluate import Reader, format_table, our_reader, paddle_reader, run_scenes
from worker.training.strips.export import average_models, export_network
from worker.training.strips.families import require_families
from worker.training.strips.modelcard import Provenance, write_card
from worker.training.strips.quantize import quantize
from worker.training.strips.scenes import FIRST_SEED, SHARD, write_bank
from worker.training.strips.training import load_reader, train

_FIRST_SCENES = 100
_TIMED_WIDTH, _TIMED = 480, 60


def _say(message: str) -> None:
    print(f"{datetime.now(UTC):%H:%M:%S} {message}", flush=True)


def _generate(folder: Path, seed: int, scenes: int) -> None:
    cv2.setNumThreads(1)
    write_bank(folder / "lines", seed, scenes)


def _readers(models: Path, network: Network) -> list[Reader]:
    """Our reader, and PP-OCRv6 where it is installed."""
    # Imported here, because whoever only trains need not have paddleocr.
    from worker.engines.paddle import MissingWeightsError

    try:
        return [our_reader(models, network), paddle_reader(Settings.from_env())]
    except (ImportError, MissingWeightsError) as error:
        _say(f"measured without PP-OCRv6: {error}")
        return [our_reader(models, network)]


def measure_speed(models: Path, network: Network) -> float:
    """Milliseconds of processor time, the median, for a strip of _TIMED_WIDTH pixels on one thread."""
    reader = StripReader(models=models, network=network)
    strip = np.random.default_rng(0).integers(0, 256, (HEIGHT, _TIMED_WIDTH), dtype=np.uint8)
    spent = []
    for _ in range(_TIMED):
        start = time.thread_time()
        reader.read([strip])
        spent.append(time.thread_time() - start)
    return float(np.median(spent)) * 1000


def finish(
    folder: Path, models: Path, network: Network, count: int, machine: str, note: str, average: Path | None
) -> None:
    """Export to `models`, measure on `count` development seeds of both styles, and write the model card.

    It says on what `machine` the network was trained, and the `note`. The weights are the mean with those of the model
    at `average`, if it is given.
    """
    cv2.setNumThreads(1)
    trained = load_reader(folder, network)
    made = folder / "made.onnx"
    export_network(trained.network, made)
    if average:
        average_models(made, average)
    whole, integers = (models / model_file(network, integers=each) for each in (False, True))
    made.replace(whole)
    quantize(whole, integers, folder, network)
    readers = _readers(models, network)
    names = [each.name for each in readers]
    seeds = range(FIRST_DEVELOPMENT_SEED, FIRST_DEVELOPMENT_SEED + SPACING * count, SPACING)
    own, foreign = (format_table(run_scenes(seeds, style, readers), names) for style in ("own", "foreign"))
    _say(f"own\n{own}\nforeign\n{foreign}")
    shards = sorted((folder / "lines").glob("*.npz"))
    bank = read_lines(folder / "lines")
    provenance = Provenance(
        date=f"{datetime.now(UTC):%Y-%m-%d}",
        first_seed=int(shards[0].stem) if shards else FIRST_SEED,
        scenes=len(shards) * SHARD,
        lines=0 if bank is None else len(bank.texts),
        minutes=trained.minutes,
        samples=trained.samples,
        parameters=sum(each.numel() for each in trained.network.parameters()),
        development=(FIRST_DEVELOPMENT_SEED, count),
        milliseconds=measure_speed(models, network),
        machine=machine,
        note=note,
    )
    write_card(models, network, provenance, own, foreign)


def main() -> None:
    """Train while lines are still being cut; then finish."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path(".kartu/training/strips"), help="data and checkpoint")
    parser.add_argument("--models", type=Path, default=MODELS, help="where the reader and its card go in the end")
    parser.add_argument("--minutes", type=float, default=240.0, help="training, all runs together")
    parser.add_argument("--threads", type=int, default=1, help="for training on a processor; others draw the lines")
    parser.add_argument("--device", default="cpu", help="what to train on, as PyTorch names it: cpu, cuda")
    parser.add_argument("--workers", type=int, default=1, help="processes that draw lines: a GPU can take all cores'")
    parser.add_argument("--batch", type=int, default=32, help="lines a step")
    parser.add_argument("--peak", type=float, help="the highest rate of learning, for a start without checkpoint")
    parser.add_argument("--network", choices=get_args(Network), default="strips", help="which of the two to make")
    parser.add_argument("--start", type=Path, help="the model (.onnx) to begin with where there is no checkpoint")
    parser.add_argument("--average", type=Path, help="a model (.onnx) whose weights and the new ones are averaged")
    parser.add_argument("--seed", type=int, default=FIRST_SEED, help="of the first scene to cut lines from")
    parser.add_argument("--scenes", type=int, default=1000, help="scenes to cut lines from")
    parser.add_argument("--development", type=int, default=150, help="scenes of each style to measure on")
    parser.add_argument("--machine", default="a few cores of a processor", help="for the model card: what trained it")
    parser.add_argument("--note", default="", help="a sentence on data and training for the model card")
    chosen = parser.parse_args()
    require_families()
    _generate(chosen.folder, chosen.seed, min(_FIRST_SCENES, chosen.scenes))
    spawn = multiprocessing.get_context("spawn")
    generation = spawn.Process(target=_generate, args=(chosen.folder, chosen.seed, chosen.scenes))
    schedule = Schedule(
        chosen.minutes,
        chosen.start,
        chosen.threads,
        device=chosen.device,
        workers=chosen.workers,
        batch=chosen.batch,
        peak=chosen.peak,
    )
    training = spawn.Process(target=train, args=(chosen.folder, chosen.network, schedule, _say))
    for process in (generation, training):
        process.start()
    for process in (generation, training):
        process.join()
    if training.exitcode or generation.exitcode:
        raise SystemExit("training stopped with an error: see above")
    finish(
        chosen.folder,
        chosen.models,
        chosen.network,
        count=chosen.development,
        machine=chosen.machine,
        note=chosen.note,
        average=chosen.average,
    )


if __name__ == "__main__":
    main()
