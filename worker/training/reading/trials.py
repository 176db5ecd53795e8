"""Reads generated scenes, and the best of them spoilt step by step, and keeps what came of each in a file.

Scenes come from the seeds that serve development, from FIRST_SEED on: whole KTPs, whatever else is wrong with them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import cv2
import numpy as np

from shared.errors import KartuError
from worker.pipeline.quality import measure_quality
from worker.pipeline.read import read_card
from worker.pipeline.rectify import rectify
from worker.pipeline.types import CardReading, Engines, KtpFields, Page, Pixels, Quad, ReadOptions
from worker.training.reading.score import same
from worker.training.reading.spoiling import spoil_picture
from worker.training.scenes.generator import LabelledScene, generate_scene
from worker.training.scenes.styles import StyleName

FIRST_SEED = 11_000_000
SEED_STEP = 64
MAX_PIXELS = 10_000_000
MEASURES = ("blur", "dark", "bright", "glare", "grayscale", "resolution")

SPOILABLE_WIDTH = 560.0
"""Width in pixels of a card from which a scene is large enough to be spoilt."""

OPTIONS = ReadOptions(include=frozenset({"boxes"}))


@dataclass(frozen=True)
class Trial:
    """What came of reading one picture: of each printed field whether it was `right`, the `values` of the measures,
    and the fields that glare covers. `fault` and `step` as in SpoiltPicture; none of a scene as it was generated."""

    style: StyleName
    seed: int
    right: dict[str, bool]
    values: dict[str, float]
    glare_fields: list[str]
    fault: str | None = None
    step: float = 0.0


def run_trials(style: StyleName, scenes: int, spoilt: int, engines: Engines, kept: Path) -> list[Trial]:
    """Read `scenes` scenes of a style, and `spoilt` of those that are read without error with every fault.

    Trials in the file `kept` are not made again, and new ones are added to it.
    """
    trials = [each for each in load_trials(kept) if each.style == style]
    done = {(each.seed, each.fault, each.step) for each in trials}
    left = spoilt
    with kept.open("a", buffering=1) as file:
        for seed, scene in _whole_cards(style, scenes):
            quad, fields = _truth(scene)
            if (seed, None, 0.0) not in done:
                trials.append(_try(Trial(style, seed, {}, {}, []), scene.pixels, quad, fields, engines))
                file.write(json.dumps(asdict(trials[-1])) + "\n")
            base = next(each for each in trials if (each.seed, each.fault) == (seed, None))
            if not (left and _is_spoilable(base)):
                continue
            left -= 1
            for each in spoil_picture(scene.pixels, quad, np.random.default_rng(seed)):
                if (seed, each.measure, each.step) not in done:
                    trial = replace(base, fault=each.measure, step=each.step)
                    trials.append(_try(trial, each.pixels, each.quad, fields, engines))
                    file.write(json.dumps(asdict(trials[-1])) + "\n")
    return trials


def load_trials(kept: Path) -> list[Trial]:
    """The trials in a file; none if there is no such file."""
    return [Trial(**json.loads(line)) for line in kept.read_text().splitlines()] if kept.is_file() else []


def _whole_cards(style: StyleName, count: int) -> Iterator[tuple[int, LabelledScene]]:
    seed = FIRST_SEED
    while count:
        scene = generate_scene(seed, style)
        if scene.kind == "ktp" and scene.whole:
            count -= 1
            yield seed, scene
        seed += SEED_STEP


def _truth(scene: LabelledScene) -> tuple[Quad, KtpFields]:
    if scene.quad is None or scene.fields is None:
        raise ValueError("a scene without a KTP")
    return scene.quad, scene.fields


def _is_spoilable(trial: Trial) -> bool:
    large = trial.values["resolution"] >= SPOILABLE_WIDTH
    return large and trial.values["grayscale"] > 0 and all(trial.right.values())


def _try(trial: Trial, pixels: Pixels, quad: Quad, fields: KtpFields, engines: Engines) -> Trial:
    """The trial with what comes of reading `pixels`, measured where the card truly is: so too if nothing was read."""
    reading = _read(pixels, engines)
    printed = {name: value for name, value in asdict(fields).items() if value is not None}
    right = {
        name: reading is not None and same(getattr(reading.fields, name), value) for name, value in printed.items()
    }
    boxes = (reading and reading.boxes) or {}
    quality = measure_quality(rectify(Page(pixels, np.eye(3)), quad), quad, boxes)
    values = {measure: getattr(quality, measure).value for measure in MEASURES}
    return replace(trial, right=right, values=values, glare_fields=list(quality.glare_fields))


def _read(pixels: Pixels, engines: Engines) -> CardReading | None:
    """The reading; None if it ended in an error."""
    try:
        return read_card(cv2.imencode(".png", pixels)[1].tobytes(), OPTIONS, engines, MAX_PIXELS)
    except KartuError:
        return None
