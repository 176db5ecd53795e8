"""Measures the engine on generated scenes: is the card found, how exactly, which way up, what else passes for one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import cv2
import numpy as np

from worker.pipeline.detect import SURE_CARD
from worker.pipeline.geometry import is_mirrored, measure_tilt
from worker.pipeline.types import FoundCard, Pixels, Quad
from worker.training.scenes.generator import Kind, LabelledScene, generate_scene
from worker.training.scenes.styles import StyleName

FOUND_IOU = 0.9
_TURNED = 45.0
"""Degrees of tilt from which a card is called confused: upright with sideways, or with upside down."""


@dataclass(frozen=True)
class Outcome:
    """What came of one scene. `iou`, `error` (mean distance of the corners in widths of the card) and `tilt_error`
    (degrees, at most 180) are 0, 1 and 180 where a KTP was not found; `named_ktp` is whether one was."""

    seed: int
    kind: Kind
    whole: bool
    conditions: frozenset[str]
    iou: float
    error: float
    tilt_error: float
    mirrored_right: bool
    named_ktp: bool


@dataclass(frozen=True)
class Metrics:
    """Shares are of 1. Those of cards count scenes with a whole KTP; tilt, turn and mirroring those of them where the
    quad is right, whatever its order; `mean_error` (of the found) is in widths of the card."""

    name: str
    cards: int
    found: float
    mean_error: float
    tilt_right: float
    turn_right: float
    mirror_right: float
    others: int
    none_taken: float
    document_taken: float


def overlap(one: Quad, two: Quad) -> float:
    """Intersection over union of two convex quads, each in either direction."""
    first, second = one.astype(np.float32), two.astype(np.float32)
    both, _ = cv2.intersectConvexConvex(first, second)
    areas = abs(cv2.contourArea(first)) + abs(cv2.contourArea(second)) - both
    return float(both / areas) if areas > 0 else 0.0


def judge(scene: LabelledScene, seed: int, found: FoundCard) -> Outcome:
    """The outcome of a scene for what the engine found in it."""
    named = found.ktp >= SURE_CARD
    iou, error, tilt_error, mirrored_right = 0.0, 1.0, 180.0, False
    if scene.quad is not None and named:
        iou = overlap(scene.quad, found.quad)
        tilt_error = abs((measure_tilt(found.quad) - measure_tilt(scene.quad) + 180) % 360 - 180)
        mirrored_right = is_mirrored(found.quad) == is_mirrored(scene.quad)
        width = float(np.linalg.norm(scene.quad - np.roll(scene.quad, -1, axis=0), axis=1).max())
        orders = [np.roll(found.quad[::way], turn, axis=0) for way in (1, -1) for turn in range(4)]
        error = min(float(np.linalg.norm(quad - scene.quad, axis=1).mean()) for quad in orders) / width
    return Outcome(seed, scene.kind, scene.whole, scene.conditions, iou, error, tilt_error, mirrored_right, named)


def run_scenes(find: Callable[[Pixels], FoundCard], seeds: Iterable[int], style: StyleName) -> list[Outcome]:
    """The outcomes of the scenes of `seeds` in `style`."""
    outcomes = []
    for seed in seeds:
        scene = generate_scene(seed, style)
        outcomes.append(judge(scene, seed, find(scene.pixels)))
    return outcomes


def _share(answers: list[bool]) -> float:
    return sum(answers) / len(answers) if answers else float("nan")


def measure(name: str, outcomes: list[Outcome]) -> Metrics:
    """The metrics of `outcomes`; a share of nothing is nan."""
    whole = [each for each in outcomes if each.kind == "ktp" and each.whole]
    found = [each for each in whole if each.iou >= FOUND_IOU]
    bare = [each for each in outcomes if each.kind == "none"]
    documents = [each for each in outcomes if each.kind == "document"]
    return Metrics(
        name=name,
        cards=len(whole),
        found=_share([each.iou >= FOUND_IOU for each in whole]),
        mean_error=float(np.mean([each.error for each in found])) if found else float("nan"),
        tilt_right=_share([each.tilt_error <= 1.0 for each in found]),
        turn_right=_share([each.tilt_error < _TURNED for each in found]),
        mirror_right=_share([each.mirrored_right for each in found]),
        others=len(bare) + len(documents),
        none_taken=_share([each.named_ktp for each in bare]),
        document_taken=_share([each.named_ktp for each in documents]),
    )


def measure_by_condition(outcomes: list[Outcome]) -> list[Metrics]:
    """The metrics of all outcomes, then of those under each condition, by name."""
    names = sorted(set[str]().union(*(each.conditions for each in outcomes)))
    parts = [measure(name, [each for each in outcomes if name in each.conditions]) for name in names]
    return [measure("all", outcomes), *parts]


def format_table(rows: list[Metrics]) -> str:
    """A Markdown table, one row for each of `rows`; percentages, and the mean error in percent of the card's width."""
    lines = [
        "| scenes | whole KTPs | IoU >= 0.9 | corner error | tilt <= 1° | turn right | mirror right | others"
        " | nothing taken for KTP | documents taken for KTP |",
        "| --- | --: | --: | --: | --: | --: | --: | --: | --: | --: |",
    ]
    for row in rows:
        shares = (row.found, row.mean_error, row.tilt_right, row.turn_right, row.mirror_right)
        cells = [row.name, str(row.cards), *map(_percent, shares), str(row.others)]
        cells += [_percent(row.none_taken), _percent(row.document_taken)]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _percent(share: float) -> str:
    return "-" if np.isnan(share) else f"{share * 100:.2f} %"
