"""Encodes images as the bytes of JPEG and PNG files, the same bytes for the same pixels."""

from __future__ import annotations

import struct

import cv2
import numpy as np

from worker.pipeline.types import Pixels

_ORIENTATION_TAG = 0x0112
_SHORT = 3


def encode_jpeg(pixels: Pixels, quality: int) -> bytes:
    """A baseline JPEG of BGR pixels; `quality` from 1 to 100."""
    done, data = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        raise ValueError(f"cannot encode an image of shape {pixels.shape} as JPEG")
    return data.tobytes()


def encode_grey_png(pixels: Pixels, levels: int) -> bytes:
    """A PNG in grey with so many levels of brightness, as document scanners write it: small enough to be kept."""
    grey = cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY).astype(np.float32)
    step = np.float32(255 / (levels - 1))
    coarse = np.clip(np.round(grey / step) * step, 0, 255).astype(np.uint8)
    done, data = cv2.imencode(".png", coarse, [cv2.IMWRITE_PNG_COMPRESSION, 9])
    if not done:
        raise ValueError(f"cannot encode an image of shape {pixels.shape} as PNG")
    return data.tobytes()


def add_exif_orientation(jpeg: bytes, orientation: int) -> bytes:
    """The JPEG with an EXIF block that holds the orientation (1 to 8) and nothing else."""
    entry = struct.pack(">HHIHH", _ORIENTATION_TAG, _SHORT, 1, orientation, 0)
    directory = struct.pack(">H", 1) + entry + struct.pack(">I", 0)
    body = b"Exif\0\0" + b"MM\0\x2a" + struct.pack(">I", 8) + directory
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body + jpeg[2:]
