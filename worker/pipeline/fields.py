"""The text behind one label → the value of one field: characters repaired, form checked, wording kept.

What does not have a field's form is None. Letters become digits in digit fields only, and digits letters in letter
fields only.
"""

from __future__ import annotations

import re
import unicodedata

from rapidfuzz.distance import Levenshtein

from worker.ktp.nik import DIGIT_FOR
from worker.ktp.values import legal_values, snap, squeeze

LETTER_FOR = str.maketrans("015826", "OISBZG")
PLAIN_FOR = str.maketrans(
    dict.fromkeys("\u2018\u2019`\u00b4\u2032", "'")
    | dict.fromkeys("\u2013\u2014\u2212_", "-")
    | {"\uff0c": ",", "\uff1a": ":", "\uff0f": "/"}
)
"""Quotation marks, dashes and the wide punctuation of Chinese, which the recognizer knows as well."""

_DIGIT = r"[0-9OoQDIilL|!SsBZzGb]"
PLAIN_DATE = re.compile(r"[0-9]{2}-[0-9]{2}-[0-9]{4}$")
"""As it is printed, at the end of a text."""

DATE = re.compile(rf"({_DIGIT}{{2}})\W{{0,3}}({_DIGIT}{{2}})\W{{0,3}}([12lI|Zz]{_DIGIT}{{3}})\D{{0,3}}$")
CITY_KINDS = ("KABUPATEN", "KOTA")
WHOLE_WORDS = ("KOTABARU", "KOTAWARINGIN", "KOTAMOBAGU")
"""Names that only begin like KOTA."""
CLOSED_TOLERANCE = 0.26
"""Cost a character for fields with few wordings, which are far apart."""

OCCUPATION_TOLERANCE = 0.13
"""The same for occupations: a wording that is not on the list stays as it was read."""


def tidy(text: str) -> str:
    """Upper case, without accents and characters that no card has, blanks collapsed; a lone dash is nothing."""
    plain = unicodedata.normalize("NFKD", text.translate(PLAIN_FOR)).encode("ascii", "ignore").decode()
    plain = re.sub(r"([.,'/-])\1+", r"\1", re.sub(r"\s+", " ", plain.upper())).strip(" :;|~*")
    return plain if re.search(r"[A-Z0-9]", plain) else ""


def read_text(lines: tuple[str, ...]) -> str | None:
    """Free text, such as an address: its lines joined, nothing repaired."""
    text = re.sub(r"\s+([,.])", r"\1", tidy(" ".join(lines)))
    return text.strip(" ,") or None


def read_letters(lines: tuple[str, ...]) -> str | None:
    """Text that holds letters only, such as a name: digits are the letters that look like them."""
    text = read_text(lines)
    # A colon read as a digit stands glued before the first letter.
    text = re.sub(r"^[12](?=[A-Z]{2})", "", text or "")
    return re.sub(r"[015826](?=[A-Z' ])|(?<=[A-Z])[015826]", lambda found: found[0].translate(LETTER_FOR), text) or None


def read_place(lines: tuple[str, ...]) -> str | None:
    """A village or district, which can begin with a number of its own: 13 ULU stays, 1KEBON is a misread colon."""
    text = read_text(lines)
    if text is None:
        return None
    return re.sub(r"^[12.](?=[A-Z]{3})", "", text).strip(" .") or None


def read_birth(lines: tuple[str, ...]) -> tuple[str | None, str | None]:
    """Place and date (dd-mm-yyyy) of birth; each None if it cannot be made out."""
    text = re.sub(r"\s+", " ", " ".join(lines).translate(PLAIN_FOR)).strip()
    found = DATE.search(text)
    if not found:
        place = re.sub(r"[\d\W]+$", "", text)
        return read_letters((place,)), None
    place = text[: found.start()].strip(" ,.:;-'")
    return read_letters((place,)), read_date(*found.groups())


