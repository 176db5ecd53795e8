"""How usual the words of a name or an address are, one after the other, and the numbers of an RT/RW: their forms, and
the vocabulary of both.

Weights are natural logarithms of probabilities, so that they add to what the reader saw; none of them rules anything
out. They say what any Indonesian address or name has: numbers behind NO, a letter and a number behind BLOK, roman
numerals, a kind of street in front, honours before a name and degrees behind it.
"""

from __future__ import annotations

import re

from worker.pipeline.vocabulary import weigh_word

_FEW, _SOME, _MANY = (20, 0.0), (40, -1.5), (99, -3.5)
_TOO_MANY, _NOT_THREE_DIGITS = -6.0, -4.0
"""Most neighbourhoods of a village, and what it weighs that there are so many; and that they are not written in three
digits: a number that lost one is smaller, not more usual."""

_USUAL, _RARE, _ODD, _WRONG, _WRONG_LETTER = -4.0, -7.0, -10.0, -7.0, -2.5
"""The last two of what has no form at all, and of each of its characters: a word that no list has weighs less."""

_STREETS = "JL JL. JLN JLN. JALAN GG GG. GANG LR LR. LORONG JL.RAYA JLN.RAYA"
_HAMLETS = "KP KP. KAMP KAMP. KAMPUNG DSN DSN. DUSUN DS DS. DK DK. DUKUH BR BR. BANJAR LK LK. LINGK LINGK. LINGKUNGAN"
_ESTATES = "PERUM PERUM. PERUMAHAN PERUMNAS KOMP KOMP. KOMPLEK KOMPLEKS BTN GRIYA TAMAN VILLA PURI ASRAMA APT. RUSUN"
_NUMBERS = "NO NO. NOMOR KM KM. RT RT. RW RW. LT LT. KAV KAV. KAVLING"
_BLOCKS = "BLOK BLOK. BLK BLK. KAV KAV."
_BEFORE_NAMES = (
    "H. HJ. KH. KH K.H. DR. IR. PROF. ST. TB. DRS. DRA. R. RR. RA. M. MUH. MOH. ABD. A. I NI BIN BINTI AL EL"
)

KINDS = frozenset(f"{_STREETS} {_HAMLETS} {_ESTATES} {_BLOCKS}".split())
"""What an address begins with, mostly."""

_NUMBER_WORDS, _BLOCK_WORDS = frozenset(_NUMBERS.split()), frozenset(_BLOCKS.split())
_SHORT = _NUMBER_WORDS | _BLOCK_WORDS | frozenset(f"{_BEFORE_NAMES} RAYA DI DAN".split())
_ROMAN = re.compile(r"(?=[IVX])X{0,2}(?:IX|IV|V?I{0,3})")
_PLAIN_NUMBER = re.compile(r"\d{1,4}")
_NUMBER = re.compile(r"\d{1,4}[A-H]?(?:[-/](?:\d{1,3}[A-H]?|[A-H]|[IVX]{1,4}))?")
_BLOCK = re.compile(r"[A-Z]{1,2}\.?-?\d{1,3}(?:[A-H]|[-/]\d{1,3}[A-H]?)?|[A-Z]{1,2}")
_SUBJECTS = "PD|E|KOM|H|T|SI|SOS|KEP|KED|AG|IP|HUT|P|PT|FARM|GZ|PSI|KM|SN|TR|HUM|ST|ARS|KES|SC|A|KN|AP"
_DEGREE = re.compile(
    rf"[SM]\.(?:{_SUBJECTS})(?:\.I)?|A\.MD(?:\.KE[PB])?|PH\.D|B\.SC|SP\.[A-Z]{{1,3}}|SE|SH|MM|ST|MT|MH"
)
_LETTERS = re.compile(r"[A-Z]+")


def weigh_name(words: tuple[str, ...]) -> float:
    """What the last of `words`, the beginning of a name, adds to its weight."""
    word = words[-1].rstrip(",")
    if word in _SHORT:
        return _USUAL
    if len(words) > 1 and _DEGREE.fullmatch(word):
        return _USUAL if words[-2].endswith(",") else _RARE
    if _LETTERS.fullmatch(word):
        return weigh_word(word) if len(word) > 1 else _RARE
    if re.fullmatch(r"[A-Z]\.", word):
        return _RARE
    # An apostrophe or a hyphen within a word, or an initial glued to one: SA'ADAH, AL-FARISI, M.ALI.
    parts = re.fullmatch(r"([A-Z]+)['.-]([A-Z]+)(?:'([A-Z]+))?", word)
    if parts:
        return weigh_word("".join(part for part in parts.groups() if part)) - 2.0
    return _weigh_wrong(word)


def weigh_address(words: tuple[str, ...]) -> float:
    """What the last of `words`, the beginning of an address, adds to its weight."""
    word, before = words[-1].rstrip(","), words[-2] if len(words) > 1 else ""
    if not before and word not in KINDS:
        # Whatever does not begin with a kind of street or place is a place's own name.
        return _RARE + min(_weigh_part(word), 0.0)
    if before in _BLOCK_WORDS:
        if _BLOCK.fullmatch(word):
            return _RARE if word[:2].isalpha() and len(word) > 2 else _USUAL
        return _ODD if _NUMBER.fullmatch(word) else _weigh_wrong(word)
    if before in _NUMBER_WORDS:
        return _USUAL if _NUMBER.fullmatch(word) else _ODD if word[:1].isdigit() else _weigh_wrong(word)
    if _PLAIN_NUMBER.fullmatch(before) and word[:1].isdigit():
        return _ODD
    if glued := re.fullmatch(r"(?:NO|RT|RW|KM)\.(.+)", word):
        return _USUAL - 1.0 if _NUMBER.fullmatch(glued[1]) else _weigh_wrong(word)
    if _NUMBER.fullmatch(word):
        return _USUAL if not word.isdigit() or before else _RARE
    return _weigh_part(word)


def weigh_rtrw(text: str) -> float:
    """What the numbers of a neighbourhood and of what it is part of, as they stand in `text`, add to its weight."""
    return sum(_weigh_neighbourhood(number) for number in re.findall(r"\d+", text))


def _weigh_neighbourhood(number: str) -> float:
    if len(number) != 3:
        return _NOT_THREE_DIGITS
    return next((weight for most, weight in (_FEW, _SOME, _MANY) if int(number) <= most), _TOO_MANY)


def _weigh_part(word: str) -> float:
    """Of a word that neither stands behind NO or BLOK nor is a number."""
    if word in KINDS or word in _SHORT:
        return _USUAL
    if _ROMAN.fullmatch(word):
        return _USUAL - 1.0
    if _LETTERS.fullmatch(word):
        return weigh_word(word) if len(word) > 1 else _ODD
    if glued := re.fullmatch(r"([A-Z]+\.)([A-Z]+)", word):
        return (_RARE if glued[1] in KINDS or glued[1] in _SHORT else _ODD) + weigh_word(glued[2])
    if _BLOCK.fullmatch(word) or re.fullmatch(r"[IVX]+[/-]\d+[A-H]?", word):
        return _RARE
    if spelt := re.fullmatch(r"([A-Z]+)['-]([A-Z]+)", word):
        return weigh_word("".join(spelt.groups())) - 2.0
    return _weigh_wrong(word)


def _weigh_wrong(word: str) -> float:
    return _WRONG + _WRONG_LETTER * len(word)
