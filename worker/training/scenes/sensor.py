"""What camera, copier, screen and file do to a picture: blur, grain, grey copies, moire, coarse pixels and JPEG."""

from __future__ import annotations

import cv2
import numpy as np

from worker.pipeline.types import Pixels
from worker.training.scenes.texture import GRAIN_LEVEL, GRAIN_SIGMA, grain


def blur_focus(frame: Pixels, sigma: float) -> Pixels:
    """The frame out of focus by `sigma` pixels."""
    return np.asarray(cv2.GaussianBlur(frame, (0, 0), sigma), dtype=np.uint8)


def blur_motion(frame: Pixels, length: float, angle: float) -> Pixels:
    """The frame as a camera sees it that moves `length` pixels to both sides along `angle` (radians)."""
    size = 2 * round(length) + 3
    kernel = np.zeros((size, size), dtype=np.float32)
    middle = size // 2
    reach = np.array((np.cos(angle), np.sin(angle))) * length
    first, last = (
        ((middle - reach) * 16).round().astype(int).tolist(),
        ((middle + reach) * 16).round().astype(int).tolist(),
    )
    cv2.line(kernel, first, last, (1.0,), 1, cv2.LINE_AA, shift=4)
    return np.asarray(cv2.filter2D(frame, -1, kernel / kernel.sum()), dtype=np.uint8)


def add_grain(frame: Pixels, sigma: float, rng: np.random.Generator) -> Pixels:
    """The frame with noise of `sigma` levels of brightness."""
    height, width = frame.shape[:2]
    share = sigma / GRAIN_SIGMA
    noise = grain(width, height, rng)
    return np.asarray(cv2.addWeighted(frame, 1.0, noise, share, -GRAIN_LEVEL * share), dtype=np.uint8)


def coarsen(frame: Pixels, factor: float) -> Pixels:
    """The frame as if it had been sent `factor` times smaller and enlarged again."""
    height, width = frame.shape[:2]
    size = (max(round(width * factor), 16), max(round(height * factor), 16))
    small = cv2.resize(frame, size, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR), dtype=np.uint8)


def compress(frame: Pixels, quality: int) -> Pixels:
    """The frame after JPEG of `quality` 1 to 100."""
    _, data = cv2.imencode(".jpg", frame, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), dtype=np.uint8)


def photocopy(frame: Pixels, rng: np.random.Generator) -> Pixels:
    """The frame in grey with hard contrast, the light parts burnt out, at times with streaks of the drum."""
    grey = cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY)
    dark, light = (float(level) for level in np.percentile(grey[::4, ::4], (2, 94)))
    light = max(light, dark + 20)
    black, white = dark + (light - dark) * float(rng.uniform(-0.2, 0.3)), light * float(rng.uniform(0.86, 1.15))
    white = max(white, black + 20)
    levels = (np.arange(256, dtype=np.float32) - black) / (white - black)
    table = np.clip(np.clip(levels, 0, 1) ** float(rng.uniform(0.7, 1.6)) * 255, 0, 255).astype(np.uint8)
    copy = np.asarray(cv2.LUT(grey, table), dtype=np.uint8)
    if rng.random() < 0.3:
        for x in rng.integers(0, copy.shape[1], int(rng.integers(1, 5))).tolist():
            streak = cv2.addWeighted(copy[:, x : x + 2], 0.8, copy[:, x : x + 2], 0, int(rng.integers(-30, 50)))
            copy[:, x : x + 2] = streak.reshape(copy.shape[0], -1)
    return np.asarray(cv2.cvtColor(copy, cv2.COLOR_GRAY2BGR), dtype=np.uint8)


def add_moire(frame: Pixels, rng: np.random.Generator) -> Pixels:
    """The frame with the bands that appear where a screen's raster meets the camera's."""
    height, width = frame.shape[:2]
    y = np.arange(height, dtype=np.float32)[:, np.newaxis]
    x = np.arange(width, dtype=np.float32)[np.newaxis, :]
    bands, slant, pitch = [], float(rng.uniform(0, np.pi)), float(rng.uniform(3, 22))
    for shift in (0.0, 0.4, 0.8):
        phase = (x * np.float32(np.cos(slant)) + y * np.float32(np.sin(slant))) * np.float32(2 * np.pi / pitch)
        wave = cv2.resize(np.sin(phase[::2, ::2] + np.float32(shift)), (width, height), interpolation=cv2.INTER_LINEAR)
        bands.append(1 + wave * np.float32(rng.uniform(0.02, 0.13)))
    return np.asarray(cv2.multiply(frame, cv2.merge(bands), dtype=cv2.CV_8U), dtype=np.uint8)
