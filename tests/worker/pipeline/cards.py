"""A card's text lines, made by hand: what the recognizer would give for a rectified page of 1600 x 1009 pixels."""

import numpy as np

from worker.ktp.layout import CITY_Y, HEADER_X, NIK_COLON_X, PROVINCE_Y, ROW_PITCH, ROW_Y, VALUE_X, Row, label_x
from worker.pipeline.parse import parse_lines
from worker.pipeline.types import KtpFields, Page, TextLine

WIDTH, HEIGHT = 1600, 1009
PAGE = Page(np.full((HEIGHT, WIDTH, 3), 200, dtype=np.uint8), np.eye(3))
"""A page without ink: its lines are made by hand."""

LETTER = 0.0115
TALL = 0.034

VALUES = {
    Row.NIK: "3273014507900003",
    Row.NAME: "SITI AMINAH",
    Row.BIRTH: "BANDUNG, 05-07-1990",
    Row.GENDER: "PEREMPUAN",
    Row.ADDRESS: "JL. CONTOH NO. 1",
    Row.RTRW: "001/002",
    Row.VILLAGE: "SUKARASA",
    Row.DISTRICT: "SUKASARI",
    Row.RELIGION: "ISLAM",
    Row.MARITAL_STATUS: "BELUM KAWIN",
    Row.OCCUPATION: "KARYAWAN SWASTA",
    Row.NATIONALITY: "WNI",
    Row.VALID_UNTIL: "SEUMUR HIDUP",
}


def line_at(text, u, v, score=0.99, width=None):
    """A line whose left end is at `u` and whose middle is at height `v`, in fractions of the card."""
    left, right = u * WIDTH, (u + (width or LETTER * len(text))) * WIDTH
    top, bottom = (v - TALL / 2) * HEIGHT, (v + TALL / 2) * HEIGHT
    return TextLine(text, score, np.array([[left, top], [right, top], [right, bottom], [left, bottom]]))


def header(province="PROVINSI JAWA BARAT", city="KOTA BANDUNG"):
    return [
        line_at(text, HEADER_X - LETTER * len(text) / 2, v)
        for text, v in ((province, PROVINCE_Y), (city, CITY_Y))
        if text
    ]


def row_lines(row, value, v, glue=None):
    """Label and value of a row in boxes of their own, or in one box with `glue` between them."""
    if glue is not None:
        return [line_at(f"{row.value}{glue}{value}", label_x(row), v, width=0.45)]
    start = NIK_COLON_X if row is Row.NIK else VALUE_X
    return [line_at(row.value, label_x(row), v), *([line_at(value, start, v)] if value else [])]


def card_lines(changes=None, *, folds=None, pitch=1.0, glue=None, without_labels=(), extra=()):
    """All lines of a card. `changes`: row → value (None: nothing printed); `folds`: row → further printed lines, which
    push the rows below down; `pitch` stretches the rows; `without_labels`: rows whose label cannot be read."""
    lines, shift = header(), 0.0
    for row, usual in ROW_Y.items():
        v = ROW_Y[Row.NIK] + (usual - ROW_Y[Row.NIK]) * pitch + shift
        value = (VALUES | (changes or {}))[row]
        made = row_lines(row, value or "", v, glue)
        lines += made[1:] if row in without_labels else made
        for text in (folds or {}).get(row, ()):
            shift += ROW_PITCH * pitch
            lines.append(line_at(text, VALUE_X, v + ROW_PITCH * pitch))
            v += ROW_PITCH * pitch
    return (*lines, *extra)


def transformed(lines, matrix):
    """The lines through a homography of the page."""
    result = []
    for line in lines:
        mapped = np.column_stack([line.quad, np.ones(4)]) @ np.asarray(matrix, dtype=float).T
        result.append(TextLine(line.text, line.score, mapped[:, :2] / mapped[:, 2:]))
    return tuple(result)


def parse_fields(lines, frame):
    """The values alone of what is read from `lines`."""
    return KtpFields(**{name: reading.value for name, reading in parse_lines(lines, frame).items()})
