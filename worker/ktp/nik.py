"""The NIK: 16 digits, PPKKCC DDMMYY SSSS; its repair after OCR and the arithmetic of its birth date."""

from __future__ import annotations

import re
from datetime import date

LENGTH = 16
FEMALE_DAY_OFFSET = 40

DIGIT_FOR = str.maketrans(
    {
        **dict.fromkeys("OoQDUu", "0"),
        **dict.fromkeys("IilL|!Jjt[]", "1"),
        **dict.fromkeys("Zz", "2"),
        **dict.fromkeys("Ee", "3"),
        **dict.fromkeys("Ahy", "4"),
        **dict.fromkeys("Ss", "5"),
        **dict.fromkeys("Gb", "6"),
        **dict.fromkeys("T?/", "7"),
        **dict.fromkeys("B&", "8"),
        **dict.fromkeys("gq", "9"),
    }
)
"""What a recognizer reads in the place of a digit; only for fields that hold nothing but digits."""


def repair_digits(text: str) -> str:
    """The digits of `text`, look-alike letters turned to digits, all else dropped."""
    return re.sub(r"\D", "", text.translate(DIGIT_FOR))


def read_nik(text: str) -> str | None:
    """The 16 digits of a NIK in `text` as recognized, or None if they cannot be made out.

    A colon that was read as a digit stands before them; of several runs of 16 the first with a possible date counts.
    """
    digits = repair_digits(re.sub(r"^[\s:;.,'`\-]+", "", text))
    runs = [digits[start : start + LENGTH] for start in range(len(digits) - LENGTH, -1, -1)]
    if not runs or len(digits) > LENGTH + 2:
        return None
    dated = [run for run in runs if has_birth_date(run)]
    return (dated or runs)[0]


def has_birth_date(nik: str) -> bool:
    """Whether digits 7 to 12 of `nik` can be a birth date, of this century or the last; women's days are 41 to 71."""
    day, month, year = int(nik[6:8]), int(nik[8:10]), int(nik[10:12])
    if day > FEMALE_DAY_OFFSET:
        day -= FEMALE_DAY_OFFSET
    return any(_is_date(day, month, century + year) for century in (1900, 2000))


def holds_date(nik: str, printed: str) -> bool:
    """Whether the birth date within `nik` is the `printed` one, dd-mm-yyyy."""
    day = int(nik[6:8]) % FEMALE_DAY_OFFSET
    return f"{day:02d}-{nik[8:10]}-{nik[10:12]}" == f"{printed[:6]}{printed[8:]}"


def _is_date(day: int, month: int, year: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True
