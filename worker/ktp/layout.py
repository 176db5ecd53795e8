"""Where things stand on a KTP: fractions of the card's width (u) and height (v), outer edge included.

Measured on two independent templates that agree within 0.006. The pitch of the rows varies from 0.044 to 0.049
between printings and the block of rows shifts: take these as a start and fit them to the labels that were found.
"""

from __future__ import annotations

from enum import Enum

CARD_RATIO = 85.60 / 53.98
"""Width by height of an ID-1 card."""

LABEL_X = 0.044
INDENTED_LABEL_X = 0.096
COLON_X = 0.259
NIK_COLON_X = 0.232
VALUE_X = 0.276
NIK_VALUE_X = 0.264
VALUE_MAX_X = 0.715
"""The photo and the issuing city and date stand to the right of this."""

BLOOD_LABEL_X = 0.495
HEADER_X = 0.50
PROVINCE_Y = 0.064
CITY_Y = 0.136
ROW_PITCH = 0.0455


class Row(Enum):
    """The labelled rows of the card, from top to bottom."""

    NIK = "NIK"
    NAME = "Nama"
    BIRTH = "Tempat/Tgl Lahir"
    GENDER = "Jenis Kelamin"
    ADDRESS = "Alamat"
    RTRW = "RT/RW"
    VILLAGE = "Kel/Desa"
    DISTRICT = "Kecamatan"
    RELIGION = "Agama"
    MARITAL_STATUS = "Status Perkawinan"
    OCCUPATION = "Pekerjaan"
    NATIONALITY = "Kewarganegaraan"
    VALID_UNTIL = "Berlaku Hingga"


ROW_Y: dict[Row, float] = {
    Row.NIK: 0.253,
    Row.NAME: 0.323,
    Row.BIRTH: 0.370,
    Row.GENDER: 0.414,
    Row.ADDRESS: 0.460,
    Row.RTRW: 0.504,
    Row.VILLAGE: 0.550,
    Row.DISTRICT: 0.595,
    Row.RELIGION: 0.643,
    Row.MARITAL_STATUS: 0.687,
    Row.OCCUPATION: 0.733,
    Row.NATIONALITY: 0.778,
    Row.VALID_UNTIL: 0.824,
}
"""Vertical centre of each row."""

FIELD_ROWS = {
    "identity_id": Row.NIK,
    "full_name": Row.NAME,
    "address": Row.ADDRESS,
    "rtrw": Row.RTRW,
    "village": Row.VILLAGE,
    "district": Row.DISTRICT,
    "religion": Row.RELIGION,
    "marital_status": Row.MARITAL_STATUS,
    "occupation": Row.OCCUPATION,
    "nationality": Row.NATIONALITY,
}
"""The fields that have all of a row to themselves."""

INDENTED_ROWS = frozenset({Row.RTRW, Row.VILLAGE, Row.DISTRICT})


def label_x(row: Row) -> float:
    """Left edge of the label of `row`."""
    return INDENTED_LABEL_X if row in INDENTED_ROWS else LABEL_X


def value_x(row: Row) -> float:
    """Left edge of the value of `row`."""
    return NIK_VALUE_X if row is Row.NIK else VALUE_X
