"""A card's quad → what is read: the photograph around it, an upright page of it alone, or all of the photograph.

The line reader takes its strips out of the photograph as it is, so that print is warped once; text detection, and
whoever judges or shows the card, needs a page that is upright.
"""

from __future__ import annotations

import cv2
import numpy as np

from worker.ktp.layout import CARD_RATIO
from worker.pipeline.geometry import UNIT, frame_quad, invert, map_points, map_quad, quad_width, scaling
from worker.pipeline.types import Homography, Page, Pixels, Quad

MIN_WIDTH, MAX_WIDTH = 960, 1600
"""Width of a rectified card: below the first the smallest print is lost to text detection, beyond the second
recognition gains nothing (a row is 36 pixels high there, and the recognizer takes 48)."""

_AMPLE = 1200
"""Width from which on a page has detail to spare: then it is warped by the quicker of two ways, which blurs a little.
The limits of blur (quality.py) were found on pages that were warped so."""

_AVERAGED, _BESIDE = 1.5, 0.03
"""By how much a photograph may be larger than its page before it is averaged down, and what is left around a card, in
its sides: strips reach beyond corners that are a little off."""

WHOLE_SIDE = 1600
"""Longest side of a whole photograph as a page."""


def rectify(photo: Page, quad: Quad) -> Page:
    """The card within `quad` (pixels of `photo`) as an upright page whose size keeps the photograph's detail.

    `quad` is in the card's own order: a card that stands on its head is turned, a mirrored one unmirrored.
    """
    top, right, bottom, left = (np.linalg.norm(quad - np.roll(quad, -1, axis=0), axis=1)).tolist()
    width = round(min(MAX_WIDTH, max(MIN_WIDTH, top, bottom, max(left, right) * CARD_RATIO)))
    height = round(width / CARD_RATIO)
    to_page = map_quad(quad, frame_quad(width, height))
    pixels = _warp(photo.pixels, to_page, width, height)
    return Page(pixels, photo.to_photo @ invert(to_page))


def approach(photo: Page, quad: Quad) -> tuple[Page, Homography]:
    """The part of the photograph around the card within `quad` (pixels of `photo`), as it stands there, and the way
    from its pixels to the card's fractions; averaged down where the card is much wider than MAX_WIDTH."""
    height, width = photo.pixels.shape[:2]
    beside = _BESIDE * (quad.max(axis=0) - quad.min(axis=0))
    size = np.array([width, height])
    left, top = np.clip(np.floor(quad.min(axis=0) - beside), 0, size - 1).astype(int).tolist()
    right, bottom = np.clip(np.ceil(quad.max(axis=0) + beside), (left + 1, top + 1), size).astype(int).tolist()
    pixels = photo.pixels[top:bottom, left:right]
    back = np.array([[1.0, 0.0, left], [0.0, 1.0, top], [0.0, 0.0, 1.0]])
    detail = quad_width(quad) / MAX_WIDTH
    if detail > _AVERAGED:
        pixels, enlarged = _average_down(pixels, detail)
        back = back @ enlarged
    return Page(pixels, photo.to_photo @ back), map_quad(map_points(invert(back), quad), UNIT)


def whole_page(photo: Page) -> Page:
    """The whole photograph, scaled down to a side of at most WHOLE_SIDE and otherwise as it is."""
    height, width = photo.pixels.shape[:2]
    scale = WHOLE_SIDE / max(height, width)
    if scale >= 1:
        return photo
    pixels, back = _average_down(photo.pixels, 1 / scale)
    return Page(pixels, photo.to_photo @ back)


def _average_down(pixels: Pixels, by: float) -> tuple[Pixels, Homography]:
    """The image, `by` times smaller, and the way back to its pixels."""
    height, width = pixels.shape[:2]
    size = (max(1, round(width / by)), max(1, round(height / by)))
    small = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    return small, scaling(width / size[0], height / size[1])


def _warp(pixels: Pixels, to_page: Homography, width: int, height: int) -> Pixels:
    """Warp to a page; a photograph much larger than it is averaged down first, for warping alone would alias."""
    corners = map_points(invert(to_page), np.array([[0.0, 0], [width, 0], [width, height], [0, height]]))
    detail = float(np.linalg.norm(corners[1] - corners[0])) / width
    if detail > _AVERAGED:
        pixels, back = _average_down(pixels, detail)
        to_page = to_page @ back
    way = cv2.INTER_LINEAR if width >= _AMPLE else cv2.INTER_CUBIC
    warped = cv2.warpPerspective(pixels, to_page, (width, height), flags=way, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(warped, dtype=np.uint8)
