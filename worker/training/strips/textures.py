"""Textures that print may stand on, each from about -1 to 1: what other artworks, plastics and papers look like.


None is drawn as the artworks of the style "foreign" are: no spirographs, no rays or rings, no zigzags, no stars.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

Texture = NDArray[np.float32]

_MICROPRINT = "REPUBLIK INDONESIA "


def _blur(texture: Texture, across: float, down: float) -> Texture:
    return np.asarray(cv2.GaussianBlur(texture, (0, 0), across, sigmaY=down), dtype=np.float32)


def _normal(texture: Texture) -> Texture:
    """Brought to a mean of 0 and a deviation of one half."""
    return np.asarray((texture - texture.mean()) * (0.5 / max(1e-6, float(texture.std()))), dtype=np.float32)


def clouds(width: int, height: int, rng: np.random.Generator) -> Texture:
    """Noise of several sizes, as of stains, paper and things out of focus."""
    total = np.zeros((height, width), dtype=np.float32)
    for size in (3, 8, 24):
        nodes = rng.standard_normal((height // size + 2, width // size + 2), dtype=np.float32)
        total += cv2.resize(nodes, (width, height), interpolation=cv2.INTER_CUBIC) * np.float32(rng.uniform(0, size))
    return _normal(total)


def fibres(width: int, height: int, rng: np.random.Generator) -> Texture:
    """Noise drawn out along the line or across it, as of paper, brushed plastic and scanners."""
    noise = rng.standard_normal((height, width), dtype=np.float32)
    long, short = float(rng.uniform(3, 30)), float(rng.uniform(0.3, 1.2))
    return _normal(_blur(noise, long, short) if rng.random() < 0.5 else _blur(noise, short, long))


def lattice(width: int, height: int, rng: np.random.Generator) -> Texture:
    """Two families of lines that bend and cross: fine guilloche."""
    x, y = np.arange(width, dtype=np.float32)[None, :], np.arange(height, dtype=np.float32)[:, None]
    product = np.ones((height, width), dtype=np.float32)
    for _ in range(2):
        turn, pitch = float(rng.uniform(0, np.pi)), float(rng.uniform(4, 20))
        bend = np.float32(rng.uniform(0, 10)) * np.sin(
            (x + y * np.float32(rng.uniform(-1, 1))) * np.float32(2 * np.pi / rng.uniform(30, 200))
        )
        phase = x * np.float32(np.cos(turn)) + (y + bend) * np.float32(np.sin(turn))
        product *= 1 - np.abs(np.sin(phase * np.float32(np.pi / pitch))) ** np.float32(rng.uniform(0.3, 2))
    return _normal(product)


def dots(width: int, height: int, rng: np.random.Generator) -> Texture:
    """The raster of a printer or a screen."""
    x, y = np.arange(width, dtype=np.float32)[None, :], np.arange(height, dtype=np.float32)[:, None]
    turn, pitch = float(rng.uniform(0, np.pi)), float(rng.uniform(2.2, 7))
    along = x * np.float32(np.cos(turn)) + y * np.float32(np.sin(turn))
    across = y * np.float32(np.cos(turn)) - x * np.float32(np.sin(turn))
    step = np.float32(2 * np.pi / pitch)
    return np.asarray(0.5 * np.cos(along * step) * np.cos(across * step), dtype=np.float32)


def microprint(width: int, height: int, rng: np.random.Generator) -> Texture:
    """Rows of letters too small to read."""
    sheet = np.zeros((height, width), dtype=np.uint8)
    scale = float(rng.uniform(0.16, 0.34))
    pitch = max(4, round(scale * 30 * float(rng.uniform(0.9, 2))))
    text = _MICROPRINT * (width // 20 + 2)
    for y in range(int(rng.integers(0, pitch)), height + pitch, pitch):
        x = -int(rng.integers(0, 60))
        cv2.putText(sheet, text, (x, y), cv2.FONT_HERSHEY_SIMPLEX, scale, (255,), 1, cv2.LINE_AA)
    if rng.random() < 0.5:
        matrix = cv2.getRotationMatrix2D((width / 2, height / 2), float(rng.uniform(-40, 40)), 1.0)
        sheet = np.asarray(
            cv2.warpAffine(sheet, matrix, (width, height), borderMode=cv2.BORDER_REFLECT), dtype=np.uint8
        )
    return np.asarray(-sheet.astype(np.float32) / 128, dtype=np.float32)


def patches(width: int, height: int, rng: np.random.Generator) -> Texture:
    """Fields of another tone with hard edges: emblems, islands, bands, the rim of a sticker."""
    sheet = np.zeros((height, width), dtype=np.float32)
    for _ in range(int(rng.integers(1, 5))):
        middle = rng.uniform((0, 0), (width, height))
        corners = middle + rng.normal(0, 1, (int(rng.integers(3, 8)), 2)) * (float(rng.uniform(10, 120)), 25)
        hull = cv2.convexHull(corners.round().astype(np.int32))
        cv2.fillConvexPoly(sheet, hull, (float(rng.uniform(-0.7, 0.7)),), cv2.LINE_8)
    return _blur(sheet, float(rng.uniform(0.4, 2)), 0.7)


def streaks(width: int, height: int, rng: np.random.Generator) -> Texture:
    """Light on wrinkled plastic, and scratches."""
    sheet = np.zeros((height, width), dtype=np.float32)
    for _ in range(int(rng.integers(1, 7))):
        ends = rng.uniform((-20, -30), (width + 20, height + 30), (2, 2)).round().astype(int).tolist()
        tone = float(rng.uniform(-0.4, 1))
        cv2.line(sheet, ends[0], ends[1], (tone,), int(rng.integers(1, 5)), cv2.LINE_8)
    return _blur(sheet, float(rng.uniform(0.4, 3)), float(rng.uniform(0.4, 3)))


TEXTURES: tuple[Callable[[int, int, np.random.Generator], Texture], ...] = (
    *(clouds, fibres, lattice, lattice),
    *(dots, microprint, patches, streaks),
)
