"""Training samples drawn on the fly: a line set anew on some ground, with what stands around it, in a poor picture."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from worker.engines.strips import HEIGHT, WIDENED, Network
from worker.pipeline.types import Grey
from worker.training.names import pick
from worker.training.strips.bank import LINE_CAP, LINE_HEIGHT, LineBank
from worker.training.strips.degradation import degrade
from worker.training.strips.grounds import Grounds
from worker.training.strips.lettering import ABOVE, Ink, Setting, random_setting, set_line
from worker.training.strips.texts import LABELS, LineText, random_line
from worker.training.strips.typefaces import CAP_HEIGHT

MAX_WIDTH = 704
"""Pixels of the widest sample."""

_LEAST_CAP, _CAP, _MOST_CAP = 13.0, 18.0, 27.0
_MIDDLE = (HEIGHT - 1) / 2
_BANK_SHARE = 0.45
_BANK_STRENGTH = 0.35
_KEPT_LINES = 48
_LABELS_READ, _LABELS_LEFT = frozenset(label.upper() for label in LABELS), 0.7
"""Half of a card's lines are its labels, which are the same on every card: many are passed over."""


LEAST_STRENGTH: dict[Network, float] = {"strips": 0.35, "strips_again": 0.6}
"""The faults of lines set anew are from so many to 1 times as frequent as can be, a share of them for each line. Where
most lines are beyond reading, small marks are not learnt: the first network has clearer ones, the other, which sees all
doubtful lines, harder ones."""


@dataclass(frozen=True)
class Sample:
    """`pixels`: a strip of HEIGHT rows, in grey; `text`: what the reader is to give."""

    pixels: Grey
    text: str


def _random_cap(rng: np.random.Generator) -> float:
    """Height of the capitals in the strip, in pixels."""
    return float(np.clip(_CAP * np.exp(rng.normal(0, 0.15)), _LEAST_CAP, _MOST_CAP))


@dataclass(frozen=True)
class _Place:
    """How ink comes into the strip: `cap` pixels tall, `stretch` times wider, from `x` on, its capitals' middle at `y`;
    `slant` leans letters, `slope` lets the line fall, both in pixels a pixel."""

    cap: float
    stretch: float
    x: float
    y: float
    slant: float
    slope: float

    def matrix(self) -> NDArray[np.float64]:
        """Maps pixels of the ink to pixels of the strip, shape (2, 3)."""
        scale = self.cap / CAP_HEIGHT
        middle = ABOVE + CAP_HEIGHT / 2
        across = np.array((scale * self.stretch, -self.slant * scale, self.x + self.slant * scale * middle))
        down = np.array((0.0, scale, self.y - scale * middle)) + self.slope * across
        return np.stack([across, down])


