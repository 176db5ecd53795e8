"""Lays the ground of a scene: a scanner's page, one of the style's surfaces or two of them, clutter or a person."""

from __future__ import annotations

import cv2
import numpy as np

from worker.pipeline.types import Pixels
from worker.training.names import pick
from worker.training.scenes.styles import Ground, Style
from worker.training.scenes.texture import clouds, enlarge, near_colour, ramp, scale_colour, to_tone
from worker.training.style import Colour

_SLANTED_SHARE = 0.35
_SPLIT_SHARE = 0.18


def draw_plain(width: int, height: int, colour: Colour, unevenness: float, rng: np.random.Generator) -> Pixels:
    """One colour, in places darker by up to `unevenness` (0 to 1)."""
    tone = to_tone(clouds(width // 8 + 1, height // 8 + 1, 4, rng))
    return ramp(enlarge(tone, width, height), (scale_colour(colour, 1 - unevenness), colour))


def draw_page(width: int, height: int, rng: np.random.Generator) -> Pixels:
    """What a scanner sees around a card: white, at times grey or the black of an open lid."""
    kind = rng.random()
    low, high = (4, 40) if kind < 0.12 else (170, 235) if kind < 0.25 else (235, 256)
    level = int(rng.integers(low, high))
    return draw_plain(width, height, near_colour((level, level, level), 6, rng), float(rng.uniform(0, 0.05)), rng)


def _slanted(frame: Pixels, rng: np.random.Generator) -> Pixels:
    height, width = frame.shape[:2]
    source = np.array([(0, 0), (width, 0), (width, height), (0, height)], dtype=np.float32)
    target = source + rng.normal(0, width * 0.25, (4, 2)).astype(np.float32)
    if not cv2.isContourConvex(target):
        return frame
    matrix, size = cv2.getPerspectiveTransform(source, target), (width, height)
    seen = cv2.warpPerspective(frame, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    return np.asarray(seen, dtype=np.uint8)


def _split(frame: Pixels, other: Pixels, rng: np.random.Generator) -> None:
    """Lets the other ground show beyond a straight edge, as the floor does beyond a table."""
    height, width = frame.shape[:2]
    angle, reach = float(rng.uniform(0, 2 * np.pi)), float(width + height)
    point = rng.uniform((0.1 * width, 0.1 * height), (0.9 * width, 0.9 * height))
    along, across = np.array((np.cos(angle), np.sin(angle))) * reach, np.array((-np.sin(angle), np.cos(angle))) * reach
    corners = np.array([point - along, point + along, point + along + across, point - along + across])
    mask = np.zeros((height, width), dtype=np.uint8)
    cv2.fillConvexPoly(mask, corners.round().astype(np.int32), (255,), cv2.LINE_AA)
    cv2.copyTo(other, mask, frame)


def _draw_one(grounds: tuple[Ground, ...], width: int, height: int, rng: np.random.Generator) -> Pixels:
    frame = pick(grounds, rng)(width, height, rng)
    return _slanted(frame, rng) if rng.random() < _SLANTED_SHARE else frame


def draw_ground(width: int, height: int, style: Style, rng: np.random.Generator, printed: bool = True) -> Pixels:
    """One or two surfaces of the style, some at a slant; `printed` allows those that bear print."""
    grounds = (*style.grounds, *style.printed_grounds) if printed else style.grounds
    frame = _draw_one(grounds, width, height, rng)
    if rng.random() < _SPLIT_SHARE:
        _split(frame, _draw_one(grounds, width, height, rng), rng)
    return frame
