"""Writes a trained network as ONNX, runs it once, and compares it with what PyTorch computed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime
import torch

from worker.training.corners.network import CornerNetwork, ExportedNetwork, NetworkShape

OUTPUTS = ("distance", "order", "kind")
_OPSET = 17
_TOLERANCE = 2e-3


class ExportError(RuntimeError):
    """The exported network does not compute what the trained one does."""


def export_network(network: CornerNetwork, shape: NetworkShape, path: Path) -> None:
    """Write `network` to `path` in one piece; raises ExportError before an older file there is replaced."""
    exported = ExportedNetwork(network).eval()
    noise = np.random.default_rng(0).integers(0, 256, (1, shape.height, shape.width, 3), dtype=np.uint8)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    torch.onnx.export(
        exported,
        (torch.from_numpy(noise),),
        str(partial),
        input_names=["pixels"],
        output_names=list(OUTPUTS),
        opset_version=_OPSET,
        dynamo=False,
    )
    session = onnxruntime.InferenceSession(partial, providers=["CPUExecutionProvider"])
    with torch.no_grad():
        wanted = exported(torch.from_numpy(noise))
    for name, got, tensor in zip(OUTPUTS, session.run(list(OUTPUTS), {"pixels": noise}), wanted, strict=True):
        off = float(np.abs(np.asarray(got) - tensor.numpy()).max())
        if off > _TOLERANCE:
            raise ExportError(f"{path.name}: {name} is off by {off:.4f}")
    partial.replace(path)
