"""What it costs to have misread a name as another, and how much of that a reading may have.

A wrong, missing or added character costs 1, one for its look-alike less. Two that look like one count as one. What
tells spellings of a name apart costs more: PULO BRAYAN and PULO BERAYAN, PERIGI and PARIGI.
"""

from __future__ import annotations

import re

from worker.ktp.nik import DIGIT_FOR
from worker.ktp.values import LOOK_ALIKE_COST, LOOK_ALIKES

PAIRS = frozenset((one, other) for group in LOOK_ALIKES for one in group for other in group) - {("P", "F"), ("F", "P")}
"""Look-alikes of each other, both ways. P and F are not: PAJAR and FAJAR are two spellings of the same word."""

MERGED = {"RN": "M", "VV": "W", "LI": "U", "II": "U", "CI": "D", "IJ": "U", "IN": "M", "NI": "M"}
"""Two characters that stand close enough to be read as one, and the other way round."""

SPELLING_COST = 2.0
"""Of a vowel for another, or one that comes or goes; but I, which is thin, is lost as easily as any letter."""

IMPOSSIBLE = 99.0
WORD = re.compile(r"[A-Z0-9']+")
NUMERAL = re.compile(r"[A-Z]|[IVX]+|[ILOSBZG]*\d[\dILOSBZG]*")


def allowed_cost(doubt: float, length: int) -> float:
    """The cost up to which a reading of `length` characters is taken for a listed name that it is not.

    Look-alikes are damage whatever the recognizer says, so one is always allowed, and one more for every 6 characters.
    A clean other letter is damage only where the recognizer doubts: below that it is another spelling, and the card
    prints it (KEBUN JERUK beside the list's KEBON JERUK). At full `doubt` (0 to 1) that is up to a quarter of the
    letters; at the ordinary doubt of a good photograph, 0.1, none in names of fewer than 40.
    """
    if length < 4:
        return LOOK_ALIKE_COST if doubt >= 0.5 else 0.0
    doubt = min(max(doubt, 0.0), 1.0)
    return min(0.99, LOOK_ALIKE_COST * (1 + length // 6)) + int(length * doubt / 4 + 1e-9)


def misreading_cost(read: str, listed: str, limit: float) -> float:
    """Cost of having read `listed` as `read`, both squeezed; IMPOSSIBLE above `limit`.

    A digit is never another digit, nor comes or goes: 13 ULU is not 11 ULU.
    """
    before: list[float] = []
    above = [0.0]
    for mark in listed:
        above.append(above[-1] + _gap(mark))
    for row, mark in enumerate(read, 1):
        current = [above[0] + _gap(mark)]
        for column, other in enumerate(listed, 1):
            cost = above[column - 1] + _swap(mark, other)
            cost = min(cost, above[column] + _gap(mark), current[-1] + _gap(other))
            if row > 1 and MERGED.get(read[row - 2 : row]) == other:
                cost = min(cost, before[column - 1] + LOOK_ALIKE_COST)
            if column > 1 and MERGED.get(listed[column - 2 : column]) == mark:
                cost = min(cost, above[column - 2] + LOOK_ALIKE_COST)
            current.append(cost)
        before, above = above, current
        if min(above) > limit and min(before) > limit:
            return IMPOSSIBLE
    return above[-1] if above[-1] <= limit + 1e-9 else IMPOSSIBLE


def has_same_numerals(read: str, listed: str) -> bool:
    """Whether the numerals and single letters that stand as words of their own in two names are the same.

    SEKIP JAYA II is not SEKIP JAYA III, and SIMALINGKAR A not B. Only what is neither a number nor a numeral can be
    the misreading of one: 1I or I3.
    """
    ours, theirs = ([word for word in WORD.findall(name) if NUMERAL.fullmatch(word)] for name in (read, listed))
    return len(ours) == len(theirs) and all(map(_can_be_numeral, ours, theirs))


def _can_be_numeral(read: str, listed: str) -> bool:
    if read == listed:
        return True
    if read.isdecimal() or not re.search(r"\d", read):
        return False
    return read.translate(DIGIT_FOR) == listed or re.sub("[1L]", "I", read) == listed


def _swap(mark: str, other: str) -> float:
    if mark == other:
        return 0.0
    if (mark, other) in PAIRS and not (mark.isdecimal() and other.isdecimal()):
        return LOOK_ALIKE_COST
    if mark.isdecimal() or other.isdecimal():
        return IMPOSSIBLE
    return SPELLING_COST if mark in "AEIOU" and other in "AEIOU" else 1.0


def _gap(mark: str) -> float:
    if mark.isdecimal():
        return IMPOSSIBLE
    return SPELLING_COST if mark in "AEOU" else 1.0
