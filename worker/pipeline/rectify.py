"""A card's quad → an upright landscape page of the card alone, and the photograph as a page of its own."""

from __future__ import annotations

import cv2
import numpy as np

from worker.ktp.layout import CARD_RATIO
from worker.pipeline.geometry import invert, map_points, scaling
from worker.pipeline.types import Homography, Page, Pixels, Quad

MIN_WIDTH, MAX_WIDTH = 960, 1600
"""Width of a rectified card: below the first the smallest print is lost to text detection, beyond the second
recognition gains nothing (a row is 36 pixels high there, and the recognizer takes 48)."""

_AMPLE = 1200
"""Width from which on a page has more detail than the line reader looks at: then it is warped by the quicker of two
ways, which blurs a little. Below, that costs cards: of those with clear print 78 % were right, by the other 79 %."""

WHOLE_SIDE = 1600
"""Longest side of a whole photograph as a page."""


def rectify(photo: Page, quad: Quad) -> Page:
    """The card within `quad` (pixels of `photo`) as an upright page whose size keeps the photograph's detail.

    `quad` is in the card's own order: a card that stands on its head is turned, a mirrored one unmirrored.
    """
    top, right, bottom, left = (np.linalg.norm(quad - np.roll(quad, -1, axis=0), axis=1)).tolist()
    width = round(min(MAX_WIDTH, max(MIN_WIDTH, top, bottom, max(left, right) * CARD_RATIO)))
    height = round(width / CARD_RATIO)
    # Pixel centres: the corner of the card is the corner of the first pixel, half a pixel before its centre.
    target = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float64) - 0.5
    matrix = cv2.getPerspectiveTransform(quad.astype(np.float32), target.astype(np.float32))
    to_page = np.asarray(matrix, dtype=np.float64)
    pixels = _warp(photo.pixels, to_page, width, height)
    return Page(pixels, photo.to_photo @ invert(to_page))


def whole_page(photo: Page) -> Page:
    """The whole photograph, scaled down to a side of at most WHOLE_SIDE and otherwise as it is."""
    height, width = photo.pixels.shape[:2]
    scale = WHOLE_SIDE / max(height, width)
    if scale >= 1:
        return photo
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    pixels = np.asarray(cv2.resize(photo.pixels, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    back = scaling(width / size[0], height / size[1])
    return Page(pixels, photo.to_photo @ back)


def _warp(pixels: Pixels, to_page: Homography, width: int, height: int) -> Pixels:
    """Warp to a page; a photograph much larger than it is averaged down first, for warping alone would alias."""
    corners = map_points(invert(to_page), np.array([[0.0, 0], [width, 0], [width, height], [0, height]]))
    detail = np.linalg.norm(corners[1] - corners[0]) / width
    if detail > 1.5:
        size = (max(1, round(pixels.shape[1] / detail)), max(1, round(pixels.shape[0] / detail)))
        to_page = to_page @ scaling(pixels.shape[1] / size[0], pixels.shape[0] / size[1])
        pixels = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    way = cv2.INTER_LINEAR if width >= _AMPLE else cv2.INTER_CUBIC
    warped = cv2.warpPerspective(pixels, to_page, (width, height), flags=way, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(warped, dtype=np.uint8)
