"""Draws the faces of cards that are no KTP, from their forms, and of cards with nothing on them."""

from __future__ import annotations

import cv2
import numpy as np

from worker.pipeline.types import Pixels
from worker.training.addresses import random_address
from worker.training.fonts import AnyFace
from worker.training.names import pick, random_name
from worker.training.portrait import draw_signature
from worker.training.scenes.forms import Box, CardForm
from worker.training.scenes.palette import Palette, any_palette, ktp_palette, text_colour
from worker.training.scenes.pen import ARTWORK_SIZE, FACE_HEIGHT, FACE_WIDTH, Pen, print_ink
from worker.training.scenes.styles import Style
from worker.training.scenes.texture import random_colour, scale_colour
from worker.training.style import Colour

_GOLD: Colour = (110, 182, 206)
_ACROSS_SHARE = 0.4


def digits(pattern: str, rng: np.random.Generator) -> str:
    """The pattern with a random digit for every #."""
    return "".join(str(int(rng.integers(10))) if letter == "#" else letter for letter in pattern)


def random_value(rng: np.random.Generator) -> str:
    """Something that could stand in a row of a card: a name, an address, a date or a number."""
    kind = rng.random()
    if kind < 0.35:
        return random_name(bool(rng.random() < 0.5), rng).printed
    if kind < 0.6:
        return random_address("", rng)[:30]
    return digits(pick(("##-##-19##", "##########", "### ###", "## / ##", "A ##.##"), rng), rng)


def draw_specimen(pixels: Pixels, face: AnyFace, rng: np.random.Generator) -> None:
    """Mark a card as a specimen: faintly across it, or else small in its lower right corner.

    KTPs and other cards get either equally often, so that it tells them not apart.
    """
    if rng.random() >= _ACROSS_SHARE:
        Pen(pixels).write(0.97, 0.985, "SPECIMEN", face, 0.026, (90, 90, 90), "rs")
        return
    sheet = np.zeros_like(pixels)
    Pen(sheet).write(0.46, 0.56, "SPECIMEN", face, 0.13, (255, 255, 255), "mm")
    turn = cv2.getRotationMatrix2D((pixels.shape[1] * 0.46, pixels.shape[0] * 0.56), float(rng.uniform(10, 30)), 1.0)
    mask = cv2.warpAffine(sheet[:, :, 0], turn, (pixels.shape[1], pixels.shape[0])).astype(np.float32)
    print_ink(pixels, np.asarray(mask * np.float32(rng.uniform(0.04, 0.13) / 255)), random_colour(rng))


def draw_artwork(style: Style, palette: Palette, rng: np.random.Generator) -> Pixels:
    """Artwork of the style, FACE_WIDTH x FACE_HEIGHT pixels."""
    drawn = pick(style.artworks, rng)(*ARTWORK_SIZE, palette, rng)
    return np.asarray(cv2.resize(drawn, (FACE_WIDTH, FACE_HEIGHT), interpolation=cv2.INTER_CUBIC), dtype=np.uint8)


def _draw_marks(pen: Pen, form: CardForm, colour: Colour, rng: np.random.Generator) -> None:
    height, width = pen.pixels.shape[:2]
    if "chip" in form.marks:
        x, y = float(rng.uniform(0.06, 0.12)), float(rng.uniform(0.3, 0.42))
        pen.fill(x, y, x + 0.14, y + 0.17, _GOLD)
        for line in (0.05, 0.09):
            pen.fill(x + line, y, x + line + 0.004, y + 0.17, scale_colour(_GOLD, 0.7))
        pen.fill(x, y + 0.08, x + 0.14, y + 0.086, scale_colour(_GOLD, 0.7))
    if "logo" in form.marks:
        middle = (round(width * pick((0.08, 0.9), rng)), round(height * pick((0.12, 0.86), rng)))
        axes = (round(width * 0.045), round(height * float(rng.uniform(0.04, 0.08))))
        cv2.ellipse(pen.pixels, middle, axes, 0, 0, 360, random_colour(rng), -1, cv2.LINE_AA)
        cv2.circle(pen.pixels, middle, round(height * 0.03), random_colour(rng), -1, cv2.LINE_AA)
    if "barcode" in form.marks:
        bars = np.repeat(rng.integers(0, 2, 70, dtype=np.uint8) * 220 + 20, 4)[np.newaxis, :, np.newaxis]
        pen.place(pick((0.05, 0.33, 0.6), rng), 0.86, np.tile(bars, (round(height * 0.09), 1, 3)))
    if "matrix" in form.marks:
        cells = rng.integers(0, 2, (21, 21), dtype=np.uint8) * 235 + 10
        size = round(height * float(rng.uniform(0.2, 0.35)))
        grid = np.asarray(cv2.resize(cells, (size, size), interpolation=cv2.INTER_NEAREST), dtype=np.uint8)
        pen.place(float(rng.uniform(0.45, 0.7)), 0.98 - size / height, np.repeat(grid[:, :, np.newaxis], 3, axis=2))
    if "signature" in form.marks:
        ink = np.zeros((height, width), dtype=np.float32)
        x, y = round(width * float(rng.uniform(0.3, 0.6))), round(height * 0.84)
        ink[y : y + 70, x : x + 200] = draw_signature(200, 70, rng)[: height - y]
        print_ink(pen.pixels, ink, colour)


