"""What the lines of a card's table say → a reading of each field, each field read as what it can hold."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from worker.ktp.layout import FIELD_ROWS, Row
from worker.pipeline.birth_place import read_birth_place
from worker.pipeline.characters import decode
from worker.pipeline.fields import PLAIN_DATE, read_city, read_letters, read_rtrw, read_text
from worker.pipeline.identity import LEAST_SHOWN, read_identity
from worker.pipeline.listed import read_listed
from worker.pipeline.names import restore_blanks
from worker.pipeline.readings import (
    NOTHING,
    FieldReading,
    is_sure,
    join_strips,
    measure_change,
    measure_span,
    measure_texts,
    split_strip,
)
from worker.pipeline.region_reading import read_regions
from worker.pipeline.search import likeliest_texts
from worker.pipeline.strips import gender_share
from worker.pipeline.table import CardTable
from worker.pipeline.types import ExtraFields, StripText
from worker.pipeline.usage import weigh_address, weigh_name, weigh_rtrw
from worker.pipeline.validate import RTRW
from worker.pipeline.wording import choose_words

_DIGITS, _RTRW = "0123456789", "0123456789/-"
_BLOOD = re.compile(r"^\W*(AB|A|B|O)\s*([+-]?)|^\W*(-)")
_FOR_LIFE = "SEUMUR HIDUP"
_ROWS = FIELD_ROWS | {"birth_place": Row.BIRTH, "birth_date": Row.BIRTH, "gender": Row.GENDER}


@dataclass(frozen=True)
class CardReadings:
    """A reading of each field of KtpFields by its name, and what else the card shows."""

    fields: dict[str, FieldReading]
    extra: ExtraFields


def decipher(table: CardTable) -> CardReadings:
    """Read the fields off the table; what cannot be made out has no value."""
    text = {row: join_strips(line.text for line in lines) for row, lines in table.rows.items()}
    in_row = table.rows[Row.GENDER][0]
    text[Row.GENDER], beside = split_strip(in_row.text, gender_share(in_row, table.rows[Row.NIK][0]))
    gender = read_listed(text[Row.GENDER], "gender", closed=True)
    province, city = (line.text for line in table.header)
    digits = decode(text[Row.NIK].log_probabilities, _DIGITS).text
    regions = read_regions(province, city, text[Row.DISTRICT], text[Row.VILLAGE], digits if len(digits) == 16 else None)
    identity = read_identity(text[Row.NIK], text[Row.BIRTH], gender, regions.city_code)
    fields = {
        "identity_id": identity.number,
        "full_name": _read_name(text[Row.NAME]),
        "birth_place": read_birth_place(text[Row.BIRTH]),
        "birth_date": identity.birth_date,
        "gender": gender,
        "address": _read_address(text[Row.ADDRESS]),
        **regions.fields,
        "rtrw": _read_rtrw(text[Row.RTRW]),
        "religion": read_listed(text[Row.RELIGION], "religion", closed=True),
        "marital_status": read_listed(text[Row.MARITAL_STATUS], "maritalStatus", closed=True),
        "occupation": read_listed(text[Row.OCCUPATION], "occupation", closed=False),
        "nationality": _unless_digits(read_listed(text[Row.NATIONALITY], "nationality", closed=False)),
    }
    strips = {name: text[row] for name, row in _ROWS.items()} | {"province": province, "city": city}
    fields = {name: replace(reading, strip=strips[name]) for name, reading in fields.items()}
    return CardReadings(fields, _read_extra(table, text[Row.VALID_UNTIL].text, beside.text))


def _read(strip: StripText, value: str | None) -> FieldReading:
    return FieldReading(value, measure_change(strip, value)) if value else NOTHING


def _unless_digits(reading: FieldReading) -> FieldReading:
    """The reading, or none where it has digits: there is no country of that name."""
    return NOTHING if reading.value and any(mark.isdigit() for mark in reading.value) else reading


def _read_name(strip: StripText) -> FieldReading:
    name = read_letters((choose_words(strip, weigh_name, letters=True),))
    return _read(strip, name and restore_blanks(name, strip))


def _read_address(strip: StripText) -> FieldReading:
    return _read(strip, read_text((choose_words(strip, weigh_address, letters=False),)))


def _read_rtrw(strip: StripText) -> FieldReading:
    """RT/RW: of what the strip can say in digits, slash and dash, and of what is usual, the likeliest of its form."""
    if not strip.text:
        return NOTHING
    if "/" in strip.text and RTRW.fullmatch(strip.text) and is_sure(strip):
        return FieldReading(strip.text, measure_span(strip), known=True)
    found = likeliest_texts(strip.log_probabilities, _RTRW)
    formed = [text for text, _ in found if "/" in text and RTRW.fullmatch(text)]
    shown = [each for each in zip(measure_texts(strip, formed), formed, strict=True) if each[0] > LEAST_SHOWN]
    if shown:
        likely, value = max(shown, key=lambda each: each[0] + weigh_rtrw(each[1]))
        return FieldReading(value, likely, known=True)
    forced = decode(strip.log_probabilities, _RTRW)
    repaired = read_rtrw((forced.text,))
    return FieldReading(repaired, measure_span(forced)) if repaired else NOTHING


def _read_extra(table: CardTable, valid_until: str, beside_gender: str) -> ExtraFields:
    """Blood type, validity, and city and date of issue."""
    blood = _BLOOD.match(beside_gender.rsplit(":", 1)[-1].strip()) if ":" in beside_gender else None
    place, date = (line.text.text for line in table.issue)
    return ExtraFields(
        blood_type="".join(part for part in blood.groups() if part) if blood else None,
        valid_until=_FOR_LIFE if valid_until.replace(" ", "") == _FOR_LIFE.replace(" ", "") else _read_day(valid_until),
        issued_place=(text := read_letters((place,))) and read_city(text),
        issued_date=_read_day(date),
    )


def _read_day(text: str) -> str | None:
    """The date that `text` ends with, as dd-mm-yyyy."""
    found = PLAIN_DATE.search(text)
    return found[0] if found else None
