"""Opens the models that were trained here, on ONNX Runtime."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Literal

import onnxruntime

MODELS = Path(__file__).parent.parent / "models"


_CPU, _CUDA = "CPUExecutionProvider", "CUDAExecutionProvider"
_CUDA_OPTIONS = {"cudnn_conv_algo_search": "HEURISTIC"}
"""By default every way to compute a convolution is tried out at a session's first run, and its first job waits."""


class NoGpuError(RuntimeError):
    """ONNX Runtime cannot use a GPU here: its package, the driver or a library of CUDA is missing."""


def open_session(path: Path, threads: int, device: Literal["cpu", "gpu"]) -> onnxruntime.InferenceSession:
    """The model at `path`, on so many threads; `device` gpu takes CUDA. Raises NoGpuError where there is none."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    if device == "cpu":
        return onnxruntime.InferenceSession(path, options, [_CPU])
    if _CUDA not in onnxruntime.get_available_providers():
        raise NoGpuError("this ONNX Runtime knows no CUDA: install onnxruntime-gpu in place of onnxruntime")
    # The libraries of CUDA that come as Python packages are on no path that the loader looks through.
    onnxruntime.preload_dlls(directory="")
    session = onnxruntime.InferenceSession(path, options, [(_CUDA, _CUDA_OPTIONS)])
    # Where CUDA fails to start, ONNX Runtime goes on without it, and says so only to its log.
    if _CUDA not in session.get_providers():
        raise NoGpuError("ONNX Runtime could not start CUDA: is there a GPU, its driver, onnxruntime-gpu[cuda,cudnn]?")
    return session


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
