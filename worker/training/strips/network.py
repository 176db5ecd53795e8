"""The network that reads a strip: plain convolutions down to one row, then along the line, two steps from each column.

All is convolution: on a processor with matrix units for bfloat16 it learns ten times faster than with recurrent layers.
Where print is narrowest a letter is four pixels wide, and CTC needs a step between two that are alike: so each column
of 4 pixels gives two steps, and the last layer sees the steps around each, lest a letter between two be given twice.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from worker.engines.strips import Network
from worker.pipeline.characters import ALPHABET

_STEPS_A_COLUMN, _STEP_CHANNELS = 2, 64
_ROWS = 5
_LEAST_DEVIATION = 0.03


@dataclass(frozen=True)
class Shape:
    """`channels` of the four parts of the trunk, pairs of convolutions in the second and the third, and those along the
    line by how far their steps lie apart."""

    channels: tuple[int, int, int, int]
    residuals: tuple[int, int]
    dilations: tuple[int, ...]


SHAPES: dict[Network, Shape] = {
    "strips": Shape((32, 48, 96, 160), (1, 1), (1, 2, 4)),
    "strips_again": Shape((32, 64, 128, 208), (2, 3), (1, 2, 4)),
}


def _convolution(
    inputs: int, outputs: int, kernel: tuple[int, int], stride: tuple[int, int], padding: tuple[int, int]
) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, stride, padding, bias=False), nn.BatchNorm2d(outputs), nn.ReLU(inplace=True)
    )


class _Residual(nn.Module):
    """Two convolutions and a way around them; `kernel` 3 x 3, or 1 x 5 along the line with a dilation."""

    def __init__(self, channels: int, kernel: tuple[int, int], dilation: int = 1) -> None:
        super().__init__()
        padding = (kernel[0] // 2, kernel[1] // 2 * dilation)

        def layer() -> nn.Conv2d:
            return nn.Conv2d(channels, channels, kernel, 1, padding, (1, dilation), bias=False)

        self.steps = nn.Sequential(
            layer(), nn.BatchNorm2d(channels), nn.ReLU(inplace=True), layer(), nn.BatchNorm2d(channels)
        )

    def forward(self, x: Tensor) -> Tensor:
        return functional.relu(x + self.steps(x))


class StripNetwork(nn.Module):
    """Reads strips of 40 rows and any width that is a multiple of 4."""

    def __init__(self, shape: Shape = SHAPES["strips"]) -> None:
        super().__init__()
        first, second, third, last = shape.channels
        self.trunk = nn.Sequential(
            _convolution(1, first, (3, 3), (2, 2), (1, 1)),
            _convolution(first, second, (3, 3), (2, 2), (1, 1)),
            *(_Residual(second, (3, 3)) for _ in range(shape.residuals[0])),
            _convolution(second, third, (3, 3), (2, 1), (1, 1)),
            *(_Residual(third, (3, 3)) for _ in range(shape.residuals[1])),
            _convolution(third, last, (_ROWS, 3), (1, 1), (0, 1)),
            *(_Residual(last, (1, 5), dilation) for dilation in shape.dilations),
            nn.Dropout(0.1),
        )
        self.halve = nn.Conv2d(last, _STEPS_A_COLUMN * _STEP_CHANNELS, 1)
        self.classes = nn.Conv1d(_STEP_CHANNELS, len(ALPHABET), 5, padding=2)

    def forward(self, strips: Tensor, widths: Tensor | None = None) -> Tensor:
        """Grey strips (n, 1, 40, width), 0 to 1 → log probabilities (n, width / 2, classes), float32.

        Each strip is brought to the same mean and deviation first, so that a dark one looks as a bright one does: those
        of its first `widths` (n,) columns, if given, whatever it is padded with.
        """
        if widths is None:
            widths = torch.full(strips.shape[:1], strips.shape[3], device=strips.device)
        places = torch.arange(strips.shape[3], device=strips.device)
        inside = (places < widths[:, None])[:, None, None, :].to(strips.dtype)
        count = widths.to(strips.dtype)[:, None, None, None] * strips.shape[2]
        mean = (strips * inside).sum(dim=(2, 3), keepdim=True) / count
        square = ((strips - mean) * inside).square().sum(dim=(2, 3), keepdim=True)
        deviation = (square / count).sqrt()
        columns = self.halve(self.trunk((strips - mean) / (deviation + _LEAST_DEVIATION))).squeeze(2)
        halves = columns.permute(0, 2, 1).reshape(columns.shape[0], -1, _STEP_CHANNELS).permute(0, 2, 1)
        steps = self.classes(functional.relu(halves)).to(torch.float32)
        return functional.log_softmax(steps.permute(0, 2, 1), dim=2)


class ExportedNetwork(nn.Module):
    """The network as it is shipped: bytes and widths in, log probabilities out."""

    def __init__(self, network: StripNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(self, pixels: Tensor, widths: Tensor) -> Tensor:
        """Grey pixels (n, 40, width), uint8, and how many columns of each are no padding (n,), int64 → log
        probabilities (n, width / 2, classes)."""
        return self.network(pixels.unsqueeze(1).to(torch.float32) / 255.0, widths)
