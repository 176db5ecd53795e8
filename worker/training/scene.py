"""Photographs a sheet: lays it on a ground, sees it through a camera, and adds light, shadow, blur and noise."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from worker.pipeline.types import Pixels, Quad
from worker.training.artwork import Canvas, soften
from worker.training.camera import Pose, homography, mirror, place_sheet, sheet_quad, tilt_of
from worker.training.lettering import Mask
from worker.training.sheet import Sheet
from worker.training.style import Colour
from worker.training.surfaces import Surface, draw_surface

_SUPERSAMPLING = 2
_UPRIGHT = Pose()


@dataclass(frozen=True)
class SceneOptions:
    """How a photograph is taken. Lengths are in pixels of the photograph.

    `shadow` is how dark the shadow is, 0 to 1; `blur` the sigma of the lens; `noise` the sigma of the sensor in levels
    of brightness; `light` multiplies all brightness, `uneven` is how far it falls off across the frame, 0 to 1.
    """

    width: int = 1024
    height: int = 768
    pose: Pose = _UPRIGHT
    surface: Surface = Surface.DESK
    surface_colour: Colour = (150, 158, 165)
    shadow: float = 0.45
    blur: float = 0.5
    noise: float = 2.0
    light: float = 1.0
    uneven: float = 0.2
    mirrored: bool = False


@dataclass(frozen=True)
class Scene:
    """A photograph and its truth: `quad` holds the sheet's own corners, top-left first, in pixels; `tilt` is degrees
    clockwise in [0, 360)."""

    pixels: Pixels
    quad: Quad
    tilt: float
    mirrored: bool


def _reduce(image: Canvas | Mask, width: int, height: int) -> Canvas:
    return np.asarray(cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA), dtype=np.float32)


def _warp(sheet: Sheet, quad: Quad, width: int, height: int) -> tuple[Canvas, Mask]:
    """The sheet and its alpha (0 to 1) where `quad` says, by one homography, averaged down from a finer frame."""
    sheet_height, sheet_width = sheet.alpha.shape
    fine = (quad + 0.5) * _SUPERSAMPLING - 0.5
    matrix = homography(sheet_quad(sheet_width, sheet_height), fine)
    size = (width * _SUPERSAMPLING, height * _SUPERSAMPLING)
    shrunk = sheet_width / float(np.hypot(*(fine[1] - fine[0])))
    source = sheet.pixels
    if shrunk > 1.5:
        source = np.asarray(cv2.GaussianBlur(source, (0, 0), shrunk * 0.4), dtype=np.uint8)
    seen = cv2.warpPerspective(source, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    cover = cv2.warpPerspective(sheet.alpha, matrix, size, flags=cv2.INTER_LINEAR)
    pixels = _reduce(np.asarray(seen, dtype=np.float32), width, height)
    return pixels, _reduce(np.asarray(cover, dtype=np.float32), width, height) / np.float32(255)


def _cast_shadow(ground: Canvas, cover: Mask, strength: float, rng: np.random.Generator) -> Canvas:
    if strength <= 0:
        return ground
    width = ground.shape[1]
    shift = rng.uniform(0.003, 0.008, 2) * width
    moved = cv2.warpAffine(cover, np.array([(1, 0, shift[0]), (0, 1, shift[1])]), (width, ground.shape[0]))
    near = soften(np.asarray(moved, dtype=np.float32), width / 220)
    far = soften(np.asarray(moved, dtype=np.float32), width / 55)
    dark = (near * np.float32(0.6) + far * np.float32(0.4)) * np.float32(strength)
    return np.asarray(ground * (1 - dark[:, :, np.newaxis]), dtype=np.float32)


def _light(image: Canvas, options: SceneOptions, rng: np.random.Generator) -> Canvas:
    y, x = np.mgrid[0 : options.height, 0 : options.width].astype(np.float32)
    angle = float(rng.uniform(0, 2 * np.pi))
    across = (x / options.width - 0.5) * np.cos(angle) + (y / options.height - 0.5) * np.sin(angle)
    gain = options.light * (1 - options.uneven * across)
    return np.asarray(image * gain[:, :, np.newaxis], dtype=np.float32)


def _expose(image: Canvas, options: SceneOptions, rng: np.random.Generator) -> Pixels:
    height, width = image.shape[:2]
    if options.blur > 0:
        image = np.asarray(cv2.GaussianBlur(image, (0, 0), options.blur), dtype=np.float32)
    grain = rng.standard_normal((height, width, 1), dtype=np.float32)
    speckle = rng.standard_normal((height, width, 3), dtype=np.float32)
    noisy = image + (grain + speckle * np.float32(0.35)) * np.float32(options.noise)
    return np.asarray(np.clip(noisy, 0, 255), dtype=np.uint8)


def photograph(sheet: Sheet, rng: np.random.Generator, options: SceneOptions | None = None) -> Scene:
    """A photograph of the sheet, options.width x options.height pixels; the same rng state gives the same pixels."""
    chosen = options or SceneOptions()
    width, height = chosen.width, chosen.height
    quad = place_sheet((sheet.alpha.shape[1], sheet.alpha.shape[0]), (width, height), chosen.pose)
    ground = draw_surface(chosen.surface, chosen.surface_colour, width, height, rng)
    seen, cover = _warp(sheet, quad, width, height)
    ground = _cast_shadow(ground, cover, chosen.shadow, rng)
    mask = cover[:, :, np.newaxis]
    image = _light(np.asarray(ground * (1 - mask) + seen * mask, dtype=np.float32), chosen, rng)
    pixels = _expose(image, chosen, rng)
    if chosen.mirrored:
        pixels, quad = np.ascontiguousarray(pixels[:, ::-1]), mirror(quad, width)
    return Scene(pixels, quad, tilt_of(quad), chosen.mirrored)
