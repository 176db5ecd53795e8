"""Engines without a model: one fictional card is seen in every image, so that tests of the service need no OCR.

The image is taken for a card that fills it (or the largest piece of a card's proportions in its middle). Each line has
proportions of its own, by which `recognize` knows its crop again, whatever the pipeline did in between. Images with a
side below MIN_SIDE show no text, so that `text_not_found` can be had as well.
"""

from __future__ import annotations

import numpy as np

from worker.ktp.layout import CARD_RATIO, CITY_Y, HEADER_X, PROVINCE_Y, ROW_PITCH, ROW_Y, Row, label_x
from worker.pipeline.geometry import frame_quad
from worker.pipeline.lines import MARGIN
from worker.pipeline.types import FoundCard, Pixels, Quad, RecognizedText

MIN_SIDE = 64
SCORE = 0.99

CARD: tuple[tuple[Row | None, str], ...] = (
    (None, "PROVINSI JAWA BARAT"),
    (None, "KOTA BANDUNG"),
    (Row.NIK, "NIK : 3273014507900003"),
    (Row.NAME, "Nama : SPESIMEN PERTAMA"),
    (Row.BIRTH, "Tempat/Tgl Lahir : BANDUNG, 05-07-1990"),
    (Row.GENDER, "Jenis Kelamin : PEREMPUAN"),
    (Row.ADDRESS, "Alamat : JL. CONTOH NO. 1"),
    (Row.RTRW, "RT/RW : 001/002"),
    (Row.VILLAGE, "Kel/Desa : SUKARASA"),
    (Row.DISTRICT, "Kecamatan : SUKASARI"),
    (Row.RELIGION, "Agama : ISLAM"),
    (Row.MARITAL_STATUS, "Status Perkawinan : BELUM KAWIN"),
    (Row.OCCUPATION, "Pekerjaan : KARYAWAN SWASTA"),
    (Row.NATIONALITY, "Kewarganegaraan : WNI"),
    (Row.VALID_UNTIL, "Berlaku Hingga : SEUMUR HIDUP"),
)
"""What is read, line by line; the two of the header have no row."""

LEAST_ASPECT, ASPECT_STEP = 4.0, 1.08
"""Width by height of the first line, and the factor from each to the next: the last one is 12 times as wide as high."""


class NullCards:
    """Sees no card; the labels of NullText show where it is."""

    def find(self, pixels: Pixels) -> FoundCard:
        """The whole image, with no probability at all."""
        return FoundCard(frame_quad(pixels.shape[1], pixels.shape[0]), ktp=0.0, document=0.0)


class NullText:
    """The lines of CARD in any image that is large enough."""

    def find_text(self, pixels: Pixels) -> list[Quad]:
        """One quad for each line of CARD, in the layout's places; none in an image with a side below MIN_SIDE."""
        height, width = pixels.shape[:2]
        if min(height, width) < MIN_SIDE:
            return []
        card_width = min(width, height * CARD_RATIO)
        card_height = card_width / CARD_RATIO
        left, top = (width - card_width) / 2, (height - card_height) / 2
        tall = 0.6 * ROW_PITCH * card_height
        quads = []
        for index, (row, _) in enumerate(CARD):
            wide = tall * aspect_of(index)
            v = ROW_Y[row] if row else (PROVINCE_Y, CITY_Y)[index]
            x = left + (card_width * label_x(row) if row else card_width * HEADER_X - wide / 2)
            y = top + card_height * v - tall / 2
            quads.append(np.array([[x, y], [x + wide, y], [x + wide, y + tall], [x, y + tall]]))
        return quads

    def recognize(self, crops: list[Pixels]) -> list[RecognizedText]:
        """The line of CARD that has the proportions of each crop; no text for a crop that has those of none."""
        texts = []
        for crop in crops:
            aspect = crop.shape[1] / crop.shape[0] * (1 + 2 * MARGIN)
            number = round(float(np.log(aspect / LEAST_ASPECT) / np.log(ASPECT_STEP)))
            known = 0 <= number < len(CARD)
            texts.append(RecognizedText(CARD[number][1], SCORE) if known else RecognizedText("", 0.0))
        return texts


def aspect_of(index: int) -> float:
    """Width by height of line `index` of CARD."""
    return float(LEAST_ASPECT * ASPECT_STEP**index)
