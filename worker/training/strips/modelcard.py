"""Writes the card that lies beside the reader: what it is, what it learnt from, and how well it does."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch

from worker.engines.strips import HEIGHT, STEP, Network, model_file
from worker.pipeline.characters import ALPHABET
from worker.training.corners.modelcard import digest
from worker.training.strips.bank import SPACING
from worker.training.strips.families import FAMILIES

_TITLES: dict[Network, str] = {
    "strips": "The line reader: what one printed line of a KTP says",
    "strips_again": "The line reader's second network: what a doubtful line of a KTP says",
}


@dataclass(frozen=True)
class Provenance:
    """Where the reader comes from: the date, scenes and lines in the bank from the first seed on, and the training.

    `development`: first seed and number of scenes measured, SPACING apart; `milliseconds`: of a strip of 480 pixels;
    `machine`: what it was trained on; `note`: a sentence on the data or the training, or nothing.
    """

    date: str
    first_seed: int
    scenes: int
    lines: int
    minutes: float
    samples: int
    parameters: int
    development: tuple[int, int]
    milliseconds: float
    machine: str
    note: str


def write_card(models: Path, network: Network, origin: Provenance, own: str, foreign: str) -> None:
    """Write the model card of a network in the folder `models`; `own` and `foreign` are tables of each style."""
    first, count = origin.development
    packages = len({each.regular.package for each in FAMILIES})
    files = "\n".join(
        f"| `{path.name}` | {path.stat().st_size / 1e6:.1f} MB | `{digest(path)}` |"
        for path in (models / model_file(network, integers=each) for each in (False, True))
    )
    text = f"""# {_TITLES[network]}

| file | size | sha256 |
| --- | --: | --- |
{files}

Date {origin.date}. Trained with PyTorch, exported by PyTorch {torch.__version__} as ONNX in float32 and, by ONNX
Runtime's static quantization of convolutions, sums and ReLUs, in 8 bits; which of them runs, the processor decides
(`worker/engines/sessions.py`).

## What it does

It sees one line of the card, cut out and scaled to {HEIGHT} rows, in grey, of any width; capitals are best about 18
pixels high in it. For every {STEP} columns it gives the probability of {len(ALPHABET) - 1} characters (blank, A to Z,
0 to 9 and `{ALPHABET[38:]}`) and of none. Labels in mixed case are read in upper case; a colon, or a piece of a label,
that stands at the left edge is passed over, except for the colon of "GOL. DARAH :". It is convolutions alone,
{origin.parameters / 1e6:.2f} million parameters, and takes {origin.milliseconds:.1f} ms of one thread for a strip of
480 pixels.
`worker/engines/strips.py` runs it, and gathers at one step what it gives to a letter between two.

## Data

Synthetic lines only. Somewhat more than half are set anew for every sample: mostly invented words and numbers, all
forms of names, titles, addresses and dates, half of them in the fonts of the style "own" and other cuts of their
families, half in those of {packages} other packages of fonts (`worker/training/strips/families.py`); of any spacing,
weight, width and slant, on that style's artwork and on textures, and spoilt by blur, motion, noise, coarse pixels,
screens, sharpening, JPEG, glare and copying. The others are cut out of {origin.scenes:,} scenes of the style "own"
whose cards bear invented words, every second in another family ({origin.lines:,} lines; seeds {origin.first_seed:,}
and up, {SPACING} apart, below 10,000,000). No photograph of a person, no real card, no pretrained weight. The style
"foreign" was never trained on; of the families of its fonts only OCR-A was, in other cuts, and no artwork, ground or
texture is drawn as its are. Nothing was trained or chosen on seeds of 20,000,000 or above.

{origin.note}

{origin.samples:,} samples in {origin.minutes:.0f} minutes on {origin.machine}.
`python -m worker.training.strips.train --network {network} --start worker/models/{network}.onnx --minutes N` goes on
from there.

## How well it does

Lines of the whole KTPs among {count} scenes of each style, development seeds from {first:,} on, {SPACING} apart, cut
out by the true corners, be they legible or not. Where PP-OCRv6 (small) stands beside it, it read the same lines, each
cut to the height that it likes best. "All values" and the conditions leave labels out; "clean" is what no fault spoils.
"But for blanks" counts lines that are right once all blanks are taken out of them.

Style "own":

{own}

Style "foreign":

{foreign}

## Limits

It has seen no real photograph: how it does on those is known only as far as the style "foreign" tells. It knows no
small letters and no other characters than those named, and reads one line: of two that touch, either may come out.

## Ownership

Trained by this project on data made by this project; it is the project's own, under the project's licence.
"""
    (models / f"{network}.md").write_text(text, encoding="utf-8")
