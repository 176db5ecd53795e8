"""Makes the 8-bit network of the float32 one: ranges of activations are those of lines as it was trained on.

Convolutions, sums and what cuts off below 0 are quantized (weights for each channel, activations for each layer), the
last of these as a bound of what is before it, at no cost; what stands before the first and behind the last convolution
stays float32.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process

from worker.engines.strips import Network
from worker.training.strips.bank import read_lines
from worker.training.strips.grounds import Grounds
from worker.training.strips.samples import Sampler
from worker.training.strips.training import Batch, collate

_SEED, _LINES, _TOGETHER, _ARTWORKS = 77, 256, 4, 8


class _Batches(CalibrationDataReader):
    def __init__(self, batches: list[Batch]) -> None:
        self._left = iter(batches)

    def get_next(self) -> dict[str, Any] | None:
        """The next batch by the names of the inputs; None behind the last."""
        batch = next(self._left, None)
        return None if batch is None else {"pixels": batch.pixels.numpy(), "widths": batch.widths.numpy()}


def quantize(model: Path, path: Path, folder: Path, network: Network) -> None:
    """Write the 8-bit form of the ONNX file `model` to `path`, calibrated on lines as the `network` learns on.

    Some are set anew, some from `folder`.

    Raises FontMissingError.
    """
    rng = np.random.default_rng(_SEED)
    sampler = Sampler(Grounds(rng, _ARTWORKS), read_lines(folder / "lines"), network)
    samples = sorted((sampler.draw(rng) for _ in range(_LINES)), key=lambda each: each.pixels.shape[1])
    batches = [collate(samples[start : start + _TOGETHER]) for start in range(0, _LINES, _TOGETHER)]
    with tempfile.TemporaryDirectory() as scratch:
        prepared, partial = Path(scratch) / "prepared.onnx", Path(scratch) / "quantized.onnx"
        quant_pre_process(model, prepared, skip_symbolic_shape=True)
        quantize_static(
            prepared,
            partial,
            _Batches(batches),
            quant_format=QuantFormat.QDQ,
            op_types_to_quantize=["Conv", "Add", "Relu"],
            per_channel=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
        )
        path.write_bytes(partial.read_bytes())
