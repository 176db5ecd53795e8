"""A flat thing to be photographed: a card or a piece of paper, as pixels with an alpha mask."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from worker.pipeline.types import Pixels

Alpha = NDArray[np.uint8]
"""Opacity, 0 to 255, shape (height, width)."""

_SUPERSAMPLING = 4


@dataclass(frozen=True)
class Sheet:
    """`pixels` of shape (height, width, 3), BGR; `alpha` of shape (height, width) is 0 where the sheet is cut away."""

    pixels: Pixels
    alpha: Alpha


def rounded_alpha(width: int, height: int, radius: int) -> Alpha:
    """The alpha of a sheet of the given size whose corners are rounded, all in pixels."""
    alpha = np.full((height, width), 255, dtype=np.uint8)
    if radius <= 0:
        return alpha
    size = radius * _SUPERSAMPLING
    corner = np.zeros((size, size), dtype=np.uint8)
    cv2.circle(corner, (size, size), size, (255,), -1)
    small = np.asarray(cv2.resize(corner, (radius, radius), interpolation=cv2.INTER_AREA), dtype=np.uint8)
    alpha[:radius, :radius] = small
    alpha[:radius, -radius:] = small[:, ::-1]
    alpha[-radius:, :radius] = small[::-1]
    alpha[-radius:, -radius:] = small[::-1, ::-1]
    return alpha
