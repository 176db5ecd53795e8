"""The scenes that reading is measured on: whole KTPs, and pictures of anything else, as a client would send them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from concurrent.futures import Executor
from dataclasses import dataclass

import cv2
import numpy as np

from worker.pipeline.quality import measure_quality
from worker.pipeline.types import KtpFields, Page, Pixels, Verdict
from worker.training.corners.bank import SPACING
from worker.training.scenes.generator import LabelledScene, generate_scene
from worker.training.scenes.styles import StyleName

DEVELOPMENT_SEED, BENCHMARK_SEED = 12_000_000, 30_000_000
"""First seeds of the scenes that readings are tuned on, and of those that nothing is ever tuned on."""

WIDTHS = (300, 450, 700)
"""Bounds between the classes of width that a card has in the picture, in pixels."""

LEAST_CAPITALS, MOST_SPREAD, MOST_NOISE = 7.0, 0.15, 0.15
"""Print is clear whose capitals are at least so many pixels tall, spread by at most the width of a stroke, in heights
of theirs, and of which grain, averaged over a stroke, hides at most such a share: by what the scene was made with,
however it is read. Dark, glare and copies come on top."""

_QUALITY = 95
_BLOCK, _WHOLE_SHARE = 8, 0.45
"""Seeds that are looked at together, and the share of them, about, whose scenes show a whole KTP."""

_VERDICTS: tuple[Verdict, ...] = ("good", "fair", "poor")


@dataclass(frozen=True)
class ReadingScene:
    """A picture as a file's bytes; `fields` is the truth of a KTP, None of anything else; `conditions` say what makes
    it hard, the card's width in the picture and the worst verdict on its quality among them."""

    seed: int
    data: bytes
    fields: KtpFields | None
    conditions: frozenset[str]


def ktp_seeds(style: StyleName, count: int, first_seed: int, pool: Executor | None = None) -> list[int]:
    """The first `count` seeds from `first_seed` on whose scenes show a whole KTP; `pool` looks for them if given."""
    run = pool.map if pool else map
    seeds: list[int] = []
    while len(seeds) < count:
        blocks = math.ceil((count - len(seeds)) / (_WHOLE_SHARE * _BLOCK))
        starts = [first_seed + number * _BLOCK * SPACING for number in range(blocks)]
        for found in run(_find_ktps, starts, [style] * blocks):
            seeds += found
        first_seed += blocks * _BLOCK * SPACING
    return seeds[:count]


def _find_ktps(first_seed: int, style: StyleName) -> list[int]:
    """Of _BLOCK seeds those whose scenes show a whole KTP."""
    cv2.setNumThreads(1)
    found = []
    for seed in range(first_seed, first_seed + _BLOCK * SPACING, SPACING):
        scene = generate_scene(seed, style)
        if scene.kind == "ktp" and scene.whole:
            found.append(seed)
    return found


def make_scene(seed: int, style: StyleName) -> ReadingScene:
    """The scene of a seed as a JPEG of high quality, whatever compression it shows already."""
    scene = generate_scene(seed, style)
    conditions = scene.conditions | {width_class(scene), f"quality {worst_verdict(scene)}", print_class(scene)}
    return ReadingScene(seed, encode(scene.pixels), scene.fields, conditions)


def other_scenes(style: StyleName, seeds: range) -> Iterator[ReadingScene]:
    """Of `seeds` those that show another document, a blank card or nothing of the sort."""
    for seed in seeds:
        scene = generate_scene(seed, style)
        if scene.kind != "ktp":
            yield ReadingScene(seed, encode(scene.pixels), None, frozenset({scene.kind}))


def encode(pixels: Pixels) -> bytes:
    """The picture as a JPEG."""
    _, data = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    return data.tobytes()


def worst_verdict(scene: LabelledScene) -> Verdict:
    """The worst verdict of any measure on the card of the scene, at its true place: however it is read."""
    assert scene.quad is not None
    found = measure_quality(Page(scene.pixels, np.eye(3)), scene.quad, {})
    measures = (found.blur, found.dark, found.bright, found.glare, found.resolution)
    return max((each.verdict for each in measures), key=_VERDICTS.index)


def print_class(scene: LabelledScene) -> str:
    """Whether print of such a size, sharpness and noise is clear."""
    clear = scene.capitals >= LEAST_CAPITALS and scene.spread <= MOST_SPREAD and scene.noise <= MOST_NOISE
    return "print clear" if clear else "print not clear"


def width_class(scene: LabelledScene) -> str:
    """The class of WIDTHS of a scene with a card."""
    if scene.quad is None:
        return "no card"
    width = float(np.linalg.norm(scene.quad[1] - scene.quad[0]))
    bounds = (0, *WIDTHS)
    place = sum(width >= bound for bound in WIDTHS)
    return f"{bounds[place]} to {WIDTHS[place]} px" if place < len(WIDTHS) else f"over {WIDTHS[-1]} px"
