"""Pictures of a wanted size in bytes, of nothing: what the API and the queue do does not depend on what they show."""

from __future__ import annotations

import cv2
import numpy as np

_QUALITY = 85
_GRAIN = 24
_CLOSE_ENOUGH = 0.03


def make_jpeg(size: int) -> bytes:
    """A JPEG of about so many bytes (within a few percent, and never more): grain, in the shape 4 to 3."""
    pixels = size * 2
    while True:
        height = max(16, round((pixels * 3 / 4) ** 0.5))
        grain = np.random.default_rng(0).normal(128, _GRAIN, (height, height * 4 // 3, 3))
        _, encoded = cv2.imencode(".jpg", grain.clip(0, 255).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
        data = bytes(encoded)
        if 1 - _CLOSE_ENOUGH <= len(data) / size <= 1 or pixels < 256:
            return data
        pixels = int(pixels * size / len(data) * (1 - _CLOSE_ENOUGH / 2))
