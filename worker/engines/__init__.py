"""The native tools behind the pipeline, one file each; only here are paddleocr and onnxruntime imported."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

# ONNX Runtime 1.32 reports its use to its maker and keeps a device id under the home directory unless told not to,
# before it is loaded. Nothing of Kartu may call home. Every engine is imported through this package.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

if TYPE_CHECKING:
    from shared.settings import Settings
    from worker.pipeline.types import Engines


def load_engines(settings: Settings, *, text_in_background: bool = False) -> Engines:
    """Load the tools that `settings.engine` names; once per process, for `paddle` takes seconds.

    With `text_in_background` the text engine, which takes most of that and is needed by few cards, is still being
    loaded at the return. Raises worker.engines.paddle.MissingWeightsError if the weights of a model are not in
    `settings.weights`, and worker.engines.sessions.NoGpuError if the device of the settings is a GPU and there is none.
    """
    # Imported here, because paddleocr costs seconds and hundreds of modules, which `null` must not pay.
    from worker.pipeline.types import Engines, LineReader

    if settings.engine == "null":
        from worker.engines.null import NullCards, NullText

        return Engines(text=NullText(), cards=NullCards())
    from worker.engines.batching import BatchedReader
    from worker.engines.corners import CornerEngine
    from worker.engines.late import LateText
    from worker.engines.paddle import PaddleText, find_weights
    from worker.engines.strips import StripReader

    threads, device = settings.inference_threads, settings.device
    find_weights(settings)
    text = LateText(lambda: PaddleText(settings))
    if text_in_background:
        text.load_in_background()
    else:
        text.load()
    readers: list[LineReader] = [StripReader(threads, device, network=each) for each in ("strips", "strips_again")]
    if device == "gpu" and settings.batch_ms > 0:
        readers = [BatchedReader(each, settings.batch_ms) for each in readers]
    return Engines(text, CornerEngine(threads, device), *readers)
