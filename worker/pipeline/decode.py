"""Bytes of a JPEG or PNG → an upright BGR photograph, within the pixel limit."""

from __future__ import annotations

import io
import math
import struct
import zlib

import cv2
import numpy as np
from PIL import Image, ImageOps

from shared.errors import CorruptedImage, ImageTooLarge
from worker.pipeline.geometry import mirroring, scaling
from worker.pipeline.types import Page, Pixels

WORKING_SIDE = 3200
"""A photograph whose shorter side is at least twice this is decoded at half size: no card of it needs more."""

LONGEST_SIDE = 16_000
"""OpenCV warps nothing that is longer than 32,767; a strip of 50 million by one pixel passes every other limit."""

ROWS_AT_ONCE = 256
"""Of what is scaled down in floating point: all rows of 50 million pixels at once took 1.4 GB."""

FORMATS = ("JPEG", "PNG")
EXIF_ORIENTATION = 0x0112
QUARTER_TURNS = (5, 6, 7, 8)

DECODER_ERRORS = (
    *(OSError, SyntaxError, ValueError, TypeError, KeyError, IndexError, AttributeError, EOFError, OverflowError),
    *(struct.error, zlib.error),
)
"""What Pillow's decoders raise on damaged input. Not Exception: a time limit of the worker must pass through."""


def decode_photo(data: bytes, max_pixels: int, mirror: bool) -> Page:
    """Decode `data` to a photograph whose `to_photo` leads to the image as sent, its EXIF orientation applied.

    `mirror` flips it left to right before anything else. Very large JPEGs come at a fraction of their size.
    Raises ImageTooLarge if the header promises more than `max_pixels` pixels, before any of them is decoded, and
    CorruptedImage for whatever cannot be decoded to its last row.
    """
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            if image.width * image.height > max_pixels:
                raise ImageTooLarge()
            full = image.size
            image.draft(None, (WORKING_SIDE, WORKING_SIDE))
            turned = image.getexif().get(EXIF_ORIENTATION, 1) in QUARTER_TURNS
            small = _shrink(_to_8_bits(image))
            scale = (full[0] / small.width, full[1] / small.height)
            ImageOps.exif_transpose(small, in_place=True)
            pixels = _to_bgr(small)
    except Image.DecompressionBombError:
        raise ImageTooLarge() from None
    except DECODER_ERRORS:
        # The cause is dropped, because its message can quote bytes of the image.
        raise CorruptedImage() from None
    to_photo = scaling(*(scale[::-1] if turned else scale))
    if mirror:
        to_photo = to_photo @ mirroring(pixels.shape[1])
        pixels = np.ascontiguousarray(pixels[:, ::-1])
    return Page(pixels, to_photo)


def _to_8_bits(image: Image.Image) -> Image.Image:
    """The image itself, or one of 8 bits of grey where it has more: they are scaled down and not cut off."""
    if not (image.mode.startswith("I") or image.mode == "F"):
        return image
    wide = np.asarray(image)
    narrow = np.empty(wide.shape, dtype=np.uint8)
    for top in range(0, len(wide), ROWS_AT_ONCE):
        rows = slice(top, top + ROWS_AT_ONCE)
        narrow[rows] = np.clip(wide[rows] / 257.0, 0, 255).round()
    small = Image.fromarray(narrow)
    small.info = image.info
    return small


def _shrink(image: Image.Image) -> Image.Image:
    """The image, or one of a fraction of its size: what `draft` does for a JPEG, for a PNG that is as large.

    Every step after this makes copies, which for 50 million pixels with transparency took 1.3 GB.
    """
    factor = max(min(image.size) // WORKING_SIDE, math.ceil(max(image.size) / LONGEST_SIDE))
    if factor < 2:
        return image
    if image.mode in ("1", "P", "PA", "La", "LA"):
        # Indices and single bits have no mean.
        image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    small = image.reduce((min(factor, image.width), min(factor, image.height)))
    small.info = image.info
    return small


def _to_bgr(image: Image.Image) -> Pixels:
    """8-bit BGR of an image of any mode of 8 bits; transparency lies on white."""
    if image.has_transparency_data:
        alpha = image.convert("RGBA")
        ground = Image.new("RGBA", alpha.size, "white")
        image = Image.alpha_composite(ground, alpha)
    plain = image if image.mode == "RGB" else image.convert("RGB")
    return _as_pixels(cv2.cvtColor(np.asarray(plain), cv2.COLOR_RGB2BGR))


def _as_pixels(array: object) -> Pixels:
    """The array as contiguous 8-bit pixels."""
    return np.ascontiguousarray(array, dtype=np.uint8)
