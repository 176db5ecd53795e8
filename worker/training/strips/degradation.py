"""What camera, screen, copier and file do to a line: light, glare, blur, motion, coarse pixels, moire, grain, JPEG."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from worker.pipeline.types import Grey

_Light = NDArray[np.float32]

_ENLARGEMENTS = (cv2.INTER_LINEAR, cv2.INTER_LINEAR, cv2.INTER_CUBIC, cv2.INTER_CUBIC, cv2.INTER_LANCZOS4)
_LEAST_SIZE = 0.25
"""A line is shrunk to so much of its size at most: capitals are then 4.5 pixels tall, and hardly read by anyone."""


def degrade(pixels: Grey, strength: float, rng: np.random.Generator) -> Grey:
    """A strip as a poor picture shows it, of the same shape; `strength` (0 to 1) scales how often faults strike."""
    image, dark = _light(pixels.astype(np.float32), strength, rng)
    if rng.random() < 0.04 * strength:
        image = _raster(image, rng)
    size = 1.0
    if rng.random() < 0.5 * strength:
        size = 1 - (1 - _LEAST_SIZE) * float(rng.random()) ** 0.8
    kind = rng.random() / max(strength, 1e-6)
    if kind < 0.14:
        image = _move(image, float(rng.uniform(1.5, 9)) * min(1.0, 0.4 + size * 0.6), rng)
    if 0.1 < kind < 0.55:
        sigma = (0.4 + 2.8 * float(rng.random()) ** 1.4) * min(1.0, 0.3 + size * 0.7)
        image = _defocus(image, sigma) if rng.random() < 0.35 else _blur(image, sigma)
    if rng.random() < 0.07 * strength:
        image = _moire(image, rng)
    height, width = image.shape
    if size < 1:
        small = (max(4, round(width * size)), max(4, round(height * size)))
        image = _resize(image, small, cv2.INTER_AREA if rng.random() < 0.8 else cv2.INTER_LINEAR)
    image = _grain(image, float(rng.uniform(3, 13) if dark else 9 * rng.random() ** 2.5), rng)
    if rng.random() < 0.1 * strength:
        image = _finish(image, dark, rng)
    if rng.random() < 0.09 * strength:
        image = _photocopy(image, rng)
    if rng.random() < 0.55 * strength:
        image = _compress(image, int(rng.integers(12, 96) if rng.random() < 0.55 else rng.integers(10, 40)))
    if size < 1:
        image = _resize(image, (width, height), _ENLARGEMENTS[int(rng.integers(len(_ENLARGEMENTS)))])
    return np.clip(image, 0, 255).astype(np.uint8)


def _resize(image: _Light, size: tuple[int, int], way: int) -> _Light:
    return np.asarray(cv2.resize(image, size, interpolation=way), dtype=np.float32)


def _blur(image: _Light, sigma: float) -> _Light:
    return np.asarray(cv2.GaussianBlur(image, (0, 0), sigma), dtype=np.float32)


def _light(image: _Light, strength: float, rng: np.random.Generator) -> tuple[_Light, bool]:
    """Brightness, fall-off, tone curve and glare; whether the picture is dark."""
    height, width = image.shape
    dark = bool(rng.random() < 0.12 * strength)
    gain = float(rng.uniform(0.2, 0.55) if dark else np.clip(rng.normal(0.97, 0.14), 0.6, 1.4))
    if rng.random() < 0.3:
        curved = (image / np.float32(255)) ** np.float32(np.exp(rng.normal(0, 0.25)))
        image = np.asarray(curved * np.float32(255), dtype=np.float32)
    image = image * np.float32(gain)
    if rng.random() < 0.3 * strength:
        nodes = 1 + rng.normal(0, 0.2, (2, int(rng.integers(2, 6)))).astype(np.float32)
        image = image * np.clip(_resize(nodes, (width, height), cv2.INTER_CUBIC), 0.2, 2)
    if rng.random() < 0.1 * strength:
        x = np.arange(width, dtype=np.float32)[None, :] - np.float32(rng.uniform(0, width))
        y = np.arange(height, dtype=np.float32)[:, None] - np.float32(rng.uniform(-20, height + 20))
        across = x + y * np.float32(rng.uniform(-2, 2))
        spot = np.exp(-((across / np.float32(rng.uniform(15, 90))) ** 2) - (y / np.float32(rng.uniform(15, 90))) ** 2)
        image = np.asarray(image + spot * np.float32(rng.uniform(30, 190)), dtype=np.float32)
    return np.clip(image, 0, 255), dark


def _move(image: _Light, reach: float, rng: np.random.Generator) -> _Light:
    """As seen by a camera that moves `reach` pixels to either side."""
    size = 2 * round(reach) + 3
    kernel = np.zeros((size, size), dtype=np.float32)
    turn = float(rng.uniform(0, np.pi))
    step = np.array((np.cos(turn), np.sin(turn))) * reach
    ends = [((size // 2 + way * step) * 16).round().astype(int).tolist() for way in (-1, 1)]
    cv2.line(kernel, ends[0], ends[1], (1.0,), 1, cv2.LINE_AA, shift=4)
    return np.asarray(cv2.filter2D(image, -1, kernel / kernel.sum()), dtype=np.float32)


def _defocus(image: _Light, sigma: float) -> _Light:
    """Out of focus as through a round aperture."""
    radius = sigma * 1.6
    size = 2 * int(np.ceil(radius)) + 1
    span = np.arange(size, dtype=np.float32) - size // 2
    disc = np.clip(radius + 0.5 - np.hypot(span[None, :], span[:, None]), 0, 1)
    return np.asarray(cv2.filter2D(image, -1, disc / disc.sum()), dtype=np.float32)


def _moire(image: _Light, rng: np.random.Generator) -> _Light:
    height, width = image.shape
    slant, pitch = float(rng.uniform(0, np.pi)), float(rng.uniform(3, 25))
    x, y = np.arange(width, dtype=np.float32)[None, :], np.arange(height, dtype=np.float32)[:, None]
    phase = (x * np.float32(np.cos(slant)) + y * np.float32(np.sin(slant))) * np.float32(2 * np.pi / pitch)
    return np.asarray(image * (1 + np.sin(phase) * np.float32(rng.uniform(0.02, 0.2))), dtype=np.float32)


def _raster(image: _Light, rng: np.random.Generator) -> _Light:
    """As a monitor shows it: in square pixels, with dark gaps between its rows or columns."""
    height, width = image.shape
    pitch = float(rng.uniform(1.3, 3.2))
    coarse = _resize(image, (max(4, round(width / pitch)), max(4, round(height / pitch))), cv2.INTER_AREA)
    shown = _resize(coarse, (width, height), cv2.INTER_NEAREST if rng.random() < 0.5 else cv2.INTER_LINEAR)
    long = np.arange(width if rng.random() < 0.6 else height, dtype=np.float32)
    gaps = 1 + np.cos(long * np.float32(2 * np.pi / pitch)) * np.float32(rng.uniform(0.02, 0.25))
    return np.clip(shown * (gaps[None, :] if len(long) == width else gaps[:, None]), 0, 255)


def _finish(image: _Light, dark: bool, rng: np.random.Generator) -> _Light:
    """What a telephone makes of it: noise smoothed away, and edges sharpened until they ring."""
    if dark or rng.random() < 0.4:
        smooth = cv2.bilateralFilter(image, 5, float(rng.uniform(15, 60)), float(rng.uniform(1, 3)))
        image = np.asarray(smooth, dtype=np.float32)
    if rng.random() < 0.7:
        image = image + (image - _blur(image, float(rng.uniform(0.7, 2)))) * np.float32(rng.uniform(0.3, 2))
    return np.clip(image, 0, 255)


def _grain(image: _Light, sigma: float, rng: np.random.Generator) -> _Light:
    noise = rng.standard_normal(image.shape, dtype=np.float32)
    return np.asarray(np.clip(image + noise * np.float32(sigma), 0, 255), dtype=np.float32)


def _photocopy(image: _Light, rng: np.random.Generator) -> _Light:
    """Hard contrast, the light parts burnt out."""
    dark, light = (float(level) for level in np.percentile(image[::2, ::2], (2, 90)))
    light = max(light, dark + 20)
    black = dark + (light - dark) * float(rng.uniform(-0.2, 0.3))
    white = max(light * float(rng.uniform(0.86, 1.15)), black + 20)
    tones = np.clip((image - black) / (white - black), 0, 1) ** np.float32(rng.uniform(0.7, 1.6))
    return np.asarray(tones * 255, dtype=np.float32)


def _compress(image: _Light, quality: int) -> _Light:
    _, data = cv2.imencode(".jpg", image.astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE), dtype=np.float32)