def read_date(day: str, month: str, year: str) -> str | None:
    """dd-mm-yyyy of the three parts as recognized; None if that is no day of any month."""
    day, month, year = (part.translate(DIGIT_FOR) for part in (day, month, year))
    if not (day + month + year).isdigit():
        return None
    possible = 1 <= int(day) <= 31 and 1 <= int(month) <= 12 and 1850 <= int(year) <= 2100
    return f"{day}-{month}-{year}" if possible else None


def read_rtrw(lines: tuple[str, ...]) -> str | None:
    """RT/RW as printed, mostly nnn/nnn; the slash is put back where it was read as a digit or not at all."""
    text = re.sub(r"[\s:;.,]", "", " ".join(lines).translate(PLAIN_FOR)).replace("\\", "/")
    parts = text.split("/")
    if len(parts) == 2 and all(parts):
        first, second = (part if part == "-" else part.translate(DIGIT_FOR) for part in parts)
        if all(re.fullmatch(r"\d{1,4}|-", part) for part in (first, second)):
            # A colon read as 1 makes four digits of three.
            return f"{first[-3:]}/{second[:3]}"
    digits = text.translate(DIGIT_FOR)
    if re.fullmatch(r"\d{6}", digits):
        return f"{digits[:3]}/{digits[3:]}"
    if re.fullmatch(r"\d{3}[17]\d{3}", digits):
        return f"{digits[:3]}/{digits[4:]}"
    return None


def read_closed(lines: tuple[str, ...], field: str) -> str | None:
    """A field with few wordings; one that is far from all of them stays as it was read."""
    text = re.sub(r"^[\d\W]+", "", read_text(lines) or "") or None
    return text and (snap(text, field, CLOSED_TOLERANCE) or text)


def read_occupation(lines: tuple[str, ...]) -> str | None:
    """The occupation, near misses led back to the list, others kept."""
    text = read_letters(lines)
    return text and (snap(text, "occupation", OCCUPATION_TOLERANCE) or text)


def read_gender(lines: tuple[str, ...]) -> str | None:
    """The gender, whatever of the blood type still stands behind it."""
    text = read_text(lines)
    if text is None:
        return None
    letters = squeeze(text)
    starts = [snap(letters[: len(squeeze(each))], "gender", CLOSED_TOLERANCE) for each in legal_values("gender")]
    return next((each for each in starts if each), None)


def read_nationality(lines: tuple[str, ...]) -> str | None:
    """WNI, or a foreigner's country."""
    text = read_letters(lines)
    return text and (snap(text, "nationality", 0.34) or text)


def read_header(lines: tuple[str, ...]) -> tuple[str | None, str | None]:
    """Province without the word PROVINSI, and city as printed; the lines come from top to bottom."""
    texts = [text for line in lines if (text := read_letters((line,)))]
    at = next((index for index, text in enumerate(texts) if _after_word(text, "PROVINSI") is not None), None)
    if at is None:
        city = next((text for text in texts if any(_after_word(text, kind) for kind in CITY_KINDS)), None)
        above = texts[: texts.index(city)] if city else texts[:1]
        province = snap(above[-1], "province", OCCUPATION_TOLERANCE) if above else None
        return province, city and read_city(city)
    rest = _after_word(texts[at], "PROVINSI") or ""
    province = snap(rest, "province", OCCUPATION_TOLERANCE) or rest or None
    return province, read_city(texts[at + 1]) if at + 1 < len(texts) else None


def read_city(text: str) -> str:
    """The city with a blank behind KABUPATEN or KOTA, where the recognizer dropped it."""
    for kind in CITY_KINDS:
        rest = _after_word(text, kind)
        if rest and not text.startswith(WHOLE_WORDS):
            return f"{kind} {rest}"
    return text


def _after_word(text: str, word: str) -> str | None:
    """What follows `word`, slightly damaged or glued, at the start of `text`; None if it does not start so."""
    for length in (len(word), len(word) + 1, len(word) - 1):
        start = text[:length].rstrip()
        if Levenshtein.distance(start, word) <= (1 if len(word) >= 8 else 0) and len(text) >= length:
            return text[length:].strip(" .:")
    return None
