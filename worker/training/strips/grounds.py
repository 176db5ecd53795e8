"""What a line may be printed on: cuts of the own style's artwork, runs of tone, guilloche lines, textures."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from worker.pipeline.types import Grey
from worker.training.names import pick
from worker.training.scenes.cards import draw_artwork
from worker.training.scenes.palette import any_palette, ktp_palette
from worker.training.scenes.styles import STYLES
from worker.training.strips.textures import TEXTURES

_ARTWORKS = 40


class Grounds:
    """Draws grounds of any size in grey; holds some artworks, which take a few seconds to draw."""

    def __init__(self, rng: np.random.Generator, artworks: int = _ARTWORKS) -> None:
        style = STYLES["own"]
        self._artworks: list[Grey] = []
        for index in range(artworks):
            palette = any_palette(rng) if index % 4 == 3 else ktp_palette(style.ktp_hue, rng)
            drawn = draw_artwork(style, palette, rng)
            self._artworks.append(np.asarray(cv2.cvtColor(drawn, cv2.COLOR_BGR2GRAY), dtype=np.uint8))

    def draw(self, width: int, height: int, rng: np.random.Generator) -> NDArray[np.float32]:
        """A ground of 90 to 255 in brightness, shape (height, width)."""
        kind = rng.random()
        if kind < 0.5 and self._artworks:
            ground = self._cut(width, height, rng)
        else:
            ground = np.full((height, width), float(rng.uniform(140, 250)), dtype=np.float32)
        if kind > 0.8:
            ground += _waves(width, height, rng) * np.float32(3 + 30 * rng.random() ** 2)
        if kind > 0.4 and rng.random() < 0.5:
            ground += pick(TEXTURES, rng)(width, height, rng) * np.float32(3 + 32 * rng.random() ** 2)
        if rng.random() < 0.35:
            ground += _run(width, height, rng) * np.float32(rng.uniform(5, 50))
        level = float(rng.uniform(0.75, 1.1))
        return np.clip(ground * np.float32(level), 90, 255)

    def _cut(self, width: int, height: int, rng: np.random.Generator) -> NDArray[np.float32]:
        artwork = self._artworks[int(rng.integers(len(self._artworks)))]
        scale = float(rng.uniform(0.6, 1.3))
        wide = min(artwork.shape[1], max(2, round(width * scale)))
        tall = min(artwork.shape[0], max(2, round(height * scale)))
        x, y = int(rng.integers(artwork.shape[1] - wide + 1)), int(rng.integers(artwork.shape[0] - tall + 1))
        cut = cv2.resize(artwork[y : y + tall, x : x + wide], (width, height), interpolation=cv2.INTER_LINEAR)
        return cut.astype(np.float32)


def _waves(width: int, height: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """Fine parallel lines that swing, from -1 to 1."""
    x, y = np.arange(width, dtype=np.float32)[None, :], np.arange(height, dtype=np.float32)[:, None]
    turn, pitch = float(rng.uniform(0, np.pi)), float(rng.uniform(3, 16))
    swing = np.sin(x * np.float32(rng.uniform(0.01, 0.12)) + np.float32(rng.uniform(0, 6))) * np.float32(
        rng.uniform(0, 9)
    )
    phase = x * np.float32(np.cos(turn)) + (y + swing) * np.float32(np.sin(turn))
    return np.asarray(np.sin(phase * np.float32(2 * np.pi / pitch)), dtype=np.float32)


def _run(width: int, height: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """A smooth run of tone or soft clouds, about -1 to 1."""
    nodes = rng.normal(0, 0.6, (2, int(rng.integers(2, 9)))).astype(np.float32)
    return np.asarray(cv2.resize(nodes, (width, height), interpolation=cv2.INTER_CUBIC), dtype=np.float32)
