"""The card's printed labels, found in text that a recognizer damaged."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein

from worker.ktp.layout import Row

SURE = 0.74
"""Least similarity of a damaged label; one letter in four may be wrong, and of NIK none."""

SPELLINGS: dict[Row, tuple[str, ...]] = {
    Row.NIK: ("NIK",),
    Row.NAME: ("NAMA", "NARNA"),
    Row.BIRTH: ("TEMPATTGLLAHIR", "TEMPATTGILAHIR", "TEMPATLAHIR"),
    Row.GENDER: ("JENISKELAMIN",),
    Row.ADDRESS: ("ALAMAT",),
    Row.RTRW: ("RTRW",),
    Row.VILLAGE: ("KELDESA", "KELURAHANDESA"),
    Row.DISTRICT: ("KECAMATAN",),
    Row.RELIGION: ("AGAMA",),
    Row.MARITAL_STATUS: ("STATUSPERKAWINAN",),
    Row.OCCUPATION: ("PEKERJAAN",),
    Row.NATIONALITY: ("KEWARGANEGARAAN",),
    Row.VALID_UNTIL: ("BERLAKUHINGGA",),
}

HEADER_WORDS = ("PROVINSI", "KABUPATEN")

COLON = re.compile(r"^[\s:;.,'`|!*·•\-]+")
BLOOD_LABEL = re.compile(r"[GC6]\s*[O0Q]\s*[LI1T]\s*[.,:;]?\s*D\s*A\s*R", re.IGNORECASE)


@dataclass(frozen=True)
class LabelMatch:
    """A label at the start of a text. `rest` is what follows it, its colon dropped; `similarity` in [0, 1]."""

    row: Row
    similarity: float
    rest: str


def match_label(text: str, least: float = SURE) -> LabelMatch | None:
    """The label that `text` starts with, or None if none is similar enough."""
    best: LabelMatch | None = None
    for row in Row:
        match = match_row_label(text, row, least)
        if match and (best is None or match.similarity > best.similarity):
            best = match
    return best


def match_row_label(text: str, row: Row, least: float = SURE) -> LabelMatch | None:
    """The label of `row` at the start of `text`, its letters compared without case, blanks and punctuation."""
    places = [index for index, mark in enumerate(text) if mark.isalnum()]
    # One for one: the capital of some letters is two.
    letters = "".join(text[index].upper()[0] for index in places)
    best: LabelMatch | None = None
    for spelling in SPELLINGS[row]:
        slack = 1 if len(spelling) <= 9 else 2
        for length in range(max(2, len(spelling) - slack), min(len(letters), len(spelling) + slack) + 1):
            similarity = Levenshtein.normalized_similarity(letters[:length], spelling)
            # Of equally similar starts the one that ends as the label does: "NamaABU" is Nama and ABU.
            if similarity >= max(least, 0.99 if len(spelling) == 3 and length != 3 else 0) and (
                best is None or similarity > best.similarity
            ):
                best = LabelMatch(row, similarity, COLON.sub("", text[places[length - 1] + 1 :]))
    return best


def cut_blood_type(text: str) -> str:
    """`text` of the gender row without the blood type's label and all that follows it."""
    found = BLOOD_LABEL.search(text)
    return text[: found.start()] if found else text


def is_blood_label(text: str) -> bool:
    """Whether `text` starts with the label of the blood type."""
    return BLOOD_LABEL.match(text.strip()) is not None


def is_card_wording(text: str) -> bool:
    """Whether `text` starts as a longer label or the header of a KTP does, so that it cannot be so by chance."""
    if starts_with_header(text):
        return True
    match = match_label(text)
    return match is not None and (len(match.row.value) >= 8 or match.similarity == 1.0)


def starts_with_header(text: str) -> bool:
    """Whether `text` starts with PROVINSI or KABUPATEN, as the card's first two lines do."""
    letters = "".join(mark for mark in text if mark.isalnum()).upper()
    return any(Levenshtein.normalized_similarity(letters[: len(word)], word) >= SURE for word in HEADER_WORDS)
