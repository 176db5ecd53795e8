"""The stage that says what is right and wrong in the format of the fields; it changes none of them.

An error is something that no genuine card prints, so it was misread or the card is not genuine. A warning is
something that exists on genuine cards: a NIK is never reissued, even where it disagrees with the printed birth date.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from worker.ktp.nik import FEMALE_DAY_OFFSET, LENGTH, has_birth_date
from worker.ktp.region_codes import region_today, status_of
from worker.ktp.values import legal_values
from worker.pipeline.regions import RegionNames, compare_codes, correct_regions
from worker.pipeline.types import Issue, KtpFields, Validation

RTRW = re.compile(r"\d{1,3}/(\d{1,3}|-)|-")
FEMALE = ("PEREMPUAN", "FEMALE")
MALE = ("LAKI-LAKI", "MALE")


def validate_fields(fields: KtpFields) -> Validation:
    """Check each field by itself, and the NIK against what it encodes of the others."""
    found = {
        "identity_id": tuple(_check_nik(fields)),
        "full_name": tuple(_check_present(fields.full_name)),
        "birth_place": tuple(_check_present(fields.birth_place)),
        "birth_date": tuple(_check_birth_date(fields.birth_date)),
        "gender": tuple(_check_wording(fields.gender, "gender")),
        "address": tuple(_check_present(fields.address)),
        "province": tuple(_check_present(fields.province)),
        "city": tuple(_check_present(fields.city)),
        "district": tuple(_check_present(fields.district)),
        "village": tuple(_check_present(fields.village)),
        "rtrw": tuple(_check_rtrw(fields.rtrw)),
        "religion": tuple(_check_wording(fields.religion, "religion")),
        "marital_status": tuple(_check_wording(fields.marital_status, "maritalStatus")),
        "occupation": tuple(_check_wording(fields.occupation, "occupation")),
        "nationality": tuple(_check_present(fields.nationality)),
    }
    return Validation({name: issues for name, issues in found.items() if issues})


def parse_date(text: str) -> date | None:
    """The date that `text` is, as dd-mm-yyyy; None if it is none."""
    matched = re.fullmatch(r"(\d{2})-(\d{2})-(\d{4})", text, re.ASCII)
    try:
        return date(int(matched[3]), int(matched[2]), int(matched[1])) if matched else None
    except ValueError:
        return None


def _error(code: str, message: str) -> Issue:
    return Issue(code, "error", message)


def _warning(code: str, message: str) -> Issue:
    return Issue(code, "warning", message)


def _check_present(value: str | None) -> Iterator[Issue]:
    if value is None:
        yield _warning("missing", "The field is not printed or could not be read.")


def _check_nik(fields: KtpFields) -> Iterator[Issue]:
    nik = fields.identity_id
    if nik is None:
        yield from _check_present(nik)
        return
    if not re.fullmatch(rf"\d{{{LENGTH}}}", nik, re.ASCII):
        yield _error("not_16_digits", "A NIK has 16 digits.")
        return
    if not has_birth_date(nik):
        yield _error("impossible_date", "Digits 7 to 12 are no possible birth date (day of a woman plus 40).")
    if nik.endswith("0000"):
        yield _error("serial_zero", "The last four digits count from 0001.")
    printed = parse_date(fields.birth_date or "")
    day = int(nik[6:8])
    if printed and (day % FEMALE_DAY_OFFSET, nik[8:12]) != (printed.day % FEMALE_DAY_OFFSET, f"{printed:%m%y}"):
        yield _warning("birth_date_differs", "The birth date in the NIK is not the printed one.")
    is_female = day > FEMALE_DAY_OFFSET
    if (fields.gender in FEMALE and not is_female) or (fields.gender in MALE and is_female):
        yield _warning("gender_differs", "The gender in the NIK is not the printed one.")
    # A number that is no NIK was not given out by any region.
    if has_birth_date(nik):
        yield from _check_region(fields, nik[:6])


def _check_region(fields: KtpFields, code: str) -> Iterator[Issue]:
    """The region in which the NIK was given out; codes that were in use once are as good as those of today.

    A district that is not known in a known city gets a code of its own, as it says less: districts are divided every
    year, and of those that left a city with its highest numbers no trace is on the list.
    """
    if status_of(code[:4]) is None:
        yield _warning("unknown_region", "The first four digits are the code of no city or regency, present or past.")
        return
    if status_of(code) is None:
        yield _warning("unknown_district", "Digits 5 and 6 are the code of no known district of that city or regency.")
    printed = correct_regions(RegionNames(fields.province, fields.city, fields.district, fields.village), None)
    if not {printed.supports.province, printed.supports.city} & {"listed", "repaired"}:
        return
    registered = region_today(code)
    agreement = compare_codes(registered, printed.code)
    is_other_city = agreement == "same_province" and len(registered or "") >= 4 and len(printed.code or "") >= 4
    if agreement == "differ" or is_other_city:
        yield _warning("region_differs", "The NIK was given out in another city or regency than the printed one.")


def _check_birth_date(value: str | None) -> Iterator[Issue]:
    yield from _check_present(value)
    if value is not None and parse_date(value) is None:
        yield _error("malformed_date", "The date is not a possible dd-mm-yyyy.")


def _check_rtrw(value: str | None) -> Iterator[Issue]:
    yield from _check_present(value)
    if value is not None and not RTRW.fullmatch(value):
        yield _error("malformed_rtrw", "RT/RW is two numbers of up to three digits with a slash between them.")


def _check_wording(value: str | None, field: str) -> Iterator[Issue]:
    yield from _check_present(value)
    if value is not None and value not in legal_values(field):
        yield _error("not_in_list", "The value is not among the legal wordings of this field.")
