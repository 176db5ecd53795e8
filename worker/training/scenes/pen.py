"""Draws the print of small cards and papers: text placed by fractions of the sheet, portraits, and worn ink."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image, ImageDraw

from worker.pipeline.types import Pixels
from worker.training.fonts import AnyFace, em_for_cap_height, load_font
from worker.training.layout import CARD_WIDTH, Run
from worker.training.lettering import Mask
from worker.training.scenes.compositing import paste
from worker.training.style import Colour

FACE_WIDTH = 960
FACE_HEIGHT = 605
"""Pixels of the face of a card in these scenes: no card is seen much larger."""
ARTWORK_SIZE = (720, 454)
"""Width and height at which artwork is drawn, to be enlarged to the face: it costs half the time."""


@dataclass(frozen=True)
class Pen:
    """Writes on `pixels` of shape (height, width, 3), in place; places are fractions of width and height."""

    pixels: Pixels

    def write(
        self, x: float, y: float, text: str, face: AnyFace, cap: float, colour: Colour, anchor: str = "ls"
    ) -> None:
        """One line of text with capitals `cap` (a fraction of the height) tall, anchored as Pillow's text is."""
        height, width = self.pixels.shape[:2]
        font = load_font(face, round(em_for_cap_height(face, 100.0) * cap * height / 100, 1))
        place = (x * width, y * height)
        left, top, right, bottom = (round(edge) for edge in font.getbbox(text, anchor=anchor))
        x0, y0 = max(int(place[0]) + left - 2, 0), max(int(place[1]) + top - 2, 0)
        x1, y1 = min(int(place[0]) + right + 3, width), min(int(place[1]) + bottom + 3, height)
        if x1 <= x0 or y1 <= y0:
            return
        stencil = Image.new("L", (x1 - x0, y1 - y0), 0)
        ImageDraw.Draw(stencil).text((place[0] - x0, place[1] - y0), text, fill=255, font=font, anchor=anchor)
        ink = np.empty((y1 - y0, x1 - x0, 3), dtype=np.uint8)
        ink[:] = colour
        paste(self.pixels, ink, np.asarray(stencil, dtype=np.float32) / np.float32(255), (x0, y0, x1, y1))

    def fill(self, x0: float, y0: float, x1: float, y1: float, colour: Colour) -> None:
        """A filled rectangle."""
        height, width = self.pixels.shape[:2]
        self.pixels[round(y0 * height) : round(y1 * height), round(x0 * width) : round(x1 * width)] = colour

    def place(self, x: float, y: float, picture: Pixels) -> None:
        """A picture with its top-left corner at the place, as it is."""
        height, width = self.pixels.shape[:2]
        left, top = round(x * width), round(y * height)
        part = self.pixels[top : top + picture.shape[0], left : left + picture.shape[1]]
        part[:] = picture[: part.shape[0], : part.shape[1]]


def draw_small_runs(runs: tuple[Run, ...], width: int, height: int) -> Mask:
    """The ink (0 to 1) of runs that are laid out on a card of CARD_WIDTH, on a card `width` pixels wide."""
    scale = width / CARD_WIDTH
    sheet = Image.new("L", (width, height), 0)
    canvas = ImageDraw.Draw(sheet)
    for run in runs:
        font = load_font(run.face, round(run.em * scale, 1))
        baseline = (run.yc + run.em / em_for_cap_height(run.face, 1.0) / 2) * scale
        x = run.x * scale
        if not run.pitch and not run.spacing:
            canvas.text((x, baseline), run.text, fill=255, font=font, anchor="ls")
            continue
        for letter in run.text:
            advance = font.getlength(letter)
            inset = (run.pitch * scale - advance) / 2 if run.pitch else 0.0
            canvas.text((x + inset, baseline), letter, fill=255, font=font, anchor="ls")
            x += run.pitch * scale or advance + run.spacing * scale
    return np.asarray(sheet, dtype=np.float32) / np.float32(255)


def print_ink(pixels: Pixels, ink: Mask, colour: Colour) -> None:
    """Lays ink of one colour over the whole of `pixels`, in place."""
    height, width = ink.shape
    flat = np.empty((height, width, 3), dtype=np.uint8)
    flat[:] = colour
    pixels[:] = cv2.blendLinear(flat, pixels, ink, np.float32(1) - ink)
