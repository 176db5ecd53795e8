"""What the lines of a card say: the values of every field, with most words invented anew, headers and labels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from worker.ktp.layout import Row
from worker.ktp.values import legal_values
from worker.training.addresses import random_address, random_rtrw
from worker.training.names import pick, random_name
from worker.training.person import random_person
from worker.training.regions import PROVINCES
from worker.training.strips.words import any_word, any_words, invent_word, number, roman, scramble

Kind = Literal["value", "number", "header", "label", "empty"]
"""How a line is set: an ordinary value, the wide digits of the NIK, the bold header, a label, nothing."""

WIDE_GAP = "\t"
"""Stands in `shown` where a line has a gap wider than a blank; it is read as one blank."""

BLOOD_LABEL = "Gol. Darah :"
LABELS = (*(row.value for row in Row), *(row.value for row in Row), BLOOD_LABEL, "Agama", "Nama", "Alamat")

_STREET_FORMS = "JL JL. JL JL. JLN JLN. JALAN GG GG. GANG JL.RAYA KP KP. KAMPUNG DSN DSN. DUSUN DS. BR. LINGK. LK."
_ESTATE_FORMS = "PERUM PERUM. PERUMAHAN KOMP KOMP. KOMPLEK KOMPLEKS BTN GRIYA TAMAN ASRAMA APT. RUSUN PURI VILLA"
_STREETS, _ESTATES = tuple(_STREET_FORMS.split()), tuple(_ESTATE_FORMS.split())
_BLOCKS = ("BLOK {}", "BLOK. {}", "BLK {}", "BLK. {}", "BLOK {} ", "CLUSTER {}")
_HOUSES = (
    *("NO. {}", "NO.{}", "NO {}", "NO : {}", "NO: {}", "NO.{}{L}", "NO. {} {L}", "NO {}/{}", "NO. {}-{}"),
    *("{}", "NO.{}/{}", "NO. {}", "NO.{}", "NO {}", "NO {}/{L}", "NO. {}/{L}", "NO. {}{L}", "NO {}{L}", "{}{L}"),
    *("NOMOR {}", "NO. {} RT {}", "RT {} RW {}", "RT.{} RW.{}", "RT. {}/{}", "RT {}/{}", "KM {}", "KM. {}", "LT. {}"),
)
_HONOURS = "H. HJ. DR. DRS. DRA. IR. PROF. KH. K.H. R. RR. RA. TB. ST. ANDI M. MUH. MOH. ABD. A. I NI SR. TGK."
_DEGREES = "S.PD S.E S.KOM S.H M.H A.MD S.T M.T M.SI S.PD.I S.SOS S.KEP M.KES SE SH MM S.AG M.PD PH.D B.SC SP.PD"
_BEFORE, _TITLES = tuple(_HONOURS.split()), tuple(_DEGREES.split())
_PUNCTUATION = (".", ",", "/", "-", ":", "'", "(", ")", "+", "&")


@dataclass(frozen=True)
class LineText:
    """`shown`: as it is printed, with WIDE_GAP; `kind`: how it is set."""

    shown: str
    kind: Kind = "value"

    @property
    def read(self) -> str:
        """What the reader is to give: upper case, one blank where there are more."""
        return " ".join(self.shown.upper().split())


def place_name(rng: np.random.Generator) -> str:
    """A city, district or village, mostly an invented one."""
    if rng.random() < 0.35:
        city = pick(pick(PROVINCES, rng).cities, rng)
        district = pick(city.districts, rng)
        return pick((city.name, city.short_name, district.name, pick(district.villages, rng)), rng)
    words = any_words(rng, 1, 3)
    return f"{words} {roman(rng)}" if rng.random() < 0.08 else words


def _title(rng: np.random.Generator) -> str:
    title = pick(_TITLES, rng)
    kind = rng.random()
    if kind < 0.2:
        return title.replace(".", ". ")
    return f"{title}." if kind < 0.35 else title


def name_line(rng: np.random.Generator) -> LineText:
    """A full name with or without titles before and behind."""
    if rng.random() < 0.25:
        return LineText(random_name(bool(rng.random() < 0.5), rng).printed)
    name = any_words(rng, 1, 4)
    kind = rng.random()
    if kind < 0.06:
        name = f"{pick(('I', 'I', 'NI', 'I GUSTI', 'NI LUH'), rng)} {name}"
    elif kind < 0.22:
        name = f"{pick(_BEFORE, rng)} {name}"
    elif kind < 0.28:
        name = f"{scramble(rng, 1, 1)}.{pick(('', ' '), rng)}{name}"
    elif kind < 0.34:
        name = f"{name} {scramble(rng, 1, 1)}{pick(('', '.'), rng)} {invent_word(rng)}"
    if rng.random() < 0.18:
        titles = pick((", ", ",", " "), rng).join(_title(rng) for _ in range(int(rng.integers(1, 3))))
        name += pick((", ", ", ", ",", " "), rng) + titles
    return LineText(name)


def _house(rng: np.random.Generator) -> str:
    form = pick(_HOUSES, rng)
    return form.format(number(rng, 1, 3), number(rng, 1, 3), L=pick("AABBBCCDDEFGHIJK", rng))


def address_line(rng: np.random.Generator) -> LineText:
    """An address or a part of one, as rows break it."""
    kind = rng.random()
    if kind < 0.15:
        return LineText(random_address("", rng)[:38].strip())
    if kind < 0.65:
        parts = [pick(_STREETS, rng), any_words(rng, 1, 2)]
        if parts[0].endswith(".") and rng.random() < 0.25:
            parts = ["".join(parts)]
    else:
        block = pick("ABCDEFGHIJK", rng) + pick(("", "", "."), rng) + number(rng, 1, 2)
        parts = [pick(_ESTATES, rng), any_words(rng, 1, 2), pick(_BLOCKS, rng).format(block).strip()]
    if rng.random() < 0.25:
        parts.append(roman(rng) + pick(("", "", "", "/", "/"), rng) + (number(rng, 1, 2) if rng.random() < 0.3 else ""))
    if rng.random() < 0.7:
        parts.append(_house(rng))
    if rng.random() < 0.25:
        parts = parts[int(rng.integers(len(parts))) :]
    return LineText(" ".join(parts).rstrip("/") or "JL.")


def date_text(rng: np.random.Generator) -> str:
    """A day as cards print it, dd-mm-yyyy, at times with slashes; not every one is in the calendar."""
    day, month, year = int(rng.integers(1, 32)), int(rng.integers(1, 13)), int(rng.integers(1930, 2035))
    return pick(("{:02d}-{:02d}-{}", "{:02d}-{:02d}-{}", "{:02d}-{:02d}-{}", "{:02d}/{:02d}/{}"), rng).format(
        day, month, year
    )


def _birth(rng: np.random.Generator) -> LineText:
    return LineText(place_name(rng) + pick((", ", ", ", ", ", ","), rng) + date_text(rng))


def blood_type(rng: np.random.Generator) -> str:
    """A blood group, or the dash for none."""
    return pick(["A", "B", "AB", "O", "-", "-", "A+", "B+", "AB+", "O+", "A-", "B-", "O-", "0"], rng)


def _gender(rng: np.random.Generator) -> LineText:
    kind = rng.random()
    if kind < 0.15:
        return LineText(f"{BLOOD_LABEL}{WIDE_GAP}{blood_type(rng)}", "value")
    gender = pick(("LAKI-LAKI", "PEREMPUAN"), rng)
    if kind < 0.35:
        return LineText(gender)
    blood = pick((f"{BLOOD_LABEL} {blood_type(rng)}", f"{BLOOD_LABEL}{WIDE_GAP}{blood_type(rng)}", BLOOD_LABEL), rng)
    return LineText(f"{gender}{WIDE_GAP}{blood}")


def listed_line(rng: np.random.Generator) -> LineText:
    """A religion, marital status, nationality or occupation, at times an invented one."""
    fields = ("religion", "maritalStatus", "nationality", "occupation", "occupation", "occupation")
    text = pick(legal_values(pick(fields, rng)), rng)
    if rng.random() < 0.2:
        text = f"{any_word(rng)}/{any_words(rng, 1, 2)}"
    return LineText(text)


def _until(rng: np.random.Generator) -> LineText:
    return LineText("SEUMUR HIDUP" if rng.random() < 0.4 else date_text(rng))


def rtrw_line(rng: np.random.Generator) -> LineText:
    """RT and RW."""
    if rng.random() < 0.3:
        return LineText(random_rtrw(rng))
    return LineText(f"{number(rng, 2, 3)}{pick(('/', '/', '/', ' / ', '-'), rng)}{number(rng, 2, 3)}")


def nik_line(rng: np.random.Generator) -> LineText:
    """Sixteen digits, at times fewer."""
    if rng.random() < 0.25:
        return LineText(random_person(rng).fields.identity_id or "", "number")
    return LineText(number(rng, 16, 16) if rng.random() < 0.93 else number(rng, 4, 16), "number")


def _header(rng: np.random.Generator) -> LineText:
    if rng.random() < 0.5:
        province = pick(PROVINCES, rng).name if rng.random() < 0.4 else any_words(rng, 1, 3)
        return LineText(f"PROVINSI {province}", "header")
    city = pick(("KABUPATEN", "KOTA", "KAB.", "JAKARTA", "KOTA ADM."), rng)
    return LineText(f"{city} {place_name(rng)}", "header")


def _label(rng: np.random.Generator) -> LineText:
    label = pick(LABELS, rng)
    return LineText(label.upper() if rng.random() < 0.15 else label, "label")


def _anything(rng: np.random.Generator) -> LineText:
    """Words, digits and punctuation in any order: what no list would ever hold."""
    text = ""
    for _ in range(int(rng.integers(1, 6))):
        text += pick((any_word, any_word, number, roman, scramble), rng)(rng)
        joint = rng.random()
        text += " " if joint < 0.5 else pick(_PUNCTUATION, rng) if joint < 0.8 else pick((". ", ", ", " - "), rng)
    return LineText(text.strip(" ':"))


def _empty(_: np.random.Generator) -> LineText:
    return LineText("", "empty")


_SHARES: tuple[tuple[Callable[[np.random.Generator], LineText], float], ...] = (
    (name_line, 0.15),
    (address_line, 0.2),
    (_birth, 0.08),
    (_gender, 0.08),
    (listed_line, 0.1),
    (_until, 0.03),
    (rtrw_line, 0.06),
    (nik_line, 0.09),
    (_header, 0.05),
    (_label, 0.05),
    (_anything, 0.08),
    (lambda rng: LineText(place_name(rng)), 0.05),
)
_ENDS = np.cumsum([share for _, share in _SHARES])
EMPTY_SHARE = 0.03


def random_line(rng: np.random.Generator) -> LineText:
    """The text of one line, of any field; every line can be written in the reader's alphabet."""
    if rng.random() < EMPTY_SHARE:
        return _empty(rng)
    return _SHARES[int(np.searchsorted(_ENDS, rng.random() * _ENDS[-1]))][0](rng)
