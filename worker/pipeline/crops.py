"""Cuts the portrait and the signature out of the card, as small JPEGs."""

from __future__ import annotations

import cv2
import numpy as np

from worker.pipeline.geometry import UNIT, frame_quad, invert, map_points, map_quad
from worker.pipeline.types import CardCrops, Page, Pixels, Quad

Box = tuple[float, float, float, float]
"""Left, top, right and bottom in fractions of the card's width and height."""

PHOTO_BOX: Box = (0.70, 0.245, 0.97, 0.745)
"""The portrait stands at 0.72 to 0.95 and 0.27 to 0.725; printings differ by 0.01, and corners are found to 0.01. Below
it is the issuing city, from 0.743 on."""

SIGNATURE_BOX: Box = (0.73, 0.825, 0.92, 0.975)
"""From below the issuing date to just above the card's edge."""

LEAST_SIDE = 8
"""Pixels below which a crop shows nothing."""

LEAST_SEEN = 0.8
"""Share of a box that must lie on the page: a card that reaches beyond its picture may have no portrait there."""

JPEG_QUALITY = 90


def cut_crops(page: Page, quad: Quad | None) -> CardCrops:
    """The crops of the card on `page`, upright and unmirrored, at the page's own detail.

    `quad`, the card's corners in its own order, is in pixels of the image as sent, to which `page.to_photo` leads.
    Both crops are None without it, and each is where the page does not show its part of the card.
    """
    if quad is None:
        return CardCrops()
    on_page = map_points(invert(page.to_photo), quad)
    return CardCrops(_cut(page.pixels, on_page, PHOTO_BOX), _cut(page.pixels, on_page, SIGNATURE_BOX))


def _cut(pixels: Pixels, card: Quad, box: Box) -> bytes | None:
    """The part `box` of the card at `card`, in pixels, as a JPEG."""
    to_pixels = map_quad(UNIT, card)
    left, top, right, bottom = box
    quad = map_points(to_pixels, np.array([[left, top], [right, top], [right, bottom], [left, bottom]]))
    sides = np.linalg.norm(quad - np.roll(quad, -1, axis=0), axis=1)
    width, height = round(float(max(sides[0], sides[2]))), round(float(max(sides[1], sides[3])))
    # What lies on the page is no longer than its diagonal: corners that say so are crossed, and no card.
    possible = min(width, height) >= LEAST_SIDE and max(width, height) <= np.hypot(*pixels.shape[:2])
    if not possible or _seen_share(quad, pixels) < LEAST_SEEN:
        return None
    matrix = map_quad(quad, frame_quad(width, height))
    cut = cv2.warpPerspective(pixels, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return cv2.imencode(".jpg", cut, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])[1].tobytes()


def _seen_share(quad: Quad, pixels: Pixels) -> float:
    """How much of `quad` lies within `pixels`, 0 to 1."""
    height, width = pixels.shape[:2]
    shape, frame = quad.astype(np.float32), frame_quad(width, height).astype(np.float32)
    common, _ = cv2.intersectConvexConvex(shape, frame)
    return float(common) / max(float(cv2.contourArea(shape)), 1e-6)
