"""Measures readers on the lines of generated scenes: lines read exactly, wrong characters, by field and condition.

`python -m worker.training.strips.evaluate` compares the shipped reader with PP-OCRv6 on the same lines.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from rapidfuzz.distance import Levenshtein

from shared.settings import Settings
from worker.engines.sessions import MODELS
from worker.engines.strips import HEIGHT, Network, StripReader
from worker.pipeline.lines import CROP_HEIGHT
from worker.pipeline.types import Grey, Pixels
from worker.training.layout import CARD_WIDTH
from worker.training.scenes.generator import KTPS_PER_BLOCK, SEEDS_PER_BLOCK, LabelledScene, generate_scene
from worker.training.scenes.styles import StyleName
from worker.training.strips.bank import SPACING
from worker.training.strips.lines import Cut, cut_line, place_lines, runs_of_face, see_card

FIRST_SEED = 10_000_000
"""The first development seed; nothing is measured from 20,000,000 on, which is the benchmark's."""

CLEAN = "clean"
_SPOILING = frozenset(
    ("blur", "motion", "dark", "glare", "coarse", "low_jpeg", "photocopy", "screen", "small", "occluded", "pouch")
)
_CAP, _PADDLE_CAP = 18.0, 25.0
_BEFORE, _BEHIND = 0.5, 1.5
"""What a cut shows before and behind the text, in heights of its capitals."""


@dataclass(frozen=True)
class Reader:
    """What is measured: `read` takes strips that are cut so."""

    name: str
    cut: Cut
    read: Callable[[list[Pixels]], list[str]]


@dataclass(frozen=True)
class Reading:
    """What came of one line: `name` of its field as in LinePlace, `conditions` of its scene (CLEAN where none of them
    spoils print), `cap` the height of its capitals in the photograph in pixels, `read` by each reader."""

    name: str
    conditions: frozenset[str]
    cap: float
    truth: str
    read: tuple[str, ...]


@dataclass(frozen=True)
class Score:
    """Of one reader on `lines` lines: shares of 1 of those read exactly, of those read but for their blanks, and of
    wrong characters (edit distance by characters of the truth)."""

    lines: int
    exact: float
    unspaced: float
    wrong: float


def our_reader(models: Path = MODELS, network: Network = "strips") -> Reader:
    """A network in `models`."""
    engine = StripReader(models=models, network=network)
    return Reader("strips", Cut(HEIGHT, _CAP), lambda strips: [e.text for e in engine.read([_grey(s) for s in strips])])


def paddle_reader(settings: Settings) -> Reader:
    """The recognizer of `settings`; raises worker.engines.paddle.MissingWeightsError, ImportError without paddleocr."""
    # Imported here, because paddleocr need not be installed where the reader is trained.
    from worker.engines.paddle import PaddleText

    engine = PaddleText(settings)
    return Reader("PP-OCRv6", Cut(CROP_HEIGHT, _PADDLE_CAP), lambda strips: [e.text for e in engine.recognize(strips)])


def read_scene(scene: LabelledScene, seed: int, style: StyleName, readers: list[Reader]) -> list[Reading]:
    """What the readers make of the lines of a scene, cut out by its true quad; nothing where it shows no whole KTP."""
    if scene.kind != "ktp" or not scene.whole or scene.quad is None or scene.fields is None:
        return []
    block = seed // SEEDS_PER_BLOCK * KTPS_PER_BLOCK
    lines = place_lines(runs_of_face(range(block, block + KTPS_PER_BLOCK), style, scene.fields))
    card = see_card(scene.pixels, scene.quad)
    detail = float(np.linalg.norm(scene.quad[1] - scene.quad[0])) / CARD_WIDTH
    conditions = scene.conditions if scene.conditions & _SPOILING else scene.conditions | {CLEAN}
    texts: list[list[str]] = []
    for reader in readers:
        cuts = [
            cut_line(
                card,
                line,
                max(line.least, line.left - _BEFORE * line.cap),
                min(line.most, line.right + _BEHIND * line.cap),
                reader.cut,
            )
            for line in lines
        ]
        texts.append([_tidy(text) for text in reader.read(cuts)])
    return [
        Reading(line.name, conditions, line.cap * detail, line.text, read)
        for line, read in zip(lines, zip(*texts, strict=True), strict=True)
    ]


