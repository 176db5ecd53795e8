"""Where the lines of a laid out card stand, and how one is cut out of a photograph of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np

from worker.ktp.layout import CARD_RATIO
from worker.pipeline.rectify import approach
from worker.pipeline.types import Homography, KtpFields, Page, Pixels, Quad
from worker.training.fonts import em_for_cap_height
from worker.training.layout import CARD_WIDTH, Run, lay_out, run_width
from worker.training.person import random_person
from worker.training.scenes.faces import card_rng, random_print
from worker.training.scenes.styles import STYLES, StyleName
from worker.training.strips.texts import BLOOD_LABEL

_LABEL_END, _ISSUE_START, _VALUE_END = 412.0, 1140.0, 1144.0
"""Columns of the card that separate labels from values, and values from the place and date of issue."""


@dataclass(frozen=True)
class LinePlace:
    """A line on a card of CARD_WIDTH pixels: `left`, `right` and `yc` (middle of the capitals) of its text, `cap` the
    height of its capitals; `least` and `most`: between which columns nothing else stands that could be read. `name`:
    the field as in layout.Part, birth for place and date, gender for the whole row. `text`: as it is to be read."""

    name: str
    text: str
    left: float
    right: float
    yc: float
    cap: float
    least: float
    most: float


def _end(run: Run) -> float:
    return run.x + (run.pitch * len(run.text) if run.pitch else run_width(run.text, run.face, run.em, run.spacing))


def _name(run: Run) -> str:
    names = [part.name for part in run.parts]
    return "birth" if names[0] == "birth_place" else names[0]


def _place(name: str, runs: list[Run], text: str) -> LinePlace:
    left, right = min(run.x for run in runs), max(_end(run) for run in runs)
    first = runs[0]
    cap = first.em / em_for_cap_height(first.face, 1.0)
    bounds = {"label": (0.0, _LABEL_END), "province": (0.0, CARD_WIDTH), "city": (0.0, CARD_WIDTH)}
    issue = (min(_ISSUE_START, left), float(CARD_WIDTH))
    bounds |= {"issued_place": issue, "issued_date": issue}
    least, most = bounds.get(name, (left - 90.0, _VALUE_END))
    return LinePlace(name, text, left, right, first.yc, cap, min(least, left), max(most, right))


def place_lines(runs: tuple[Run, ...]) -> list[LinePlace]:
    """The lines that `runs` (as lay_out gives them) make; a colon alone is none, and the gender's row is one."""
    blood = [run for run in runs if run.text == BLOOD_LABEL or _name(run) == "blood_type"]
    lines = []
    for run in runs:
        if run in blood or not run.text.strip(" :"):
            continue
        name = _name(run)
        row = [run, *blood] if name == "gender" else [run]
        text = " ".join(" ".join(each.text for each in row).upper().split())
        lines.append(_place(name, row, text))
    return lines


def runs_of_face(seeds: Iterable[int], style: StyleName, fields: KtpFields) -> tuple[Run, ...]:
    """The runs of text on the KTP that faces.ktp_face draws for the one of `seeds` whose fields these are.

    Raises LookupError if none of them has these fields.
    """
    for seed in seeds:
        rng = card_rng(seed, STYLES[style], 0)
        person = random_person(rng)
        if person.fields == fields:
            return lay_out(person, random_print(STYLES[style], rng))
    raise LookupError("no such face")


@dataclass(frozen=True)
class Cut:
    """How lines are cut: strips of `height` rows, capitals `cap` pixels tall and in the middle of them."""

    height: int
    cap: float


def see_card(photo: Pixels, quad: Quad) -> tuple[Pixels, Homography]:
    """The part of a photograph that the pipeline cuts its strips out of, for a card within `quad`, and the way from
    there to the card in pixels of CARD_WIDTH."""
    page, to_card = approach(Page(photo, np.eye(3)), quad)
    return page.pixels, np.diag([CARD_WIDTH, CARD_WIDTH / CARD_RATIO, 1.0]) @ to_card


def cut_line(seen: tuple[Pixels, Homography], line: LinePlace, first: float, last: float, cut: Cut) -> Pixels:
    """The line from column `first` to `last` (of CARD_WIDTH) of a card as see_card gives it, shape
    (cut.height, width, 3)."""
    pixels, to_card = seen
    scale = cut.cap / line.cap
    # Pixel centres: the strip's edge is half a pixel before the centre of its first.
    to_strip = np.array(
        [
            [scale, 0, -first * scale - 0.5],
            [0, scale, (cut.height - 1) / 2 - line.yc * scale],
            [0, 0, 1.0],
        ]
    )
    size = (max(1, round((last - first) * scale)), cut.height)
    strip = cv2.warpPerspective(
        pixels, to_strip @ to_card, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(strip, dtype=np.uint8)
