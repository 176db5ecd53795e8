"""Draws runs of text as one ink mask, with the quad of every line it drew."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from worker.pipeline.types import Quad
from worker.training.fonts import em_for_cap_height, load_font
from worker.training.layout import Run

Mask = NDArray[np.float32]
"""Coverage from 0 to 1, shape (height, width)."""

_SUPERSAMPLING = 2
_PADDING = 0.2
"""How far a quad reaches beyond the capitals above and below, as a fraction of their height."""


@dataclass(frozen=True)
class PrintedLine:
    """One line of text on a card: the field it is of (as in layout.Part), the text, its quad in card pixels."""

    name: str
    text: str
    quad: Quad


def _advance(run: Run, letter: str) -> float:
    return run.pitch or load_font(run.face, run.em).getlength(letter) + run.spacing


def _printed_lines(run: Run) -> list[PrintedLine]:
    half = run.em / em_for_cap_height(run.face, 1.0) * (0.5 + _PADDING)
    lines: list[PrintedLine] = []
    x = run.x
    for part in run.parts:
        x1 = x + sum(_advance(run, letter) for letter in part.text)
        if part.text.strip():
            corners = [(x, run.yc - half), (x1, run.yc - half), (x1, run.yc + half), (x, run.yc + half)]
            lines.append(PrintedLine(part.name, part.text, np.array(corners, dtype=np.float64)))
        x = x1
    return lines


def _draw_run(canvas: ImageDraw.ImageDraw, run: Run) -> None:
    font = load_font(run.face, run.em * _SUPERSAMPLING)
    baseline = run.yc + run.em / em_for_cap_height(run.face, 1.0) / 2
    x = run.x
    for letter in run.text:
        advance = _advance(run, letter)
        inset = (advance - load_font(run.face, run.em).getlength(letter)) / 2 if run.pitch else 0.0
        place = ((x + inset) * _SUPERSAMPLING, baseline * _SUPERSAMPLING)
        canvas.text(place, letter, fill=255, font=font, anchor="ls", stroke_width=run.stroke * _SUPERSAMPLING)
        x += advance


def draw_runs(runs: tuple[Run, ...], width: int, height: int) -> tuple[Mask, tuple[PrintedLine, ...]]:
    """The ink of all runs on a card of the given size in pixels, and their lines."""
    sheet = Image.new("L", (width * _SUPERSAMPLING, height * _SUPERSAMPLING), 0)
    canvas = ImageDraw.Draw(sheet)
    lines: list[PrintedLine] = []
    for run in runs:
        _draw_run(canvas, run)
        lines.extend(_printed_lines(run))
    small = cv2.resize(np.asarray(sheet), (width, height), interpolation=cv2.INTER_AREA)
    return np.asarray(small, dtype=np.float32) / np.float32(255), tuple(lines)
