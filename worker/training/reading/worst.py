"""Draws the cards that were read worst, each with what is printed and what was read of it."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from worker.pipeline.types import KtpFields, Pixels
from worker.training.camera import homography, sheet_quad
from worker.training.reading.score import CardOutcome
from worker.training.scenes.generator import generate_scene
from worker.training.scenes.styles import StyleName

COUNT = 12
_CARD = (560, 353)
_TEXT_WIDTH, _LINE = 760, 22
_INK, _WRONG = (40, 40, 40), (30, 30, 200)


def draw_worst(cards: list[tuple[CardOutcome, KtpFields | None, KtpFields]], style: StyleName, path: Path) -> None:
    """Write a PNG of the COUNT cards with the most wrong fields to `path`."""
    ranked = sorted(cards, key=lambda each: -sum(not field.right for field in each[0].fields))[:COUNT]
    rows = [_draw_row(outcome, read, truth, style) for outcome, read, truth in ranked if not outcome.whole]
    if rows:
        path.parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(path), np.concatenate(rows))


def _draw_row(outcome: CardOutcome, read: KtpFields | None, truth: KtpFields, style: StyleName) -> Pixels:
    """The card, cut out by its true corners, and beside it the fields that are wrong."""
    scene = generate_scene(outcome.seed, style)
    row = np.full((_CARD[1] + 10, _CARD[0] + _TEXT_WIDTH, 3), 255, dtype=np.uint8)
    if scene.quad is not None:
        target = sheet_quad(*_CARD)
        card = cv2.warpPerspective(scene.pixels, homography(scene.quad, target), _CARD, flags=cv2.INTER_CUBIC)
        row[: _CARD[1], : _CARD[0]] = card
    lines = [(f"{outcome.seed} {' '.join(sorted(outcome.conditions))} {outcome.error or ''}", _INK)]
    for field in outcome.fields:
        if not field.right:
            value = getattr(read, field.field) if read else None
            lines.append((f"{field.field}: {getattr(truth, field.field)} | {value}", _WRONG))
    for number, (text, colour) in enumerate(lines[: _CARD[1] // _LINE]):
        place = (_CARD[0] + 10, 18 + number * _LINE)
        cv2.putText(row, text, place, cv2.FONT_HERSHEY_SIMPLEX, 0.45, colour, 1, cv2.LINE_AA)
    return row
