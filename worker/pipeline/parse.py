"""A page's lines → the 15 fields of the KTP that they show."""

from __future__ import annotations

from worker.ktp.layout import Row
from worker.ktp.nik import read_nik
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
from worker.pipeline.rows import collect_rows
from worker.pipeline.types import KtpFields, TextLine


def parse_fields(lines: tuple[TextLine, ...], frame: CardFrame) -> KtpFields:
    """Read the fields off `lines`, which `frame` was fitted to; what cannot be made out is None."""
    text = collect_rows(lines, frame)
    province, city = read_header(text.header)
    birth_place, birth_date = read_birth(text.behind(Row.BIRTH))
    return KtpFields(
        identity_id=read_nik("".join(text.behind(Row.NIK))),
        full_name=read_letters(text.behind(Row.NAME)),
        birth_place=birth_place,
        birth_date=birth_date,
        gender=read_gender(text.behind(Row.GENDER)),
        address=read_text(text.behind(Row.ADDRESS)),
        province=province,
        city=city,
        district=read_place(text.behind(Row.DISTRICT)),
        village=read_place(text.behind(Row.VILLAGE)),
        rtrw=read_rtrw(text.behind(Row.RTRW)),
        religion=read_closed(text.behind(Row.RELIGION), "religion"),
        marital_status=read_closed(text.behind(Row.MARITAL_STATUS), "maritalStatus"),
        occupation=read_occupation(text.behind(Row.OCCUPATION)),
        nationality=read_nationality(text.behind(Row.NATIONALITY)),
    )
