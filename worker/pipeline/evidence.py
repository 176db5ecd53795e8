"""How strongly a printed line speaks for each row of the table: by its label, however damaged, and by its value.

Scores are in units in which 1 is a hint, 3 is hard to explain otherwise, and 0 says nothing. A label that glare or blur
has taken away leaves the value, and the other way round.
"""

from __future__ import annotations

import re
from functools import cache

from rapidfuzz import fuzz, process
from rapidfuzz.distance import Levenshtein

from worker.ktp.labels import SPELLINGS, cut_blood_type, match_row_label
from worker.ktp.layout import Row
from worker.ktp.nik import repair_digits
from worker.ktp.values import legal_values, squeeze

_CLOSED = {
    Row.GENDER: "gender",
    Row.RELIGION: "religion",
    Row.MARITAL_STATUS: "maritalStatus",
    Row.OCCUPATION: "occupation",
    Row.NATIONALITY: "nationality",
}
_FOR_LIFE = "SEUMURHIDUP"
_DATE_TAIL = re.compile(r"[0-9OIlSBZ]{2}\W{0,3}[0-9OIlSBZ]{2}\W{0,3}[12lIZ][0-9OIlSBZ]{3}\W*$")
_RTRW = re.compile(r"\W*[0-9OQDIlSBZ]{2,3}\s?[/\\|1I7]\s?[0-9OQDIlSBZ]{2,3}\W*$")
_STREET = re.compile(
    r"\W*(JL|JLN|JALAN|GG|GANG|KP|KAMP|DUSUN|DSN|DK|BLOK|PERUM|KOMP|BTN|BR|LINGK|LK|RT)\b|.*\b(NO|BLOK)\b",
    re.IGNORECASE,
)
_WHOLE = 4.0


def weigh_label(text: str) -> dict[Row, float]:
    """What the text in the labels' column says for each row; a piece of a label counts by its length."""
    letters = "".join(mark for mark in text if mark.isalpha()).upper()
    if len(letters) < 2:
        return dict.fromkeys(Row, 0.0)
    likeness = {row: _label_likeness(text, letters, row) for row in Row}
    best = max(likeness.values())
    length = min(1.0, len(letters) / 5)
    scores = {}
    for row, like in likeness.items():
        other = -2.0 * length if best >= 0.8 and like < best - 0.25 else 0.0
        scores[row] = 5.0 * length * max(0.0, like - 0.5) / 0.5 + other
    return scores


def _label_likeness(text: str, letters: str, row: Row) -> float:
    """In [0, 1]: the label whole at the start of the text, or a piece of it alone."""
    match = match_row_label(text, row, 0.45)
    whole = match.similarity if match else 0.0
    pieces = max(fuzz.partial_ratio(letters, spelling) for spelling in SPELLINGS[row]) / 100
    too_long = len(letters) > max(len(spelling) for spelling in SPELLINGS[row]) + 2
    return max(whole, 0.0 if too_long or len(letters) < 3 else 0.92 * pieces)


def weigh_value(text: str) -> dict[Row, float]:
    """What the text in the values' column says for each row."""
    letters = squeeze(text)
    scores = dict.fromkeys(Row, 0.0)
    if len(letters) < 2:
        return scores
    digits = sum(mark.isdigit() for mark in letters) / len(letters)
    for row, field in _CLOSED.items():
        near = _likeness(squeeze(cut_blood_type(text)) if row is Row.GENDER else letters, field)
        scores[row] = _WHOLE * (near - 0.5) / 0.5 if near > 0.5 else -1.0
    for_life = Levenshtein.normalized_similarity(letters, _FOR_LIFE)
    date = _DATE_TAIL.search(text.strip())
    words = squeeze(text[: date.start()]) if date else ""
    if date:
        scores[Row.BIRTH] = 3.0 if len(words) >= 3 else 1.0
        scores[Row.VALID_UNTIL] = 2.0 if len(words) < 3 else 0.0
    elif for_life > 0.55:
        scores[Row.VALID_UNTIL] = _WHOLE * for_life
    if _RTRW.match(text):
        scores[Row.RTRW] = 3.0
    elif digits < 0.5:
        scores[Row.RTRW] = -1.5
    if len(repair_digits(text)) >= 14 and digits > 0.6:
        scores[Row.NIK] = 5.0
    if _STREET.match(text):
        scores[Row.ADDRESS] = 1.5
    for row in (Row.NAME, Row.VILLAGE, Row.DISTRICT):
        scores[row] -= 2.0 * digits
    return scores


def _likeness(letters: str, field: str) -> float:
    """How near the letters come to a legal wording of `field`, in [0, 1]."""
    found = process.extractOne(letters, _squeezed(field), scorer=Levenshtein.normalized_similarity)
    return float(found[1]) if found else 0.0


@cache
def _squeezed(field: str) -> tuple[str, ...]:
    return tuple(squeeze(value) for value in legal_values(field))