def _text_column(photo: Box | None) -> float:
    """Where the rows begin: right of a portrait that stands at the left."""
    return 0.05 if photo is None or photo[0] > 0.4 else photo[2] + 0.04


def draw_other_card(style: Style, rng: np.random.Generator) -> Pixels:
    """The face of an invented card of FACE_WIDTH x FACE_HEIGHT pixels."""
    form, palette = pick(style.forms, rng), any_palette(rng)
    pixels = draw_artwork(style, palette, rng)
    pen, typeface = Pen(pixels), pick(style.typefaces, rng)
    colour, title_colour = text_colour(palette.paper), text_colour(palette.paper)
    if "band" in form.marks:
        band = random_colour(rng)
        pen.fill(0, 0, 1, float(rng.uniform(0.16, 0.26)), band)
        title_colour = text_colour(band)
    if "stripe" in form.marks:
        y = float(rng.uniform(0.3, 0.7))
        pen.fill(0, y, 1, y + float(rng.uniform(0.08, 0.25)), random_colour(rng))
    y, cap = 0.11, float(rng.uniform(0.035, 0.055)) * (2.0 if not form.labels else 1.0)
    title_x, anchor = (0.5, "ms") if form.centred or rng.random() < 0.3 else (0.14, "ls")
    for title in form.titles:
        pen.write(title_x, y, title, typeface.face(True), cap, title_colour, anchor)
        y += cap * 1.7
    photo = pick(form.photos, rng) if form.photos else None
    if photo is not None:
        size = (round((photo[2] - photo[0]) * FACE_WIDTH), round((photo[3] - photo[1]) * FACE_HEIGHT))
        pen.place(photo[0], photo[1], style.portrait(*size, rng))
    _write_rows(pen, form, photo, style, colour, rng)
    _draw_marks(pen, form, colour, rng)
    draw_specimen(pixels, typeface.face(True), rng)
    return pixels


def _write_rows(
    pen: Pen, form: CardForm, photo: Box | None, style: Style, colour: Colour, rng: np.random.Generator
) -> None:
    typeface = pick(style.typefaces, rng)
    x, y = _text_column(photo), float(rng.uniform(0.28, 0.36))
    cap, pitch = float(rng.uniform(0.024, 0.032)), float(rng.uniform(0.055, 0.085))
    bold = bool(rng.random() < 0.4)
    if form.number is not None:
        number_y = y if form.labels else float(rng.uniform(0.62, 0.72))
        face = pick((*style.nik_faces, typeface.face(True), style.mono), rng)
        number_cap = cap * 1.4 if form.labels else 0.065
        pen.write(x + 0.02, number_y, digits(form.number, rng), face, number_cap, colour)
        y += pitch * 1.3
    if not form.labels:
        name = random_name(bool(rng.random() < 0.5), rng).printed[:24]
        pen.write(0.07, 0.9, name, typeface.face(bold), 0.042, colour)
        return
    value_x = x + float(rng.uniform(0.16, 0.24))
    for label in form.labels:
        pen.write(x, y, label, typeface.face(False), cap, colour)
        value = random_value(rng)[: 20 if photo is not None else 34]
        value = value.title() if rng.random() < 0.15 else value
        pen.write(value_x if label else x, y, f": {value}" if label else value, typeface.face(bold), cap, colour)
        y += pitch


def draw_blank_card(style: Style, rng: np.random.Generator) -> Pixels:
    """A card without print for anybody: plain, with a stripe, or with artwork in a KTP's or any colours."""
    kind = rng.random()
    if kind < 0.35:
        pixels = np.empty((FACE_HEIGHT, FACE_WIDTH, 3), dtype=np.uint8)
        pixels[:] = random_colour(rng) if rng.random() < 0.6 else ktp_palette(style.ktp_hue, rng).paper
    else:
        palette: Palette = ktp_palette(style.ktp_hue, rng) if kind < 0.75 else any_palette(rng)
        pixels = draw_artwork(style, palette, rng)
    if rng.random() < 0.15:
        y = float(rng.uniform(0.08, 0.15))
        Pen(pixels).fill(0, y, 1, y + 0.2, (28, 26, 26))
    return pixels
