"""Sheets that are no KTP: a blank card, a receipt, a page of a book and the card of a bank that does not exist."""

from __future__ import annotations

import cv2
import numpy as np
from PIL import Image, ImageDraw

from worker.training.artwork import draw_background
from worker.training.fonts import Face, load_font
from worker.training.layout import CARD_HEIGHT, CARD_WIDTH, CORNER_RADIUS
from worker.training.sheet import Sheet, rounded_alpha
from worker.training.style import CardStyle, Colour

_RECEIPT = (
    "      WARUNG CONTOH RASA",
    "    JL. PERCOBAAN NO. 123",
    "--------------------------------",
    "12/08/2023 14:07     KASIR: 02",
    "--------------------------------",
    "NASI GORENG AYAM  2 x  25.000",
    "                        50.000",
    "SATE KAMBING      1 x  40.000",
    "                        40.000",
    "ES TEH MANIS      3 x   6.000",
    "                        18.000",
    "KERUPUK           2 x   3.000",
    "                         6.000",
    "--------------------------------",
    "SUBTOTAL               114.000",
    "PAJAK 10%               11.400",
    "TOTAL                  125.400",
    "TUNAI                  150.000",
    "KEMBALI                 24.600",
    "--------------------------------",
    "  TERIMA KASIH ATAS KUNJUNGAN",
    "           ANDA",
)
_PAGE = (
    "Bab Tiga",
    "",
    "Hujan turun sejak pagi, dan jalan di depan",
    "rumah itu berubah menjadi sungai kecil. Anak-",
    "anak melipat perahu dari kertas bekas, lalu",
    "melepaskannya satu demi satu ke arah jembatan.",
    "Tidak ada yang tahu ke mana perahu itu pergi,",
    "tetapi setiap sore mereka menunggu di tepi air,",
    "seolah-olah kapal sungguhan akan kembali",
    "membawa kabar dari laut yang jauh.",
    "",
    "Pak tua di warung hanya tersenyum. Ia menuang",
    "kopi, menutup jendela, dan mulai bercerita",
    "tentang musim hujan yang lain, ketika ia",
    "sendiri masih kecil dan sungai itu masih",
    "jernih sampai ke dasarnya.",
    "",
    "                       41",
)


def _paper(lines: tuple[str, ...], face: Face, em: int, width: int, colour: Colour) -> Sheet:
    """Lines of dark text on a sheet of paper `width` pixels wide and as tall as the text needs."""
    height = round(em * 1.35 * (len(lines) + 3))
    image = Image.new("RGB", (width, height), colour[::-1])
    canvas = ImageDraw.Draw(image)
    for index, line in enumerate(lines):
        place = (width * 0.09, em * 1.35 * (index + 2))
        canvas.text(place, line, fill=(42, 42, 46), font=load_font(face, em), anchor="ls")
    pixels = np.ascontiguousarray(np.asarray(image)[:, :, ::-1], dtype=np.uint8)
    return Sheet(pixels, rounded_alpha(width, height, 0))


def blank_card() -> Sheet:
    """A light plastic card without any print."""
    pixels = np.full((CARD_HEIGHT, CARD_WIDTH, 3), (236, 232, 226), dtype=np.uint8)
    return Sheet(pixels, rounded_alpha(CARD_WIDTH, CARD_HEIGHT, CORNER_RADIUS))


def receipt() -> Sheet:
    """The receipt of an invented food stall."""
    return _paper(_RECEIPT, Face.MONO, 40, 920, (238, 242, 244))


def book_page() -> Sheet:
    """A page of prose written for this purpose."""
    return _paper(_PAGE, Face.SERIF, 46, 1180, (216, 230, 238))


def bank_card(rng: np.random.Generator) -> Sheet:
    """The payment card of an invented bank, with a number that no bank issues."""
    blue, dark_blue = (120, 70, 40), (80, 40, 24)
    style = CardStyle(paper=blue, edge=dark_blue, wave=(160, 110, 70), islands=dark_blue, emblem_strength=0.0)
    ground = cv2.convertScaleAbs(draw_background(style, CARD_WIDTH, CARD_HEIGHT, rng))
    image = Image.fromarray(np.ascontiguousarray(ground[:, :, ::-1]))
    canvas = ImageDraw.Draw(image)
    light = (236, 236, 228)
    canvas.text((120, 170), "BANK CONTOH", fill=light, font=load_font(Face.SANS_BOLD, 92), anchor="ls")
    canvas.text((1480, 170), "DEBIT", fill=light, font=load_font(Face.SANS, 64), anchor="rs")
    canvas.rounded_rectangle((140, 320, 370, 490), radius=28, fill=(206, 182, 110))
    for x in (215, 295):
        canvas.line((x, 320, x, 490), fill=(150, 128, 66), width=5)
    canvas.line((140, 405, 370, 405), fill=(150, 128, 66), width=5)
    canvas.text((130, 670), "0000 1234 5678 0000", fill=light, font=load_font(Face.OCR_A, 90), anchor="ls")
    canvas.text((760, 770), "VALID THRU 00/00", fill=light, font=load_font(Face.SANS, 46), anchor="ls")
    canvas.text((130, 890), "NASABAH CONTOH", fill=light, font=load_font(Face.SANS_BOLD, 62), anchor="ls")
    pixels = np.ascontiguousarray(np.asarray(image)[:, :, ::-1], dtype=np.uint8)
    return Sheet(pixels, rounded_alpha(CARD_WIDTH, CARD_HEIGHT, CORNER_RADIUS))
