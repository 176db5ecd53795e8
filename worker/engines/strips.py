"""Our line reader on ONNX Runtime: reads one printed line of a card, and gives what it saw step by step.

The network sees the strip in grey, HEIGHT pixels high, and gives for every STEP pixels of its width the probability of
each character of worker.pipeline.characters.ALPHABET, or of none (CTC). Reading takes the likeliest at each step; a
caller who knows which characters a field can hold decodes the same probabilities again with these alone.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from worker.engines.sessions import MODELS, has_integer_units, open_session
from worker.pipeline.characters import BLANK, decode
from worker.pipeline.types import Grey, LogProbabilities, StripText

Network = Literal["strips", "strips_again"]
"""The network that reads all lines, and the larger one that reads doubtful ones again."""

HEIGHT = 40
"""Rows of the network's input; capitals are best about 18 pixels high in it, and may be from 13 to 27."""

WIDENED = 1.2
"""A network sees a strip so many times wider than it is: at its own width two narrow letters, such as IJ or II, are
hardly two steps apart, and one of them was lost."""

STEP = 2
"""Pixels of the network's input that one step of its output stands for."""

WIDTH_STEP = 16
"""The input is padded at its right to a multiple of so many pixels, so that like widths run together."""

MAX_WIDTH = 1600
"""A strip that would be wider, in pixels of the input, is squeezed to it."""

GPU_WIDTHS, GPU_STRIPS = (320, 640, 960, MAX_WIDTH), 64
"""The only shapes that a GPU is given, each with a session of its own: whatever is missing is made up. A session plans
its convolutions anew whenever the shape changes, 35 ms on an H200, where 64 strips of 480 columns run in 1.6 ms."""

_SURE, _UNLIKELY = 0.9, 0.03
"""Probabilities between which a character may belong to a neighbour one or two steps away. On development lines without
faults this brought those read exactly from 96.7 to 98.0 % (own style) and from 89.9 to 91.0 % (foreign)."""

_LEAST = 1e-12


@dataclass(frozen=True)
class _Input:
    """A strip as the network sees it, before padding, and `scale`, the pixels of the given strip for each of its
    columns."""

    pixels: NDArray[np.uint8]
    scale: float

    @property
    def width(self) -> int:
        """Columns."""
        return int(self.pixels.shape[1])


class StripReader:
    """Reads strips with one network. Safe for use by several threads at once."""

    def __init__(
        self,
        threads: int = 1,
        device: Literal["cpu", "gpu"] = "cpu",
        models: Path = MODELS,
        network: Network = "strips",
    ) -> None:
        """Load the network from `models`; `device` gpu takes CUDA. Raises NoGpuError where there is none."""
        path = models / model_file(network, integers=device == "cpu" and has_integer_units())
        self._fixed = device == "gpu"
        widths = GPU_WIDTHS if self._fixed else (0,)
        self._sessions = {width: open_session(path, threads, device) for width in widths}

    def read(self, strips: list[Grey]) -> list[StripText]:
        """What each strip says, in the same order; one of less than a pixel in height or width says nothing."""
        inputs = [_prepare(strip) for strip in strips]
        by_width: dict[int, list[int]] = {}
        for index, each in enumerate(inputs):
            by_width.setdefault(self._padded(each.width), []).append(index)
        texts: dict[int, StripText] = {}
        for width, indices in by_width.items():
            size = GPU_STRIPS if self._fixed else len(indices)
            for start in range(0, len(indices), size):
                together = indices[start : start + size]
                found = self._run([inputs[index].pixels for index in together], width, size)
                for index, log_probabilities in zip(together, found, strict=False):
                    steps = -(-inputs[index].width // STEP)
                    texts[index] = decode(settle(log_probabilities[:steps]), None, STEP * inputs[index].scale)
        return [texts[index] for index in range(len(strips))]

    def _padded(self, width: int) -> int:
        """The width at which an input of this one is run."""
        return next(wide for wide in GPU_WIDTHS if wide >= width) if self._fixed else width + -width % WIDTH_STEP

    def _run(self, inputs: list[NDArray[np.uint8]], width: int, size: int) -> LogProbabilities:
        """Log probabilities of `size` strips, first those of `inputs`; all are padded to `width`."""
        pixels = np.zeros((size, HEIGHT, width), dtype=np.uint8)
        for row, each in zip(pixels, inputs, strict=False):
            row[:] = pad(each, width)
        widths = np.array([each.shape[1] for each in inputs] + [width] * (size - len(inputs)), dtype=np.int64)
        session = self._sessions[width if self._fixed else 0]
        (found,) = session.run(["log_probabilities"], {"pixels": pixels, "widths": widths})
        return np.asarray(found)


def pad(pixels: NDArray[np.uint8], width: int) -> NDArray[np.uint8]:
    """The strip with its right edge repeated up to `width`."""
    missing = width - pixels.shape[1]
    return np.asarray(cv2.copyMakeBorder(pixels, 0, 0, 0, missing, cv2.BORDER_REPLICATE), dtype=np.uint8)


def model_file(network: Network, *, integers: bool) -> str:
    """Name of the file of a network in float32, or with weights and activations of 8 bits: on processors that have
    units for these three times as fast, and as good but for a few lines of a thousand."""
    return f"{network}_int8.onnx" if integers else f"{network}.onnx"


def settle(log_probabilities: LogProbabilities) -> LogProbabilities:
    """The same, where the network was sure of a character but not of its step: its probability gathered at one step.

    Each step is judged on its own, so that a letter between two steps may seem to be at either (and be read twice) or
    at neither (and be lost). Its parts are added up at the likelier step; each step's probabilities still add up to 1.
    """
    unsure = (log_probabilities > math.log(_UNLIKELY)) & (log_probabilities < math.log(_SURE))
    unsure[:, BLANK] = False
    steps, characters = np.nonzero(unsure)
    if not len(steps):
        return np.maximum(log_probabilities, np.float32(math.log(_LEAST)))
    shares = np.exp(log_probabilities)
    order = np.argsort(-shares[steps, characters])
    for step, character in zip(steps[order].tolist(), characters[order].tolist(), strict=True):
        if shares[step, character] > _UNLIKELY:
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


def _prepare(strip: Grey) -> _Input:
    """The strip, HEIGHT high and WIDENED."""
    height, width = strip.shape
    if height < 1 or width < 1:
        return _Input(np.full((HEIGHT, WIDTH_STEP), 255, dtype=np.uint8), 1.0)
    wide = min(MAX_WIDTH, max(1, round(WIDENED * width * HEIGHT / height)))
    if (height, width) != (HEIGHT, wide):
        way = cv2.INTER_AREA if height > HEIGHT else cv2.INTER_CUBIC
        strip = np.asarray(cv2.resize(strip, (wide, HEIGHT), interpolation=way), dtype=np.uint8)
    return _Input(strip, width / wide)
