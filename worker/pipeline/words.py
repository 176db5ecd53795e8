"""Leads doubtful words of a name or an address to words that names and places have, where the strip shows them as well.

What the reader is sure of stays, on whatever list it is missing: a word is led back only if the strip shows the known
one nearly as likely as what was read.
"""

from __future__ import annotations

import re
from functools import cache

from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

from worker.ktp.regions import common_words
from worker.pipeline.names import read_names
from worker.pipeline.readings import measure_texts
from worker.pipeline.types import StripText

_LOSS = 2.5
"""Nats by which an unknown word may be likelier than a known one: one in twelve words of cards is on no list."""

_SHORTEST, _TWO_EDITS, _CANDIDATES = 4, 6, 8
"""Letters of a word from which on it is led back at all, and over two edits instead of one; most words tried."""

_ADDRESS = (
    *("JALAN", "GANG", "BLOK", "KOMPLEK", "KOMP", "PERUM", "PERUMAHAN", "DUSUN", "KAMPUNG", "LINGKUNGAN", "LORONG"),
    *("RAYA", "GRIYA", "VILLA", "PURI", "BANJAR", "ASRAMA", "KAVLING", "DALAM", "NOMOR", "LANTAI", "APARTEMEN"),
)


def repair_words(text: str, strip: StripText) -> str:
    """`text`, which was read from `strip`, with its unknown words led back to known ones."""
    for found in re.finditer(rf"[A-Z]{{{_SHORTEST},}}", text):
        word = found[0]
        known = [] if word in _read_words() else _like(word)
        if known:
            options = [text[: found.start()] + other + text[found.end() :] for other in known]
            own, *likely = measure_texts(strip, [text, *options])
            best = max(range(len(options)), key=lambda each: likely[each])
            if own - likely[best] < _LOSS:
                return repair_words(options[best], strip)
    return text


def _like(word: str) -> list[str]:
    edits = 2 if len(word) >= _TWO_EDITS else 1
    near = process.extract(word, _list_words(), scorer=Levenshtein.distance, score_cutoff=edits, limit=_CANDIDATES)
    return [other for other, *_ in near]


@cache
def _read_words() -> frozenset[str]:
    return common_words(_SHORTEST) | set(_ADDRESS) | {name for name in read_names() if len(name) >= _SHORTEST}


@cache
def _list_words() -> tuple[str, ...]:
    return tuple(sorted(_read_words()))
