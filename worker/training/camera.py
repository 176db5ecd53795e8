"""The geometry of a photographed sheet: where its corners fall in the image, and how it stands turned there."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from worker.pipeline.types import Homography, Quad

_CAMERA_DISTANCE = 2.6
"""From the camera to the middle of the sheet, in widths of the sheet."""


@dataclass(frozen=True)
class Pose:
    """How a sheet lies before the camera.

    `turn` is degrees clockwise in the plane of the sheet; `lean_x` and `lean_y` tip the camera's view about the
    horizontal and vertical axis, in degrees; `share` is how much of the frame's width or height (whichever fills
    first) the sheet takes; `off_x`, `off_y` move it from the middle, as fractions of the room left (-1 to 1).
    """

    turn: float = 0.0
    lean_x: float = 0.0
    lean_y: float = 0.0
    share: float = 0.8
    off_x: float = 0.0
    off_y: float = 0.0


def sheet_quad(width: int, height: int) -> Quad:
    """The outer corners of an image of the given size, in pixels whose centres are at whole numbers."""
    right, bottom = width - 0.5, height - 0.5
    return np.array([(-0.5, -0.5), (right, -0.5), (right, bottom), (-0.5, bottom)], dtype=np.float64)


def place_sheet(sheet_size: tuple[int, int], frame_size: tuple[int, int], pose: Pose) -> Quad:
    """The four corners of a sheet in the frame, top-left of the sheet first; sizes are (width, height) in pixels."""
    ratio = sheet_size[1] / sheet_size[0]
    flat = np.array([(-0.5, -ratio / 2), (0.5, -ratio / 2), (0.5, ratio / 2), (-0.5, ratio / 2)])
    turn, lean_x, lean_y = np.deg2rad((pose.turn, pose.lean_x, pose.lean_y))
    x = flat[:, 0] * np.cos(turn) - flat[:, 1] * np.sin(turn)
    y = flat[:, 0] * np.sin(turn) + flat[:, 1] * np.cos(turn)
    z = y * np.sin(lean_x) + x * np.sin(lean_y)
    depth = _CAMERA_DISTANCE / (_CAMERA_DISTANCE + z)
    seen = np.stack([x * np.cos(lean_y) * depth, y * np.cos(lean_x) * depth], axis=1)
    seen -= (seen.min(axis=0) + seen.max(axis=0)) / 2
    frame = np.array(frame_size, dtype=np.float64)
    extent = np.ptp(seen, axis=0)
    seen *= pose.share * float((frame / extent).min())
    room = (frame - np.ptp(seen, axis=0)) / 2
    return np.asarray(seen + frame / 2 - 0.5 + room * (pose.off_x, pose.off_y), dtype=np.float64)


def homography(source: Quad, target: Quad) -> Homography:
    """The homography that takes the corners of `source` to those of `target`, pixels to pixels."""
    matrix = cv2.getPerspectiveTransform(source.astype(np.float32), target.astype(np.float32))
    return np.asarray(matrix, dtype=np.float64)


def mirror(quad: Quad, width: int) -> Quad:
    """The quad in the image of `width` pixels flipped left to right; its corners keep their meaning."""
    flipped = quad.copy()
    flipped[:, 0] = width - 1 - flipped[:, 0]
    return flipped


def signed_area(quad: Quad) -> float:
    """Area in square pixels; negative where the sheet is seen mirrored."""
    x, y = quad[:, 0], quad[:, 1]
    return float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y)) / 2


def tilt_of(quad: Quad) -> float:
    """Degrees in [0, 360) by which the sheet stands turned clockwise, measured along its direction of reading.

    A mirrored sheet reads leftwards when it stands upright, so that direction is flipped first: an upright sheet has
    tilt 0 mirrored or not.
    """
    along = (quad[1] + quad[2] - quad[0] - quad[3]) / 2
    if signed_area(quad) < 0:
        along = -along
    tilt = float(np.degrees(np.arctan2(along[1], along[0]))) % 360.0
    return 0.0 if tilt >= 360.0 else tilt
