"""Writes the trained network as ONNX for strips of any width, runs it, and compares it with what PyTorch computed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import numpy_helper

from worker.engines.strips import HEIGHT
from worker.training.corners.export import ExportError
from worker.training.strips.network import ExportedNetwork, StripNetwork

_OPSET = 17
_TOLERANCE = 2e-3
_SHAPES = ((1, 320), (3, 48), (2, 704))
"""Strips at once and their width, of the check."""


def export_network(network: StripNetwork, path: Path) -> None:
    """Write `network` to `path` in one piece; raises ExportError before an older file there is replaced."""
    exported = ExportedNetwork(network).eval()
    noise = np.random.default_rng(0)
    strips = [noise.integers(0, 256, (count, HEIGHT, width), dtype=np.uint8) for count, width in _SHAPES]
    widths = [noise.integers(width // 2, width + 1, count) for count, width in _SHAPES]
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    torch.onnx.export(
        exported,
        (torch.from_numpy(strips[0]), torch.from_numpy(widths[0])),
        str(partial),
        input_names=["pixels", "widths"],
        output_names=["log_probabilities"],
        dynamic_axes={
            "pixels": {0: "strips", 2: "width"},
            "widths": {0: "strips"},
            "log_probabilities": {0: "strips", 1: "steps"},
        },
        opset_version=_OPSET,
        dynamo=False,
    )
    session = onnxruntime.InferenceSession(partial, providers=["CPUExecutionProvider"])
    for pixels, seen in zip(strips, widths, strict=True):
        with torch.no_grad():
            wanted = exported(torch.from_numpy(pixels), torch.from_numpy(seen)).numpy()
        (got,) = session.run(["log_probabilities"], {"pixels": pixels, "widths": seen})
        off = float(np.abs(np.exp(got) - np.exp(wanted)).max())
        if off > _TOLERANCE:
            raise ExportError(f"{path.name}: probabilities are off by {off:.4f}")
    partial.replace(path)


def average_models(path: Path, other: Path) -> None:
    """Give the model at `path` the mean of its weights and those of `other`, a model of the same network.

    After a further training the mean of the weights before and after it reads better than either. Raises ExportError
    for a model of another network.
    """
    model, second = onnx.load(str(path)), onnx.load(str(other))
    theirs = {each.name: numpy_helper.to_array(each) for each in second.graph.initializer}
    for own in model.graph.initializer:
        weight = numpy_helper.to_array(own)
        if own.name not in theirs or theirs[own.name].shape != weight.shape:
            raise ExportError(f"{other.name} is not of the same network as {path.name}")
        if np.issubdtype(weight.dtype, np.floating):
            mean = ((weight.astype(np.float64) + theirs[own.name]) / 2).astype(weight.dtype)
            own.CopyFrom(numpy_helper.from_array(mean, own.name))
    onnx.save(model, str(path))