def _grey(strip: Pixels) -> Grey:
    return np.asarray(cv2.cvtColor(strip, cv2.COLOR_BGR2GRAY), dtype=np.uint8)


def _tidy(text: str) -> str:
    return " ".join(text.upper().split())


def run_scenes(seeds: Iterable[int], style: StyleName, readers: list[Reader]) -> list[Reading]:
    """The readings of the scenes of `seeds` in `style`."""
    return [each for seed in seeds for each in read_scene(generate_scene(seed, style), seed, style, readers)]


def score(readings: list[Reading], reader: int) -> Score:
    """The score of the reader at this place of `read`; shares of nothing are nan."""
    pairs = [(each.truth, each.read[reader]) for each in readings]
    if not pairs:
        return Score(0, float("nan"), float("nan"), float("nan"))
    edits = sum(Levenshtein.distance(truth, read) for truth, read in pairs)
    return Score(
        len(pairs),
        sum(truth == read for truth, read in pairs) / len(pairs),
        sum(truth.replace(" ", "") == read.replace(" ", "") for truth, read in pairs) / len(pairs),
        edits / sum(len(truth) for truth, _ in pairs),
    )


def groups(readings: list[Reading]) -> dict[str, list[Reading]]:
    """All readings, then those of each condition and of each field, by name; labels are in their own group only."""
    values = [each for each in readings if each.name != "label"]
    conditions = sorted(set[str]().union(*(each.conditions for each in values)))
    found = {"all values": values}
    found |= {name: [each for each in values if name in each.conditions] for name in conditions}
    for name in sorted({each.name for each in readings}):
        found[f"field {name}"] = [each for each in readings if each.name == name]
    return found


def format_table(readings: list[Reading], names: list[str]) -> str:
    """A Markdown table, a row for each group; of each reader the lines read exactly, so but for blanks, and wrong
    characters; where there are two, how often they agree on a line and how often they are right then."""
    heads = [f"{name}: {what}" for name in names for what in ("exact", "but for blanks", "wrong characters")]
    two = len(names) == 2
    heads = ["lines of", "lines", *heads, *(["agree", "right if they agree"] if two else [])]
    rows = [f"| {' | '.join(heads)} |", f"| --- |{' --: |' * (len(heads) - 1)}"]
    for group, members in groups(readings).items():
        cells = [group, str(len(members))]
        for index in range(len(names)):
            result = score(members, index)
            cells += [_percent(share) for share in (result.exact, result.unspaced, result.wrong)]
        if two:
            agreed = [each for each in members if each.read[0] == each.read[1]]
            cells += [_percent(len(agreed) / max(1, len(members))), _percent(score(agreed, 0).exact)]
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows)


def _percent(share: float) -> str:
    return "-" if np.isnan(share) else f"{share * 100:.1f} %"


def main() -> None:
    """Compare on so many development seeds of both styles, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", type=Path, default=MODELS, help="folder of the reader")
    parser.add_argument("--scenes", type=int, default=150, help="development seeds of each style; about half are KTPs")
    chosen = parser.parse_args()
    cv2.setNumThreads(1)
    readers = [our_reader(chosen.models), paddle_reader(Settings.from_env())]
    seeds = range(FIRST_SEED, FIRST_SEED + SPACING * chosen.scenes, SPACING)
    styles: tuple[StyleName, ...] = ("own", "foreign")
    for style in styles:
        print(f"{style}\n\n{format_table(run_scenes(seeds, style, readers), [each.name for each in readers])}\n")


if __name__ == "__main__":
    main()
