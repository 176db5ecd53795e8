"""Which models are run on what while cards are read, and how many multiply-adds that is."""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from functools import cache
from math import prod
from pathlib import Path
from typing import Any, get_args

import numpy as np
import onnxruntime

from shared.settings import Settings
from worker.engines.corners import LOCATOR_MODEL, REFINER_MODEL, CornerEngine
from worker.engines.paddle import CROP_HEIGHT, PaddleText, find_weights, padded_width
from worker.engines.sessions import MODELS, has_integer_units
from worker.engines.strips import Network, StripReader, model_file
from worker.pipeline.types import Engines, Pixels, Quad, RecognizedText

Runs = Counter[tuple[Path, tuple[int, ...]]]
"""How often a model was run on an input of a shape."""

_TYPES = {"tensor(uint8)": np.uint8, "tensor(float)": np.float32}
_PRODUCTS = ("Gemm", "MatMul", "FusedGemm", "FusedMatMul")


def noting_engines(settings: Settings, runs: Runs) -> Engines:
    """The engines of the settings on a processor, which note in `runs` what they do."""
    first, again = (_NotingStrips(network, runs) for network in get_args(Network))
    return Engines(_NotingText(settings, runs), _NotingCards(runs), first, again)


def is_integer(model: Path) -> bool:
    """Whether the model computes in 8 bits."""
    return model.name in {model_file(network, integers=True) for network in get_args(Network)}


@cache
def multiply_adds(model: Path, shape: tuple[int, ...]) -> int:
    """Multiply-adds of all convolutions and products of matrices in one run on an input of that shape.

    ONNX Runtime is asked for the shapes, by its profile of one run. What text detection does in between (a sum, a
    maximum) is not counted.
    """
    options = onnxruntime.SessionOptions()
    # Further steps would give operators other names and weights other shapes.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.enable_profiling = True
    with tempfile.TemporaryDirectory() as folder:
        options.profile_file_prefix = f"{folder}/profile"
        session = onnxruntime.InferenceSession(model, options, ["CPUExecutionProvider"])
        given, *widths = session.get_inputs()
        feeds = {given.name: np.zeros(shape, _TYPES[given.type])}
        session.run(None, feeds | {each.name: np.full(shape[0], shape[-1]) for each in widths})
        events = json.loads(Path(session.end_profiling()).read_text())
    return sum(_multiply_adds_of(each["args"]) for each in events if each["name"].endswith("_kernel_time"))


def _multiply_adds_of(operator: dict[str, Any]) -> int:
    """Of one operator, by the shapes of what goes in and out."""
    name = operator["op_name"]
    if name not in ("Conv", "ConvTranspose", *_PRODUCTS):
        return 0
    into, out = ([next(iter(each.values())) for each in operator[f"{way}_type_shape"]] for way in ("input", "output"))
    if name in _PRODUCTS:
        return int(prod(out[0]) * into[0][-1])
    return int(prod(out[0] if name == "Conv" else into[0]) * prod(into[1][1:]))


class _NotingSession:
    """A session that notes the shapes of its inputs."""

    def __init__(self, session: onnxruntime.InferenceSession, model: Path, runs: Runs) -> None:
        self._session, self._model, self._runs = session, model, runs

    def run(self, outputs: list[str], feeds: dict[str, Pixels]) -> Any:
        """As the session's own."""
        self._runs[self._model, feeds["pixels"].shape] += 1
        return self._session.run(outputs, feeds)


class _NotingStrips(StripReader):
    def __init__(self, network: Network, runs: Runs) -> None:
        super().__init__(network=network)
        model = MODELS / model_file(network, integers=has_integer_units())
        self._sessions = {0: _NotingSession(self._sessions[0], model, runs)}


class _NotingCards(CornerEngine):
    def __init__(self, runs: Runs) -> None:
        super().__init__()
        self._locator = _NotingSession(self._locator, MODELS / LOCATOR_MODEL, runs)
        self._refiner = _NotingSession(self._refiner, MODELS / REFINER_MODEL, runs)


class _NotingText(PaddleText):
    """PP-OCR's detection is asked for nothing on cards that the card model finds, and is not noted."""

    def __init__(self, settings: Settings, runs: Runs) -> None:
        super().__init__(settings)
        self._model, self._runs = find_weights(settings)[1] / "inference.onnx", runs

    def find_text(self, pixels: Pixels) -> list[Quad]:
        """As PaddleText's own."""
        return super().find_text(pixels)

    def recognize(self, crops: list[Pixels]) -> list[RecognizedText]:
        """As PaddleText's own."""
        for crop in crops:
            self._runs[self._model, (1, 3, CROP_HEIGHT, padded_width(crop))] += 1
        return super().recognize(crops)
