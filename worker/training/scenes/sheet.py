"""Draws many scenes in a grid to look at: `python -m worker.training.scenes.sheet --seed 0 --style own --out FILE`."""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2
import numpy as np

from worker.pipeline.types import Pixels
from worker.training.scenes.generator import LabelledScene, generate_scene
from worker.training.scenes.styles import STYLES, StyleName
from worker.training.style import Colour

_CELL = 400
_QUAD_COLOUR: dict[str, Colour] = {"ktp": (0, 220, 0), "document": (0, 140, 255), "none": (0, 0, 255)}


def _cell(scene: LabelledScene) -> Pixels:
    """The scene in a square of _CELL pixels with its quad; a disc marks the card's top-left corner."""
    height, width = scene.pixels.shape[:2]
    scale = (_CELL - 80) / max(height, width)
    small = cv2.resize(scene.pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    cell = np.full((_CELL, _CELL, 3), 40, dtype=np.uint8)
    top, left = (_CELL - small.shape[0]) // 2, (_CELL - small.shape[1]) // 2
    cell[top : top + small.shape[0], left : left + small.shape[1]] = small
    if scene.quad is not None:
        corners = ((scene.quad + 0.5) * scale - 0.5 + (left, top)) * 16
        points = corners.round().astype(np.int32)
        colour = (220, 0, 220) if scene.mirrored else _QUAD_COLOUR[scene.kind]
        cv2.polylines(cell, [points], True, colour, 1, cv2.LINE_AA, shift=4)
        cv2.circle(cell, points[0].tolist(), 6 * 16, colour, -1, cv2.LINE_AA, shift=4)
        cv2.circle(cell, points[1].tolist(), 4 * 16, colour, 1, cv2.LINE_AA, shift=4)
    title = f"{scene.kind} {scene.tilt:.0f} {'whole' if scene.whole else ''}"
    cv2.putText(cell, title, (4, 14), cv2.FONT_HERSHEY_SIMPLEX, 0.45, _QUAD_COLOUR[scene.kind], 1, cv2.LINE_AA)
    names = " ".join(sorted(scene.conditions))
    cv2.putText(cell, names, (4, _CELL - 6), cv2.FONT_HERSHEY_SIMPLEX, 0.36, (230, 230, 230), 1, cv2.LINE_AA)
    return cell


def draw_contact_sheet(seed: int, style: StyleName, columns: int, rows: int) -> Pixels:
    """Scenes of the seeds from `seed` on, row by row, each with its truth drawn in."""
    cells = [_cell(generate_scene(seed + index, style)) for index in range(columns * rows)]
    return np.vstack([np.hstack(cells[row * columns : (row + 1) * columns]) for row in range(rows)])


def main() -> None:
    """Writes the sheet that the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=0, help="seed of the first scene")
    parser.add_argument("--style", choices=tuple(STYLES), default="own")
    parser.add_argument("--out", type=Path, required=True, help="image file to write")
    parser.add_argument("--columns", type=int, default=6)
    parser.add_argument("--rows", type=int, default=5)
    chosen = parser.parse_args()
    cv2.imwrite(str(chosen.out), draw_contact_sheet(chosen.seed, chosen.style, chosen.columns, chosen.rows))


if __name__ == "__main__":
    main()
