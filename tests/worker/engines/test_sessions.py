"""Sessions on a device that is not there are refused, not run on another."""

import numpy as np
import onnxruntime
import pytest

from worker.engines import sessions
from worker.engines.sessions import MODELS, NoGpuError, open_session

MODEL = MODELS / "strips.onnx"


def test_a_session_on_the_processor_runs():
    feeds = {"pixels": np.zeros((1, 40, 64), np.uint8), "widths": np.array([64])}
    (found,) = open_session(MODEL, 1, "cpu").run(["log_probabilities"], feeds)
    assert found.shape[:2] == (1, 32)


@pytest.mark.skipif(sessions._CUDA in onnxruntime.get_available_providers(), reason="this ONNX Runtime knows CUDA")
def test_without_the_package_for_gpus_it_is_named():
    with pytest.raises(NoGpuError, match="onnxruntime-gpu"):
        open_session(MODEL, 1, "gpu")


def test_where_cuda_does_not_start_nothing_runs_on_the_processor_instead(monkeypatch):
    real = onnxruntime.InferenceSession
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: [sessions._CUDA, sessions._CPU])
    monkeypatch.setattr(onnxruntime, "preload_dlls", lambda directory: None)
    monkeypatch.setattr(
        onnxruntime, "InferenceSession", lambda path, options, providers: real(path, options, [sessions._CPU])
    )
    with pytest.raises(NoGpuError, match="driver"):
        open_session(MODEL, 1, "gpu")
