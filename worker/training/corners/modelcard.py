"""Writes the card that lies beside the models: what they are, what they learnt from, and how well they do."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import torch

from worker.engines.corners import (
    LOCATOR_FRAME,
    LOCATOR_MODEL,
    LOCATOR_SIDE,
    REFINER_MODEL,
    REFINER_SIZE,
)
from worker.engines.edges import STRIDE
from worker.pipeline.detect import SURE_CARD
from worker.training.corners.evaluate import Metrics, format_table

CARD = "corners.md"


@dataclass(frozen=True)
class Provenance:
    """Where the models come from: the date, the amounts of data, and the training of either network.

    `development`: first seed and number of scenes measured; `milliseconds`: of one photograph; `note`: a sentence on
    the data, or nothing.
    """

    date: str
    scenes: int
    mined: int
    cards: int
    locator_minutes: float
    refiner_minutes: float
    locator_samples: int
    refiner_samples: int
    development: tuple[int, int]
    milliseconds: float
    note: str


def digest(path: Path) -> str:
    """The sha256 of a file, in hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def write_card(models: Path, origin: Provenance, own: list[Metrics], foreign: list[Metrics]) -> None:
    """Write the model card of the models in the folder `models`."""
    first, count = origin.development
    width, height = REFINER_SIZE
    files = [
        f"| `{name}` | {(models / name).stat().st_size / 1e6:.1f} MB | `{digest(models / name)}` |"
        for name in (LOCATOR_MODEL, REFINER_MODEL)
    ]
    text = f"""# The card model: where a KTP is, how it stands, whether it is mirrored

| file | size | sha256 |
| --- | --: | --- |
{chr(10).join(files)}

Date {origin.date}. Trained with PyTorch {torch.__version__} on a processor, exported as ONNX (float32).

## What it does

The locator sees the photograph with its longer side at {LOCATOR_FRAME} pixels, in a square of {LOCATOR_SIDE}, and
gives for each cell of {STRIDE} x {STRIDE} pixels the signed distance to the edge of the card. Four lines through its
zero make a quad whose order is not known. The refiner sees this quad warped flat into {width} x {height} pixels, with a
margin. It gives the same distances, the order of the corners (four turns, mirrored or not) and the kind: KTP, another
document, nothing. It looks twice, the second time at the upright card, and up to four times while the corners move.
All passes together take {origin.milliseconds:.1f} ms of one thread for a photograph of 1024 x 768.
`worker/engines/corners.py` runs them; a card is taken for a KTP from a probability of {SURE_CARD}.

## Data

Synthetic scenes only, made by `worker/training/scenes` in the style "own": {origin.scenes} scenes of seeds from 0 on,
below 10,000,000; {origin.mined} crops of what an earlier locator took for a card in those without one; and
{origin.cards} flat cards of `worker/training/card.py`, laid into these scenes anew for every sample. No photograph of a
person, no real card, no pretrained weight. The style "foreign" was never trained on, and nothing was trained or
chosen on seeds of 20,000,000 or above. {origin.note}

Locator: {origin.locator_samples:,} samples in {origin.locator_minutes:.0f} minutes.
Refiner: {origin.refiner_samples:,} samples in {origin.refiner_minutes:.0f} minutes.
Both were trained at once on two shared cores. `python -m worker.training.corners.train --minutes N` goes on from there.

## How well it does

Development seeds {first:,} to {first + count - 1:,}. Found, corner error (mean, in widths of the card), tilt, turn and
mirroring count scenes with a whole KTP; the last four those of them that were found.

Style "own":

{format_table(own)}

Style "foreign":

{format_table(foreign)}

## Limits

It has seen no real photograph: how it does on those is known only as far as the style "foreign" tells. Of several KTPs
in one photograph it finds one. It says what a card looks like, not that it is genuine.

## Ownership

Trained by this project on data made by this project; it is the project's own, under the project's licence.
"""
    (models / CARD).write_text(text, encoding="utf-8")
