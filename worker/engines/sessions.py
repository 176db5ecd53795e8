"""Opens the models that were trained here, on ONNX Runtime."""

from __future__ import annotations

from functools import cache
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


_CPU_INFO = Path("/proc/cpuinfo")
_INTEGER_UNITS = frozenset({"avx512_vnni", "avx_vnni", "asimddp"})


@cache
def has_integer_units() -> bool:
    """Whether this processor multiplies bytes and adds them up exactly and fast, as far as the system tells.

    Without such units ONNX Runtime's 8-bit kernels are no faster than float32, and on some processors saturate.
    """
    try:
        words = _CPU_INFO.read_text(encoding="utf-8").split()
    except OSError:
        return False
    return not _INTEGER_UNITS.isdisjoint(words)
