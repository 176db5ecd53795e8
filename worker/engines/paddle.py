"""PP-OCRv6 through paddleocr on ONNX Runtime: the only import of paddleocr, and the place that knows its quirks."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import Any

import numpy as np

from shared.settings import Settings
from worker.pipeline.types import Pixels, Quad, RecognizedText

DETECTION_SIDE = 960
"""Longest side that text detection works at, in pixels; 736 halves its time and loses small print."""

WIDTH_STEP = 16
"""Crops are padded to the next multiple of this width, so that like widths share one run."""

MAX_BATCH = 8
CROP_HEIGHT = 48
BLANK_SCORE = 0.0


class MissingWeightsError(RuntimeError):
    """The weights of a model are not where the settings say."""


class PaddleText:
    """Finds and recognizes text with the PP-OCRv6 models of the settings. Not safe for use by two threads at once.

    It runs on the processor whatever the device: few lines are asked of it, each crop has a width of its own, and on a
    GPU ONNX Runtime would plan all its layers anew for each.
    """

    def __init__(self, settings: Settings) -> None:
        """Load both models from `settings.weights`; raises MissingWeightsError. No network is used."""
        detection, recognition = find_weights(settings)
        paddleocr = import_paddleocr(settings.home)
        # `cpu_threads` is ignored by this engine; only its own settings count.
        threads = {"intra_op_num_threads": settings.inference_threads, "inter_op_num_threads": 1}
        self._detection = paddleocr.TextDetection(
            model_name=detection.name,
            model_dir=str(detection),
            engine="onnxruntime",
            engine_config=threads,
            device="cpu",
            limit_side_len=DETECTION_SIDE,
            limit_type="max",
        )
        self._recognition = paddleocr.TextRecognition(
            model_name=recognition.name,
            model_dir=str(recognition),
            engine="onnxruntime",
            engine_config=threads,
            device="cpu",
        )
        # paddleocr pads every crop to 320 pixels, and cost is linear in width: true widths save a fifth of the time.
        resize = self._recognition.paddlex_predictor.pre_tfs["ReisizeNorm"]
        resize.rec_image_shape = [3, CROP_HEIGHT, WIDTH_STEP]

    def find_text(self, pixels: Pixels) -> list[Quad]:
        """Quads of the text lines in `pixels`, in its pixels, in no certain order."""
        (result,) = self._detection.predict(pixels, batch_size=1)
        return [np.asarray(polygon, dtype=np.float64).reshape(4, 2) for polygon in result["dt_polys"]]

    def recognize(self, crops: list[Pixels]) -> list[RecognizedText]:
        """The text of each crop, in the same order; crops of like width run together."""
        widths = [padded_width(crop) for crop in crops]
        order = sorted(range(len(crops)), key=lambda index: widths[index])
        texts = [RecognizedText("", BLANK_SCORE)] * len(crops)
        while order:
            batch = [index for index in order[:MAX_BATCH] if widths[index] == widths[order[0]]]
            order = order[len(batch) :]
            results = self._recognition.predict([crops[index] for index in batch], batch_size=len(batch))
            for index, result in zip(batch, results, strict=True):
                texts[index] = RecognizedText(str(result["rec_text"]), float(result["rec_score"]))
        return texts


def padded_width(crop: Pixels) -> int:
    """Width of `crop` scaled to the recognizer's height, rounded up to a whole step."""
    width = crop.shape[1] * CROP_HEIGHT / max(1, crop.shape[0])
    return int(-(-width // WIDTH_STEP)) * WIDTH_STEP


def find_weights(settings: Settings) -> tuple[Path, Path]:
    """The folders of the models for detection and recognition; raises MissingWeightsError."""
    return (
        model_folder(settings, f"PP-OCRv6_{settings.text_detection}_det"),
        model_folder(settings, f"PP-OCRv6_{settings.text_recognition}_rec"),
    )


def model_folder(settings: Settings, name: str) -> Path:
    """The folder of model `name`; raises MissingWeightsError unless both of its files are there."""
    folder = settings.weights / name
    if not ((folder / "inference.onnx").is_file() and (folder / "inference.yml").is_file()):
        raise MissingWeightsError(f"The weights of {name} are missing: run `deploy/up`, which fetches them.")
    return folder


def import_paddleocr(home: Path) -> Any:
    """Import paddleocr so that it writes under `home` only, asks no model hub, and logs no text it has read."""
    cache = home / "cache"
    for variable, folder in (
        ("PADDLE_PDX_CACHE_HOME", cache / "paddlex"),
        ("MODELSCOPE_CACHE", cache / "modelscope"),
        ("HF_HOME", cache / "huggingface"),
        ("AISTUDIO_CACHE_HOME", cache / "aistudio"),
    ):
        os.environ.setdefault(variable, str(folder))
    os.environ.setdefault("PADDLE_PDX_DISABLE_MODEL_SOURCE_CHECK", "True")
    import paddleocr

    for name in ("paddlex", "paddleocr", "ppocr"):
        logging.getLogger(name).setLevel(logging.ERROR)
    return paddleocr
