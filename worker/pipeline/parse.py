"""A page's lines, as text detection found and paddleocr read them → a reading of each field of the KTP they show."""

from __future__ import annotations

import math

from worker.ktp.layout import Row
from worker.ktp.nik import has_birth_date, read_nik
from worker.ktp.values import legal_values
from worker.pipeline.fields import (
    read_birth,
    read_closed,
    read_gender,
    read_header,
    read_letters,
    read_nationality,
    read_occupation,
    read_place,
    read_rtrw,
    read_text,
)
from worker.pipeline.frame import CardFrame
from worker.pipeline.readings import IMPOSSIBLE, NOTHING, FieldReading
from worker.pipeline.regions import LEVELS, RegionDoubts, RegionNames, correct_birth_place, correct_regions
from worker.pipeline.rows import collect_rows
from worker.pipeline.types import TextLine

_LISTED = {
    "gender": "gender",
    "religion": "religion",
    "marital_status": "maritalStatus",
    "occupation": "occupation",
    "nationality": "nationality",
}


def parse_lines(lines: tuple[TextLine, ...], frame: CardFrame) -> dict[str, FieldReading]:
    """Read the fields off `lines`, which `frame` places; what cannot be made out has no value.

    The recognizer's score is a mean over the characters of a line, so the probability of a value is its power.
    """
    text = collect_rows(lines, frame)
    nik = read_nik("".join(text.behind(Row.NIK)))
    birth_place, birth_date = read_birth(text.behind(Row.BIRTH))
    scores = {"province": text.header_score, "city": text.header_score}
    scores |= {"district": text.score(Row.DISTRICT), "village": text.score(Row.VILLAGE)}
    names = RegionNames(
        *read_header(text.header), read_place(text.behind(Row.DISTRICT)), read_place(text.behind(Row.VILLAGE))
    )
    regions = correct_regions(names, nik, RegionDoubts(*(1 - scores[level] for level in LEVELS)))
    values = {
        "identity_id": (nik, text.score(Row.NIK)),
        "full_name": (read_letters(text.behind(Row.NAME)), text.score(Row.NAME)),
        "birth_place": (correct_birth_place(birth_place, 1 - text.score(Row.BIRTH)), text.score(Row.BIRTH)),
        "birth_date": (birth_date, text.score(Row.BIRTH)),
        "gender": (read_gender(text.behind(Row.GENDER)), text.score(Row.GENDER)),
        "address": (read_text(text.behind(Row.ADDRESS)), text.score(Row.ADDRESS)),
        **{level: (getattr(regions.names, level), scores[level]) for level in LEVELS},
        "rtrw": (read_rtrw(text.behind(Row.RTRW)), text.score(Row.RTRW)),
        "religion": (read_closed(text.behind(Row.RELIGION), "religion"), text.score(Row.RELIGION)),
        "marital_status": (
            read_closed(text.behind(Row.MARITAL_STATUS), "maritalStatus"),
            text.score(Row.MARITAL_STATUS),
        ),
        "occupation": (read_occupation(text.behind(Row.OCCUPATION)), text.score(Row.OCCUPATION)),
        "nationality": (read_nationality(text.behind(Row.NATIONALITY)), text.score(Row.NATIONALITY)),
    }
    known = {name: value in legal_values(field) for name, field in _LISTED.items() if (value := values[name][0])}
    known |= {level: getattr(regions.supports, level) not in (None, "as_read") for level in LEVELS}
    known |= {"identity_id": nik is not None and has_birth_date(nik), "birth_date": True, "rtrw": True}
    return {name: _rate(*value, known.get(name, False)) for name, value in values.items()}


def _rate(value: str | None, score: float, known: bool) -> FieldReading:
    if value is None:
        return NOTHING
    return FieldReading(value, max(IMPOSSIBLE, len(value) * math.log(max(score, 1e-6))), known)
