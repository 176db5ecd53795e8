"""Our line reader on ONNX Runtime: reads one printed line of a card, and gives what it saw step by step.

The network sees the strip in grey, HEIGHT pixels high, and gives for every STEP pixels of its width the probability of
each character of worker.pipeline.characters.ALPHABET, or of none (CTC). Reading takes the likeliest at each step; a
caller who knows which characters a field can hold decodes the same probabilities again with these alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from worker.engines.sessions import MODELS, has_integer_units, open_session
from worker.pipeline.characters import BLANK, decode
from worker.pipeline.types import LogProbabilities, Pixels, StripText

Network = Literal["strips", "strips_again"]
"""The network that reads all lines, and the one that reads doubtful ones again: trained further, it errs elsewhere."""

HEIGHT = 40
"""Rows of the network's input; capitals are best about 18 pixels high in it, and may be from 13 to 27."""

WIDENED: dict[Network, float] = {"strips": 1.2, "strips_again": 1.0}
"""Each network sees a strip so many times wider than it is. At its own width two narrow letters, such as IJ or II, are
hardly two steps apart, and one of them was lost; the other network keeps to it, so that both err elsewhere."""

STEP = 2
"""Pixels of the network's input that one step of its output stands for."""

WIDTH_STEP = 16
"""The input is padded at its right to a multiple of so many pixels, so that like widths run together."""

MAX_WIDTH = 1600
"""A strip that would be wider, in pixels of the input, is squeezed to it."""

_SURE, _UNLIKELY = 0.9, 0.03
"""Probabilities between which a character may belong to a neighbour one or two steps away. On development lines without
faults this brought those read exactly from 96.7 to 98.0 % (own style) and from 89.9 to 91.0 % (foreign)."""

_LEAST = 1e-12


@dataclass(frozen=True)
class _Input:
    """A strip as the network sees it, `scale` the pixels of the given strip for each of its columns, `width` of them
    before padding."""

    pixels: NDArray[np.uint8]
    scale: float
    width: int


class StripReader:
    """Reads strips with one network. Safe for use by several threads at once."""

    def __init__(
        self,
        threads: int = 1,
        device: Literal["cpu", "gpu"] = "cpu",
        models: Path = MODELS,
        network: Network = "strips",
    ) -> None:
        """Load the network from `models`; `device` gpu takes CUDA and raises where there is none."""
        self._widened = WIDENED[network]
        integers = device == "cpu" and has_integer_units()
        self._session = open_session(models / model_file(network, integers=integers), threads, device)

    def read(self, strips: list[Pixels]) -> list[StripText]:
        """What each strip says, in the same order; one of less than a pixel in height or width says nothing."""
        inputs = [_prepare(strip, self._widened) for strip in strips]
        by_width: dict[int, list[int]] = {}
        for index, each in enumerate(inputs):
            by_width.setdefault(each.pixels.shape[1], []).append(index)
        texts: dict[int, StripText] = {}
        for indices in by_width.values():
            batch = np.stack([inputs[index].pixels for index in indices])
            (found,) = self._session.run(["log_probabilities"], {"pixels": batch})
            for index, log_probabilities in zip(indices, found, strict=True):
                steps = -(-inputs[index].width // STEP)
                texts[index] = decode(settle(log_probabilities[:steps]), None, STEP * inputs[index].scale)
        return [texts[index] for index in range(len(strips))]


def model_file(network: Network, *, integers: bool) -> str:
    """Name of the file of a network in float32, or with weights and activations of 8 bits: on processors that have
    units for these three times as fast, and as good but for a few lines of a thousand."""
    return f"{network}_int8.onnx" if integers else f"{network}.onnx"


def settle(log_probabilities: LogProbabilities) -> LogProbabilities:
    """The same, where the network was sure of a character but not of its step: its probability gathered at one step.

    Each step is judged on its own, so that a letter between two steps may seem to be at either (and be read twice) or
    at neither (and be lost). Its parts are added up at the likelier step; each step's probabilities still add up to 1.
    """
    shares = np.exp(log_probabilities)
    steps, characters = np.nonzero((shares > _UNLIKELY) & (shares < _SURE))
    order = np.argsort(-shares[steps, characters])
    for step, character in zip(steps[order].tolist(), characters[order].tolist(), strict=True):
        if character != BLANK and shares[step, character] > _UNLIKELY:
            _gather(shares, step, character)
    return np.asarray(np.log(np.maximum(shares, _LEAST)), dtype=np.float32)


def _gather(shares: NDArray[np.float32], step: int, character: int) -> None:
    """Adds to a character at a step what its neighbours have of it, unless one of them is sure of it: that has it all.

    `shares`: probabilities as in LogProbabilities, changed in place.
    """
    for near in (step - 1, step + 1, step - 2, step + 2):
        if not 0 <= near < len(shares):
            continue
        other = shares[near, character]
        if other >= _SURE:
            shares[step, BLANK] += shares[step, character]
            shares[step, character] = 0
            return
        if _UNLIKELY < other <= shares[step, character]:
            moved = min(other, shares[step, BLANK])
            shares[step, character] += moved
            shares[step, BLANK] -= moved
            shares[near, BLANK] += other
            shares[near, character] = 0


def _prepare(strip: Pixels, widened: float) -> _Input:
    """The strip in grey, HEIGHT high and `widened`, its right edge repeated up to a whole WIDTH_STEP."""
    height, width = strip.shape[:2]
    if height < 1 or width < 1:
        return _Input(np.full((HEIGHT, WIDTH_STEP), 255, dtype=np.uint8), 1.0, WIDTH_STEP)
    grey = cv2.cvtColor(strip, cv2.COLOR_BGR2GRAY)
    wide = min(MAX_WIDTH, max(1, round(widened * width * HEIGHT / height)))
    if (height, width) != (HEIGHT, wide):
        way = cv2.INTER_AREA if height > HEIGHT else cv2.INTER_CUBIC
        grey = cv2.resize(grey, (wide, HEIGHT), interpolation=way)
    padding = -wide % WIDTH_STEP
    grey = cv2.copyMakeBorder(grey, 0, 0, 0, padding, cv2.BORDER_REPLICATE)
    return _Input(np.asarray(grey, dtype=np.uint8), width / wide, wide)
