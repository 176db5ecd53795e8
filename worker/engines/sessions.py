"""Opens the models that were trained here, on ONNX Runtime."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import onnxruntime

MODELS = Path(__file__).parent.parent / "models"


def open_session(path: Path, threads: int, device: Literal["cpu", "gpu"]) -> onnxruntime.InferenceSession:
    """The model at `path`, on so many threads; `device` gpu takes CUDA and raises where there is none."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    providers = ["CUDAExecutionProvider"] if device == "gpu" else ["CPUExecutionProvider"]
    return onnxruntime.InferenceSession(path, options, providers)
