"""The network of both passes: an image of fixed size → the distance to the card's edge, its order of corners, its kind.

The distance map is dense and does not care how the card is turned, so that it is learnt from few scenes; the order of
the corners is a choice of eight, made where the card is seen upright, sideways, upside down or mirrored.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from worker.engines.corners import LOCATOR_SIDE, REFINER_SIZE

ORDERS = 8
KINDS = 3
_BOTTOM = 32
_SQUEEZED, _HIDDEN = 32, 96


@dataclass(frozen=True)
class NetworkShape:
    """Size of the input in pixels (multiples of 32) and channels at 1/2, 1/4, 1/8, 1/16 and 1/32 of it."""

    width: int
    height: int
    channels: tuple[int, int, int, int, int] = (16, 32, 48, 64, 96)
    residuals: tuple[int, int, int, int] = (0, 1, 2, 2)


LOCATOR = NetworkShape(LOCATOR_SIDE, LOCATOR_SIDE)
REFINER = NetworkShape(*REFINER_SIZE)


def _convolution(inputs: int, outputs: int, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU(inplace=True)
    )


class _Residual(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = _convolution(channels, channels)
        self.second = nn.Sequential(nn.Conv2d(channels, channels, 3, 1, 1, bias=False), nn.BatchNorm2d(channels))

    def forward(self, x: Tensor) -> Tensor:
        return functional.relu(x + self.second(self.first(x)))


class CornerNetwork(nn.Module):
    """Plain 3x3 convolutions down to 1/32 and back up to 1/4; plain ones train 4 times faster here than separable."""

    def __init__(self, shape: NetworkShape) -> None:
        super().__init__()
        channels = shape.channels
        self.stem = _convolution(3, channels[0], 2)
        self.down = nn.ModuleList(
            nn.Sequential(
                _convolution(channels[level], channels[level + 1], 2),
                *(_Residual(channels[level + 1]) for _ in range(shape.residuals[level])),
            )
            for level in range(4)
        )
        self.lateral = nn.ModuleList(nn.Conv2d(channels[level + 1], channels[level], 1) for level in (3, 2, 1))
        self.merge = nn.ModuleList(_convolution(channels[level], channels[level]) for level in (3, 2, 1))
        self.distance = nn.Conv2d(channels[1], 1, 1)
        cells = (shape.width // _BOTTOM) * (shape.height // _BOTTOM)
        self.squeeze = nn.Conv2d(channels[4], _SQUEEZED, 1)
        self.choose = nn.Sequential(
            nn.Flatten(),
            nn.Dropout(0.1),
            nn.Linear(_SQUEEZED * cells, _HIDDEN),
            nn.ReLU(),
            nn.Linear(_HIDDEN, ORDERS + KINDS),
        )

    def forward(self, pixels: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Pixels (n, 3, height, width), BGR, 0 to 1 → distance (n, height / 4, width / 4) in cells, positive inside;
        logits of the order (n, 8) and of the kind (n, 3)."""
        levels = [self.stem(pixels - 0.5)]
        for step in self.down:
            levels.append(step(levels[-1]))
        merged = levels[4]
        for lateral, merge, level in zip(self.lateral, self.merge, (3, 2, 1), strict=True):
            wider = functional.interpolate(lateral(merged), scale_factor=2.0, mode="nearest")
            merged = merge(levels[level] + wider)
        choice = self.choose(functional.relu(self.squeeze(levels[4])))
        return self.distance(merged)[:, 0], choice[:, :ORDERS], choice[:, ORDERS:]


class ExportedNetwork(nn.Module):
    """The network as it is shipped: bytes in, probabilities out, so that the engine only resizes and fits lines."""

    def __init__(self, network: CornerNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(self, pixels: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Pixels (1, height, width, 3), BGR, uint8 → distance in cells, probabilities of order and of kind."""
        planes = pixels.permute(0, 3, 1, 2).to(torch.float32) / 255.0
        distance, order, kind = self.network(planes)
        return distance, functional.softmax(order, dim=1), functional.softmax(kind, dim=1)
