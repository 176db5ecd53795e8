"""PaddleOCR as its documentation has one use it: the whole pipeline with its defaults, to compare with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from shared.settings import Settings
from worker.engines.paddle import import_paddleocr, model_folder
from worker.pipeline.types import Pixels


@dataclass(frozen=True)
class PlainLine:
    """A line that PaddleOCR read: its text, and the left, top, right and bottom of its box in pixels."""

    text: str
    left: float
    top: float
    right: float
    bottom: float


class PaddleDefault:
    """PP-OCRv6 small for detection and recognition, all else as PaddleOCR has it, with one thread."""

    def __init__(self, settings: Settings) -> None:
        """Load the pipeline; raises MissingWeightsError. Modules whose weights do not come with Kartu are off."""
        detection = model_folder(settings, "PP-OCRv6_small_det")
        recognition = model_folder(settings, "PP-OCRv6_small_rec")
        self._pipeline: Any = import_paddleocr(settings.home).PaddleOCR(
            text_detection_model_name=detection.name,
            text_detection_model_dir=str(detection),
            text_recognition_model_name=recognition.name,
            text_recognition_model_dir=str(recognition),
            use_doc_orientation_classify=False,
            use_doc_unwarping=False,
            use_textline_orientation=False,
            engine="onnxruntime",
            engine_config={"intra_op_num_threads": 1, "inter_op_num_threads": 1},
        )

    def read(self, pixels: Pixels) -> list[PlainLine]:
        """All lines of the image."""
        (result,) = self._pipeline.predict(pixels)
        return [
            PlainLine(str(text), *map(float, box))
            for text, box in zip(result["rec_texts"], result["rec_boxes"], strict=True)
        ]
