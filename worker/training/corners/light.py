"""Changes what a photograph looks like and not where anything is: colour, light, blur, noise, fingers, glare, JPEG."""

from __future__ import annotations

import cv2
import numpy as np

from worker.pipeline.types import Pixels

_TONES = np.arange(256, dtype=np.float32) / 255


def _curves(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """A gamma, gain and offset for each channel, and now and then no colour or channels in another order."""
    gamma, gain = float(np.exp(rng.normal(0, 0.3))), float(np.exp(rng.normal(-0.05, 0.25)))
    if rng.random() < 0.07:
        gain *= float(rng.uniform(0.15, 0.5))
    table = np.empty((256, 1, 3), dtype=np.float32)
    for channel in range(3):
        tint = float(np.exp(rng.normal(0, 0.1)))
        table[:, 0, channel] = _TONES ** (gamma * float(np.exp(rng.normal(0, 0.05)))) * gain * tint
    table += float(rng.normal(0, 0.05))
    changed = np.asarray(cv2.LUT(pixels, np.clip(table * 255, 0, 255).astype(np.uint8)), dtype=np.uint8)
    choice = rng.random()
    if choice < 0.1:
        grey = np.asarray(cv2.cvtColor(changed, cv2.COLOR_BGR2GRAY), dtype=np.uint8)
        if choice < 0.04:
            contrast = float(rng.uniform(1.5, 4))
            grey = np.clip((grey.astype(np.float32) - grey.mean()) * contrast + 150, 0, 255).astype(np.uint8)
        return np.asarray(cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR), dtype=np.uint8)
    if choice < 0.16:
        return np.ascontiguousarray(changed[:, :, rng.permutation(3)])
    if choice < 0.36:
        planes = cv2.cvtColor(changed, cv2.COLOR_BGR2HSV)
        planes[:, :, 0] = (planes[:, :, 0].astype(np.int16) + int(rng.integers(-25, 26))) % 180
        planes[:, :, 1] = np.clip(planes[:, :, 1] * float(rng.uniform(0.3, 1.6)), 0, 255).astype(np.uint8)
        return np.asarray(cv2.cvtColor(planes, cv2.COLOR_HSV2BGR), dtype=np.uint8)
    return changed


def _shade(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """Light that falls off across the image, the shadow of something with a soft edge, or a glare."""
    height, width = pixels.shape[:2]
    small = np.ones((24, 24), dtype=np.float32)
    choice = rng.random()
    y, x = np.mgrid[-1:1:24j, -1:1:24j].astype(np.float32)
    turn = float(rng.uniform(0, 2 * np.pi))
    across = x * np.float32(np.cos(turn)) + y * np.float32(np.sin(turn)) + np.float32(rng.uniform(-0.7, 0.7))
    if choice < 0.45:
        small += across * np.float32(rng.uniform(0.05, 0.5))
    elif choice < 0.75:
        small -= np.float32(rng.uniform(0.15, 0.6)) / (1 + np.exp(-across * np.float32(rng.uniform(3, 40))))
    else:
        spot = np.exp(
            -((across * np.float32(rng.uniform(1, 6))) ** 2) - ((x + np.float32(rng.uniform(-1, 1))) * 3) ** 2
        )
        glare = cv2.resize(spot * np.float32(rng.uniform(60, 260)), (width, height))
        return np.asarray(cv2.add(pixels, cv2.merge([glare, glare, glare]), dtype=cv2.CV_8U), dtype=np.uint8)
    light = cv2.resize(np.clip(small, 0.05, 2), (width, height))
    return np.asarray(cv2.multiply(pixels, cv2.merge([light, light, light]), dtype=cv2.CV_8U), dtype=np.uint8)


def _cover(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """Fingers and other things in front: a few thick rounded strokes, mostly from the border inwards."""
    height, width = pixels.shape[:2]
    changed = pixels.copy()
    for _ in range(int(rng.integers(1, 4))):
        colour = rng.integers(0, 256, 3) if rng.random() < 0.4 else np.array((110, 140, 190)) * rng.uniform(0.3, 1.25)
        turn = float(rng.uniform(0, 2 * np.pi))
        middle = np.array((width, height)) / 2
        far = middle + np.array((np.cos(turn), np.sin(turn))) * width * 0.7
        near = middle + (far - middle) * float(rng.uniform(0.35, 0.9)) + rng.normal(0, 0.06, 2) * width
        thick = max(2, round(width * float(rng.uniform(0.04, 0.13))))
        ends = [tuple(end.round().astype(int).tolist()) for end in (far, near)]
        tone = tuple(np.clip(colour, 0, 255).astype(int).tolist())
        cv2.line(changed, ends[0], ends[1], tone, thick, cv2.LINE_AA)
    return changed


def _blur(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """Out of focus, or moved while it was taken."""
    if rng.random() < 0.6:
        return np.asarray(cv2.GaussianBlur(pixels, (0, 0), float(rng.uniform(0.3, 1.0))), dtype=np.uint8)
    length = int(rng.integers(1, 4))
    kernel = np.zeros((2 * length + 1, 2 * length + 1), dtype=np.float32)
    turn = float(rng.uniform(0, np.pi))
    reach = np.array((np.cos(turn), np.sin(turn))) * length / 2 * 16
    middle = np.array((length, length)) * 16
    ends = [tuple(end.round().astype(int).tolist()) for end in (middle - reach, middle + reach)]
    cv2.line(kernel, ends[0], ends[1], (1.0,), 1, cv2.LINE_8, 4)
    return np.asarray(cv2.filter2D(pixels, -1, kernel / kernel.sum()), dtype=np.uint8)


def _noise(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """The noise of a sensor, as grey or coloured grain."""
    planes = 3 if rng.random() < 0.5 else 1
    cv2.setRNGSeed(int(rng.integers(2**31)))
    grain = np.empty((*pixels.shape[:2], planes), dtype=np.int16)
    cv2.randn(grain, np.zeros(planes), np.full(planes, rng.uniform(1, 9)))
    if planes == 1:
        grain = np.asarray(cv2.merge([grain, grain, grain]))
    return np.asarray(cv2.add(pixels, grain, dtype=cv2.CV_8U), dtype=np.uint8)


def _compress(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """Through JPEG of a poor quality."""
    _, encoded = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(25, 85))])
    return np.asarray(cv2.imdecode(encoded, cv2.IMREAD_COLOR), dtype=np.uint8)


def relight(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """`pixels` as another camera might have seen them in another light; the input is not changed."""
    steps = ((_cover, 0.15), (_shade, 0.3), (_curves, 0.7), (_blur, 0.15), (_noise, 0.15), (_compress, 0.1))
    for step, share in steps:
        if rng.random() < share:
            pixels = step(pixels, rng)
    return pixels
