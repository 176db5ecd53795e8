"""What lies about in a scene beside the card: papers, other cards, phones, pens, coins, portraits and screens."""

from __future__ import annotations

import cv2
import numpy as np

from worker.pipeline.types import Pixels, Quad
from worker.training.camera import Pose, homography, place_sheet
from worker.training.scenes.compositing import cast_shadow, lay_sheet
from worker.training.scenes.faces import blank_card, other_card, paper, phone
from worker.training.scenes.ground import draw_plain
from worker.training.scenes.occluders import draw_pen, random_pen
from worker.training.scenes.styles import STYLES, StyleName
from worker.training.scenes.texture import hsv, random_colour, scale_colour
from worker.training.sheet import Sheet
from worker.training.style import Colour


def lay_loose(
    frame: Pixels, sheet: Sheet, share: tuple[float, float], rng: np.random.Generator, upright: bool = False
) -> Quad:
    """Lays a sheet somewhere, anyhow, a `share` (from, to) of the frame large; gives its corners."""
    height, width = frame.shape[:2]
    turn = float(rng.normal(0, 8)) if upright else float(rng.uniform(0, 360))
    lean_x, lean_y = (float(lean) for lean in np.clip(rng.normal(0, 8, 2), -30, 30))
    off_x, off_y = (float(off) for off in rng.uniform(-1.3, 1.3, 2))
    pose = Pose(turn, lean_x, lean_y, float(rng.uniform(*share)), off_x, off_y)
    quad = place_sheet((sheet.alpha.shape[1], sheet.alpha.shape[0]), (width, height), pose)
    reach = width * 0.01
    cast_shadow(frame, quad, float(rng.uniform(0, 0.5)), (reach, reach), reach)
    lay_sheet(frame, sheet, quad)
    return quad


def lay_stack(frame: Pixels, sheet: Sheet, quad: Quad, rng: np.random.Generator) -> None:
    """Lays the sheet where the card at `quad` will lie upon it, a little larger, turned or shifted."""
    across = float(np.hypot(*(quad[1] - quad[0])))
    middle, angle = quad.mean(axis=0), np.deg2rad(rng.normal(0, 12))
    turn = np.array([(np.cos(angle), np.sin(angle)), (-np.sin(angle), np.cos(angle))])
    under = (quad - middle) @ turn * float(rng.uniform(0.95, 1.3)) + middle + rng.normal(0, 0.12, 2) * across
    cast_shadow(frame, under, float(rng.uniform(0, 0.5)), (across * 0.01, across * 0.01), across * 0.012)
    lay_sheet(frame, sheet, under)


def draw_coin(frame: Pixels, rng: np.random.Generator) -> None:
    """A coin with a rim."""
    height, width = frame.shape[:2]
    place, radius = (int(rng.integers(width)), int(rng.integers(height))), int(width * rng.uniform(0.015, 0.05))
    colour: Colour = hsv(0.12, float(rng.uniform(0, 0.6)), float(rng.uniform(0.5, 0.9)))
    cv2.circle(frame, place, radius, scale_colour(colour, 0.6), -1, cv2.LINE_AA)
    cv2.circle(frame, place, radius * 9 // 10, colour, -1, cv2.LINE_AA)
    cv2.circle(frame, place, radius // 2, scale_colour(colour, 0.8), 2, cv2.LINE_AA)


def lay_portrait(frame: Pixels, style: StyleName, large: bool, rng: np.random.Generator) -> None:
    """A portrait: a small print that lies there, or (large) a person before the camera."""
    width, height = int(rng.integers(120, 400)), int(rng.integers(160, 480))
    picture = STYLES[style].portrait(width, height, rng)
    sheet = Sheet(picture, np.full((height, width), 255, dtype=np.uint8))
    upright = large or bool(rng.random() < 0.6)
    lay_loose(frame, sheet, (0.9, 1.6) if large else (0.15, 0.6), rng, upright)


def lay_plain_sheet(frame: Pixels, rng: np.random.Generator) -> None:
    """An empty sheet of paper, an envelope or a box: an oblong of some shape and colour."""
    colour = random_colour(rng) if rng.random() < 0.6 else hsv(0.1, 0.03, float(rng.uniform(0.8, 1)))
    width, height = int(rng.integers(200, 500)), int(rng.integers(200, 500))
    pixels = draw_plain(width, height, colour, float(rng.uniform(0.02, 0.2)), rng)
    lay_loose(frame, Sheet(pixels, np.full((height, width), 255, dtype=np.uint8)), (0.3, 1.0), rng)


def scatter(
    frame: Pixels, style: StyleName, seeds: tuple[int, int], rng: np.random.Generator, printed: bool = True
) -> None:
    """One to four things; cards and papers come from the seeds (first, end), only blank ones unless `printed`."""
    for _ in range(int(rng.integers(1, 5))):
        seed = int(rng.integers(*seeds))
        kind = rng.random() if printed else float(rng.uniform(0.5, 1.0))
        if kind < 0.3:
            lay_loose(frame, paper(seed, style), (0.5, 1.2), rng)
        elif kind < 0.5:
            lay_loose(frame, other_card(seed, style), (0.25, 0.7), rng)
        elif kind < 0.6:
            lay_loose(frame, blank_card(seed, style), (0.25, 0.7), rng)
        elif kind < 0.68:
            lay_loose(frame, phone(seed, style), (0.5, 1.1), rng)
        elif kind < 0.76:
            lay_plain_sheet(frame, rng)
        elif kind < 0.88:
            draw_pen(frame, random_pen(frame, rng), rng)
        else:
            draw_coin(frame, rng)


def draw_screen(frame: Pixels, quad: Quad, rng: np.random.Generator) -> None:
    """A monitor or phone behind the card, in the card's own plane: its bezel, and the page that shows the card."""
    unit = np.array([(0, 0), (1, 0), (1, 1), (0, 1)], dtype=np.float64)
    matrix = homography(unit, quad)
    left, top, right, bottom = rng.uniform((0.02, 0.03, 0.02, 0.03), (0.5, 0.8, 0.5, 0.8)).tolist()
    rim = float(rng.uniform(0.02, 0.08))
    bezel: Colour = (22, 22, 24) if rng.random() < 0.8 else random_colour(rng)
    light = hsv(0.6, float(rng.uniform(0, 0.1)), float(rng.uniform(0.8, 1)))
    page: Colour = (18, 18, 18) if rng.random() < 0.4 else light
    for margin, colour in ((rim, bezel), (0.0, page)):
        x0, y0, x1, y1 = -left - margin, -top - margin * 1.5, 1 + right + margin, 1 + bottom + margin * 1.5
        corners = np.array([[(x0, y0)], [(x1, y0)], [(x1, y1)], [(x0, y1)]])
        seen = cv2.perspectiveTransform(corners, matrix).reshape(4, 2)
        if np.abs(seen).max() < 30000:
            cv2.fillConvexPoly(frame, (seen * 16).round().astype(np.int32), colour, cv2.LINE_AA, shift=4)