class Sampler:
    """Draws samples; `bank` holds lines cut out of scenes, or None where there is none yet. Not for several threads."""

    def __init__(self, grounds: Grounds, bank: LineBank | None, network: Network) -> None:
        self._grounds, self._bank, self._least_strength = grounds, bank, LEAST_STRENGTH[network]
        self._lines: deque[Ink] = deque(maxlen=_KEPT_LINES)

    def draw(self, rng: np.random.Generator, strength: float = 1.0) -> Sample:
        """One sample, at most MAX_WIDTH pixels wide; below 1, `strength` makes the faults of lines set anew rarer.

        Raises FontMissingError.
        """
        if self._bank is not None and rng.random() < _BANK_SHARE:
            return self._cut(self._bank, rng)
        return self._set(rng, strength)

    def _cut(self, bank: LineBank, rng: np.random.Generator) -> Sample:
        """A line out of a scene, cut a little otherwise each time."""
        line = bank.line(int(rng.integers(len(bank.texts))))
        if line.text in _LABELS_READ and rng.random() < _LABELS_LEFT:
            line = bank.line(int(rng.integers(len(bank.texts))))
        scale = _random_cap(rng) / LINE_CAP
        stretch = WIDENED * (float(np.exp(rng.uniform(-0.15, 0.15))) if rng.random() < 0.4 else 1.0)
        first = float(rng.uniform(0, line.left)) if rng.random() < 0.6 else line.left - float(rng.uniform(2, 12))
        first = max(0.0, first)
        scale_x = min(scale * stretch, (MAX_WIDTH - 8) / max(1.0, line.right - first))
        most = max(line.right, min(line.pixels.shape[1], first + MAX_WIDTH / scale_x))
        last = line.right + float(rng.uniform(2, 12)) if rng.random() < 0.55 else float(rng.uniform(line.right, most))
        last = min(last, most)
        width = int(np.clip(round((last - first) * scale_x), 12, MAX_WIDTH))
        y = _MIDDLE + float(np.clip(rng.normal(0, 1.5), -4.5, 4.5))
        slope = float(rng.normal(0, 0.004)) if rng.random() < 0.5 else 0.0
        matrix = np.array(
            [
                [scale_x, 0, -first * scale_x],
                [slope * scale_x, scale, y - scale * (LINE_HEIGHT - 1) / 2 - slope * width / 2],
            ]
        )
        reduced = cv2.GaussianBlur(line.pixels, (0, 0), 0.45 / scale) if scale < 0.75 else line.pixels
        warped = cv2.warpAffine(reduced, matrix, (width, HEIGHT), borderMode=cv2.BORDER_REPLICATE)
        pixels = np.asarray(warped, dtype=np.uint8)
        return Sample(degrade(pixels, _BANK_STRENGTH, rng) if rng.random() < 0.6 else pixels, line.text)

    def _set(self, rng: np.random.Generator, strength: float) -> Sample:
        """A line set anew."""
        text = random_line(rng)
        setting = random_setting(text, rng)
        ink = set_line(text.shown, setting)
        cap = _random_cap(rng)
        stretch = WIDENED
        if rng.random() < 0.6:
            stretch *= float(np.exp(rng.uniform(np.log(0.75), np.log(1.25))))
        long = ink.shape[1] * cap / CAP_HEIGHT * stretch
        if long > MAX_WIDTH - 8:
            stretch *= (MAX_WIDTH - 8) / long
            long = MAX_WIDTH - 8.0
        left, right = _margins(text, long, rng)
        width = max(12, round(left + long + right))
        slope = float(np.clip(rng.normal(0, 0.006), -6 / width, 6 / width)) if rng.random() < 0.6 else 0.0
        y = _MIDDLE + float(np.clip(rng.normal(0, 1.6), -5, 5)) - slope * width / 2
        slant = float(rng.normal(0, 0.1)) if rng.random() < 0.25 else 0.0
        place = _Place(cap, stretch, left, y, slant, slope)
        inks = [(ink, place), *self._around(text, setting, place, long, width, rng)]
        self._lines.append(ink)
        mask = np.zeros((HEIGHT, width), dtype=np.uint8)
        for each, at in inks:
            flags = cv2.INTER_LINEAR if at.cap > 16 else cv2.INTER_AREA
            np.maximum(mask, cv2.warpAffine(each, at.matrix(), (width, HEIGHT), flags=flags), out=mask)
        strength *= float(rng.uniform(self._least_strength, 1.0))
        return Sample(degrade(self._print(mask, left + long, rng), strength, rng), text.read)

    def _around(
        self, text: LineText, setting: Setting, place: _Place, long: float, width: int, rng: np.random.Generator
    ) -> list[tuple[Ink, _Place]]:
        """What else is printed in the strip: the rows above and below, a colon, the end of a label."""
        inks = []
        for way in (-1, 1):
            if self._lines and rng.random() < 0.6:
                x = place.x if rng.random() < 0.6 else float(rng.uniform(-100, width))
                y = place.y + way * place.cap * float(rng.uniform(1.5, 2.1))
                inks.append((self._lines[int(rng.integers(len(self._lines)))], _moved(place, x, y)))
        if text.kind in ("value", "number", "empty") and rng.random() < 0.5:
            colon = set_line(":", setting_of_label(setting))
            x = place.x - float(rng.uniform(0.45, 1.6)) * place.cap
            inks.append((colon, _moved(place, x, place.y)))
            if x > 12 and rng.random() < 0.5:
                label = set_line(pick(LABELS, rng), setting_of_label(setting))
                end = float(rng.uniform(2, x - 5))
                start = end - label.shape[1] * place.cap / CAP_HEIGHT * place.stretch
                if start < -4:
                    inks.append((label, _moved(place, start, place.y)))
        if text.kind == "label" and not text.shown.endswith(":") and rng.random() < 0.35:
            x = place.x + long + float(rng.uniform(0.3, 6)) * place.cap
            inks.append((set_line(":", setting_of_label(setting)), _moved(place, x, place.y)))
        return inks

    def _print(self, mask: Ink, end: float, rng: np.random.Generator) -> Grey:
        """The ink on a ground, with the edge of a portrait behind the text now and then."""
        height, width = mask.shape
        ground = self._grounds.draw(width, height, rng)
        if rng.random() < 0.07 and end + 20 < width:
            ground[:, int(rng.uniform(end + 15, width)) :] = float(rng.uniform(40, 230))
        if rng.random() < 0.04:
            rows = int(rng.integers(1, 7))
            ground[:rows] = float(rng.uniform(20, 255))
        strength = float(rng.uniform(0.6, 1.0) if rng.random() < 0.82 else rng.uniform(0.33, 0.6))
        share = mask.astype(np.float32) * np.float32(strength / 255)
        level = np.float32(rng.uniform(5, 75))
        return np.clip(ground + (level - ground) * share, 0, 255).astype(np.uint8)


def setting_of_label(setting: Setting) -> Setting:
    """How a label is set on the card of a value that is set so."""
    return Setting(setting.font, weight=setting.weight)


def _moved(place: _Place, x: float, y: float) -> _Place:
    return _Place(place.cap, place.stretch, x, y, place.slant, place.slope)


def _margins(text: LineText, long: float, rng: np.random.Generator) -> tuple[float, float]:
    """Pixels left and right of the text."""
    room = MAX_WIDTH - long
    if text.kind == "header" and rng.random() < 0.5:
        side = float(rng.uniform(0, room / 2))
        return side, side
    kind = rng.random()
    left = float(rng.uniform(0.5, 10) if kind < 0.4 else rng.uniform(8, 50) if kind < 0.93 else rng.uniform(0, 160))
    kind = rng.random()
    right = float(rng.uniform(0.5, 12) if kind < 0.45 else rng.uniform(5, 70) if kind < 0.85 else rng.uniform(0, 400))
    if text.kind == "empty":
        right += float(rng.uniform(20, 300))
    left = min(left, room * 0.5)
    return left, min(right, room - left)
