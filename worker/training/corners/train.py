"""The command that makes the card model: generates what is missing, trains, exports, measures, writes the model card.

Run it again to go on where it stopped: `python -m worker.training.corners.train --minutes 120`. Where its folder is
lost, `--start worker/models` goes on from the models that were shipped.
"""

from __future__ import annotations

import argparse
import multiprocessing
import time
from datetime import UTC, datetime
from pathlib import Path

import cv2
import numpy as np

from worker.engines.corners import LOCATOR_MODEL, REFINER_MODEL, CornerEngine
from worker.engines.sessions import MODELS
from worker.training.corners.bank import SHARD, write_bank
from worker.training.corners.cards import SHARD as CARD_SHARD
from worker.training.corners.cards import write_cards
from worker.training.corners.evaluate import format_table, measure_by_condition, run_scenes
from worker.training.corners.export import export_network
from worker.training.corners.mining import write_mined
from worker.training.corners.modelcard import Provenance, write_card
from worker.training.corners.training import SHAPES, Stage, load_stage, train_stage
from worker.training.loop import Schedule
from worker.training.scenes.generator import generate_scene

FIRST_TRAINING_SEED, FIRST_DEVELOPMENT_SEED = 0, 10_000_000
_MINING_SECONDS = 1200.0
"""From the start until the locator is worth learning from."""

_FIRST_SCENES = 400
_FILES: dict[Stage, str] = {"locator": LOCATOR_MODEL, "refiner": REFINER_MODEL}


def _say(message: str) -> None:
    print(f"{datetime.now(UTC):%H:%M:%S} {message}", flush=True)


def _generate(folder: Path, seed: int, scenes: int, cards: int) -> None:
    cv2.setNumThreads(1)
    write_cards(folder / "cards", seed, cards)
    write_bank(folder / "scenes", seed, scenes)


def _mine(folder: Path) -> None:
    cv2.setNumThreads(1)
    export_stages(folder, folder / "models")
    write_mined(folder / "scenes", CornerEngine(models=folder / "models"))


def _train(folder: Path, stage: Stage, minutes: float, start: Path | None) -> None:
    train_stage(folder, stage, Schedule(minutes, start and start / _FILES[stage]), _say)


def export_stages(folder: Path, models: Path) -> None:
    """Export both networks to `models` as their checkpoints in `folder` have them."""
    for stage, name in _FILES.items():
        export_network(load_stage(folder, stage).network, SHAPES[stage], models / name)


def measure_speed(engine: CornerEngine) -> float:
    """Milliseconds of processor time, the median of 40, that the engine takes for a scene of 1024 x 768 pixels."""
    scene = next(
        scene
        for scene in (generate_scene(seed, long_side=1024) for seed in range(FIRST_DEVELOPMENT_SEED, 2**31))
        if scene.kind == "ktp" and scene.whole
    )
    pixels = np.asarray(cv2.resize(scene.pixels, (1024, 768), interpolation=cv2.INTER_AREA), dtype=np.uint8)
    spent = []
    for _ in range(40):
        start = time.thread_time()
        engine.find(pixels)
        spent.append(time.thread_time() - start)
    return float(np.median(spent)) * 1000


def finish(folder: Path, models: Path, count: int, note: str) -> None:
    """Export to `models`, measure on `count` development seeds of both styles, and write the model card."""
    cv2.setNumThreads(1)
    export_stages(folder, models)
    engine = CornerEngine(models=models)
    seeds = range(FIRST_DEVELOPMENT_SEED, FIRST_DEVELOPMENT_SEED + count)
    own, foreign = (measure_by_condition(run_scenes(engine.find, seeds, style)) for style in ("own", "foreign"))
    _say(f"own\n{format_table(own)}\nforeign\n{format_table(foreign)}")
    locator, refiner = load_stage(folder, "locator"), load_stage(folder, "refiner")
    provenance = Provenance(
        date=f"{datetime.now(UTC):%Y-%m-%d}",
        scenes=len(list((folder / "scenes").glob("[0-9]*.npz"))) * SHARD,
        mined=len(list((folder / "scenes").glob("mined-*.npz"))) * SHARD,
        cards=len(list((folder / "cards").glob("*.npy"))) * CARD_SHARD,
        locator_minutes=locator.minutes,
        refiner_minutes=refiner.minutes,
        locator_samples=locator.samples,
        refiner_samples=refiner.samples,
        development=(FIRST_DEVELOPMENT_SEED, count),
        milliseconds=measure_speed(engine),
        note=note,
    )
    write_card(models, provenance, own, foreign)


def main() -> None:
    """Train both networks at once, one process each, while scenes are still being made; then finish."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path(".kartu/training/corners"), help="data and checkpoints")
    parser.add_argument("--models", type=Path, default=MODELS, help="where the models and their card go in the end")
    parser.add_argument("--minutes", type=float, default=240.0, help="training of each network, all runs together")
    parser.add_argument("--start", type=Path, help="folder of models to begin with where there is no checkpoint")
    parser.add_argument("--seed", type=int, default=FIRST_TRAINING_SEED, help="of the first scene and card to generate")
    parser.add_argument("--scenes", type=int, default=8000, help="scenes to generate")
    parser.add_argument("--cards", type=int, default=1000, help="flat cards to render")
    parser.add_argument("--development", type=int, default=1000, help="scenes of each style to measure on")
    parser.add_argument("--note", default="", help="a sentence on the data for the model card")
    chosen = parser.parse_args()
    _generate(chosen.folder, chosen.seed, min(_FIRST_SCENES, chosen.scenes), min(CARD_SHARD, chosen.cards))
    spawn = multiprocessing.get_context("spawn")
    generation = spawn.Process(target=_generate, args=(chosen.folder, chosen.seed, chosen.scenes, chosen.cards))
    stages = [
        spawn.Process(target=_train, args=(chosen.folder, stage, chosen.minutes, chosen.start)) for stage in SHAPES
    ]
    for process in (generation, *stages):
        process.start()
    others = [generation]
    start = time.monotonic()
    while any(process.is_alive() for process in stages):
        time.sleep(5)
        ready = time.monotonic() - start > _MINING_SECONDS and not generation.is_alive() and len(others) == 1
        if ready and not any(chosen.folder.glob("scenes/mined-*.npz")):
            others.append(spawn.Process(target=_mine, args=(chosen.folder,)))
            others[-1].start()
    for process in others:
        process.join()
    if any(process.exitcode for process in stages):
        raise SystemExit("training stopped with an error: see above")
    finish(chosen.folder, chosen.models, chosen.development, chosen.note)


if __name__ == "__main__":
    main()
