"""The photographs that speed is measured on: whole, legible specimens in two common sizes, from seeds of their own."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from worker.pipeline.types import KtpFields
from worker.training.camera import Pose
from worker.training.card import render_card
from worker.training.encoding import encode_jpeg
from worker.training.person import random_person
from worker.training.scene import SceneOptions, photograph
from worker.training.style import random_style
from worker.training.surfaces import Surface

SIZES = ((1024, 768), (1600, 1200))
FIRST_SEED = 50_000
_QUALITY = 88


@dataclass(frozen=True)
class Picture:
    """A JPEG of a card and the truth of its fields."""

    data: bytes
    fields: KtpFields


def take_pictures(count: int, width: int, height: int) -> list[Picture]:
    """So many photographs of that size in pixels; the same each time."""
    return [_take(FIRST_SEED + number, width, height) for number in range(count)]


def _take(seed: int, width: int, height: int) -> Picture:
    rng = np.random.default_rng(seed)
    card = render_card(random_person(rng), random_style(rng), rng)
    turned, over, aside = rng.uniform(-8, 8), *rng.uniform(-10, 10, 2)
    pose = Pose(float(turned), float(over), float(aside), share=float(rng.uniform(0.75, 0.95)))
    surface = list(Surface)[int(rng.integers(len(Surface)))]
    lens, sensor = float(rng.uniform(0.3, 0.9)), float(rng.uniform(1, 3))
    options = SceneOptions(width, height, pose, surface, blur=lens, noise=sensor)
    return Picture(encode_jpeg(photograph(card, rng, options).pixels, _QUALITY), card.fields)
