"""Draws sheets of paper and the like: receipts, pages, forms and letters, and the screen of a phone."""

from __future__ import annotations

import numpy as np

from worker.pipeline.types import Pixels
from worker.training.addresses import random_address
from worker.training.names import pick, random_name
from worker.training.scenes.cards import digits
from worker.training.scenes.palette import text_colour
from worker.training.scenes.pen import Pen
from worker.training.scenes.styles import Style
from worker.training.scenes.texture import hsv, random_colour
from worker.training.style import Colour

_INK: Colour = (44, 40, 40)
_WORDS = (
    *("dan", "yang", "di", "pagi", "hujan", "jalan", "sungai", "rumah", "anak", "perahu", "kertas", "tidak", "jauh"),
    *("setiap", "sore", "mereka", "menunggu", "tepi", "laut", "membawa", "kabar", "kopi", "jendela", "bercerita"),
    *("tentang", "musim", "masih", "kecil", "sampai", "dasarnya", "surat", "keterangan", "dengan", "ini", "bahwa"),
)
_GOODS = ("NASI GORENG", "SATE AYAM", "ES TEH MANIS", "KERUPUK", "SABUN MANDI", "BERAS 5KG", "GULA PASIR", "KOPI SUSU")
_HEADINGS = ("FORMULIR PENDAFTARAN", "SURAT KETERANGAN", "BUKTI PEMBAYARAN", "DATA PELANGGAN", "LAPORAN BULANAN")
_LABELS = ("Nama Lengkap", "Alamat", "Tempat/Tgl Lahir", "Nomor Telepon", "Pekerjaan", "Agama", "Jumlah", "Keterangan")


def _sheet(width: int, height: int, rng: np.random.Generator) -> Pixels:
    pixels = np.empty((height, width, 3), dtype=np.uint8)
    pixels[:] = hsv(float(rng.uniform(0.08, 0.6)), float(rng.beta(1, 8)), float(rng.uniform(0.82, 1.0)))
    return pixels


def _sentence(count: int, rng: np.random.Generator) -> str:
    return " ".join(pick(_WORDS, rng) for _ in range(count))


def draw_receipt(style: Style, rng: np.random.Generator) -> Pixels:
    """A till's receipt."""
    lines = int(rng.integers(12, 30))
    height = 36 * (lines + 4)
    pixels = _sheet(520, height, rng)
    pen, cap = Pen(pixels), 15 / height
    pen.write(0.5, 50 / height, f"WARUNG {pick(_GOODS, rng)}", style.mono, cap * 1.3, _INK, "ms")
    for line in range(1, lines):
        y = (60 + 36 * line) / height
        if rng.random() < 0.12:
            pen.write(0.05, y, "-" * 30, style.mono, cap, _INK)
            continue
        pen.write(0.05, y, pick(_GOODS, rng), style.mono, cap, _INK)
        pen.write(0.95, y, digits("##.###", rng), style.mono, cap, _INK, "rs")
    return pixels


def draw_page(style: Style, rng: np.random.Generator) -> Pixels:
    """A page of a book or a letter."""
    lines, face = int(rng.integers(14, 34)), pick((style.serif, pick(style.typefaces, rng).face(False)), rng)
    height = 1000
    pixels = _sheet(int(rng.integers(640, 1300)), height, rng)
    pen, pitch = Pen(pixels), 0.86 / lines
    for line in range(lines):
        if rng.random() < 0.12:
            continue
        text = _sentence(int(pixels.shape[1] / (pitch * height) / 2.4) + 1, rng)
        pen.write(
            0.08, 0.09 + line * pitch, text[: int(pixels.shape[1] / (pitch * height) * 1.9)], face, pitch * 0.4, _INK
        )
    return pixels


def draw_form(style: Style, rng: np.random.Generator) -> Pixels:
    """A form with labels, colons and values, like a KTP's table but on paper; at times with a portrait pinned on."""
    standing = rng.random() < 0.6
    width, height = (720, 1000) if standing else (1200, 800)
    pixels = _sheet(width, height, rng)
    pen, typeface = Pen(pixels), pick(style.typefaces, rng)
    pen.write(0.5, 0.08, pick(_HEADINGS, rng), typeface.face(True), 0.022, _INK, "ms")
    y, pitch, cap = 0.17, float(rng.uniform(0.035, 0.06)), float(rng.uniform(0.011, 0.016))
    ruled = rng.random() < 0.5
    while y < 0.9:
        if rng.random() < 0.08:
            y += pitch
        pen.write(0.07, y, pick(_LABELS, rng), typeface.face(False), cap, _INK)
        value = random_name(True, rng).printed if rng.random() < 0.5 else random_address("", rng)
        pen.write(0.32, y, f": {value[:36]}", typeface.face(False), cap, _INK)
        if ruled:
            pen.fill(0.06, y + pitch * 0.25, 0.94, y + pitch * 0.25 + 0.002, (150, 150, 150))
        y += pitch
    if rng.random() < 0.35:
        pen.place(0.76, 0.12, style.portrait(round(width * 0.17), round(height * 0.16), rng))
    return pixels


def draw_phone(style: Style, rng: np.random.Generator) -> Pixels:
    """A phone with an app on its screen."""
    pixels = np.empty((1000, 480, 3), dtype=np.uint8)
    pixels[:] = pick(((20, 20, 22), (230, 230, 232), random_colour(rng)), rng)
    pen, typeface, ground = Pen(pixels), pick(style.typefaces, rng), random_colour(rng)
    pen.fill(0.03, 0.03, 0.97, 0.97, ground)
    pen.fill(0.03, 0.03, 0.97, 0.12, random_colour(rng))
    ink = text_colour(ground)
    y = 0.16
    while y < 0.86:
        tall = float(rng.uniform(0.04, 0.14))
        block = random_colour(rng)
        kind = rng.random()
        if kind < 0.6:
            pen.fill(0.07, y, float(rng.uniform(0.5, 0.93)), y + tall, block)
            pen.write(0.1, y + tall * 0.6, _sentence(3, rng), typeface.face(False), 0.013, text_colour(block))
        elif kind < 0.85:
            pen.write(0.08, y + 0.02, _sentence(4, rng), typeface.face(False), 0.014, ink)
        else:
            pen.place(0.08, y, style.portrait(60, 60, rng))
        y += tall + 0.02
    return pixels
