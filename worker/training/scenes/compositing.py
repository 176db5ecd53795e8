"""Lays flat sheets into a frame by a homography, with the shadow they cast and the edge they show."""

from __future__ import annotations

import cv2
import numpy as np

from worker.pipeline.types import Pixels, Quad
from worker.training.camera import homography, sheet_quad
from worker.training.lettering import Mask
from worker.training.sheet import Sheet
from worker.training.style import Colour

Box = tuple[int, int, int, int]
"""Left, top, right, bottom in pixels, the last two exclusive."""

_SHADOW_STEP = 4
"""Shadows are drawn this many times smaller than the frame."""


def frame_box(points: Quad, width: int, height: int, margin: int = 2) -> Box | None:
    """The part of the frame that the points span, `margin` pixels wider; None where it is outside."""
    low, high = np.floor(points.min(axis=0)) - margin, np.ceil(points.max(axis=0)) + margin
    x0, y0 = max(int(low[0]), 0), max(int(low[1]), 0)
    x1, y1 = min(int(high[0]) + 1, width), min(int(high[1]) + 1, height)
    return (x0, y0, x1, y1) if x1 > x0 and y1 > y0 else None


def _reduced(sheet: Sheet, quad: Quad) -> Sheet:
    """The sheet no larger than it will be seen, averaged down, so that one bilinear warp does not alias."""
    height, width = sheet.alpha.shape
    across = max(float(np.hypot(*(quad[1] - quad[0]))), float(np.hypot(*(quad[2] - quad[3]))))
    down = max(float(np.hypot(*(quad[3] - quad[0]))), float(np.hypot(*(quad[2] - quad[1]))))
    scale = max(across / width, down / height)
    if scale > 0.85:
        return sheet
    size = (max(round(width * scale), 8), max(round(height * scale), 8))
    pixels = cv2.resize(sheet.pixels, size, interpolation=cv2.INTER_AREA)
    alpha = cv2.resize(sheet.alpha, size, interpolation=cv2.INTER_AREA)
    return Sheet(np.asarray(pixels, dtype=np.uint8), np.asarray(alpha, dtype=np.uint8))


def lay_sheet(frame: Pixels, sheet: Sheet, quad: Quad) -> None:
    """Draws the sheet into the frame with its corners at `quad`."""
    height, width = frame.shape[:2]
    box = frame_box(quad, width, height)
    if box is None:
        return
    x0, y0, x1, y1 = box
    source = _reduced(sheet, quad)
    matrix = homography(sheet_quad(source.alpha.shape[1], source.alpha.shape[0]), quad - (x0, y0))
    size = (x1 - x0, y1 - y0)
    seen = cv2.warpPerspective(source.pixels, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    cover = cv2.warpPerspective(source.alpha, matrix, size, flags=cv2.INTER_LINEAR)
    paste(frame, np.asarray(seen, dtype=np.uint8), np.asarray(cover, dtype=np.float32) / np.float32(255), box)


def paste(frame: Pixels, pixels: Pixels, cover: Mask, box: Box) -> None:
    """Draws `pixels` into the box of the frame as far as `cover` (0 to 1) says; both have the size of the box."""
    x0, y0, x1, y1 = box
    ground = np.ascontiguousarray(frame[y0:y1, x0:x1])
    frame[y0:y1, x0:x1] = cv2.blendLinear(pixels, ground, cover, np.float32(1) - cover)


def cast_shadow(frame: Pixels, quad: Quad, strength: float, shift: tuple[float, float], softness: float) -> None:
    """Darkens the frame around `quad` as a sheet lying there does.

    `strength` is 0 to 1, `shift` and `softness` (a sigma) are in pixels of the frame.
    """
    height, width = frame.shape[:2]
    moved = quad + shift
    box = frame_box(moved, width, height, margin=round(3 * softness) + _SHADOW_STEP)
    if box is None or strength <= 0:
        return
    x0, y0, x1, y1 = box
    small = np.zeros(((y1 - y0) // _SHADOW_STEP + 1, (x1 - x0) // _SHADOW_STEP + 1), dtype=np.uint8)
    corners = ((moved - (x0, y0)) * (16 / _SHADOW_STEP)).round().astype(np.int32)
    cv2.fillConvexPoly(small, corners, (255,), cv2.LINE_AA, shift=4)
    soft = cv2.GaussianBlur(small, (0, 0), max(softness / _SHADOW_STEP, 0.3), borderType=cv2.BORDER_CONSTANT)
    cover = cv2.resize(soft, (x1 - x0, y1 - y0), interpolation=cv2.INTER_LINEAR).astype(np.float32)
    dark = np.zeros((y1 - y0, x1 - x0, 3), dtype=np.uint8)
    paste(frame, dark, np.asarray(cover * np.float32(strength / 255), dtype=np.float32), box)


def draw_edge(frame: Pixels, quad: Quad, radius: float, colour: Colour, cover: float) -> None:
    """The thin rim of a plastic card, one pixel wide; `radius` is that of its corners in pixels."""
    height, width = frame.shape[:2]
    box = frame_box(quad, width, height)
    if box is None:
        return
    x0, y0, x1, y1 = box
    line = np.zeros((y1 - y0, x1 - x0), dtype=np.uint8)
    for start, end in zip(quad, np.roll(quad, -1, axis=0), strict=True):
        along = (end - start) / max(float(np.hypot(*(end - start))), 1.0)
        ends = np.stack([start + along * radius, end - along * radius]) - (x0, y0)
        points = (ends * 16).round().astype(np.int32)
        cv2.polylines(line, [points.reshape(-1, 1, 2)], False, (255,), 1, cv2.LINE_AA, shift=4)
    rim = np.empty((y1 - y0, x1 - x0, 3), dtype=np.uint8)
    rim[:] = colour
    paste(frame, rim, line.astype(np.float32) * np.float32(cover / 255), box)
