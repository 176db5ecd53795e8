"""The legal wordings of the card's closed fields, and how a damaged reading is led back to the one it came from.

A wording is repaired, never replaced by another: a card that says KATHOLIK keeps it, and one that says SUPIR does not
become SOPIR. So only errors that a recognizer makes are repaired, and only if a single wording is near.
"""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

from rapidfuzz.distance import Levenshtein

LOOK_ALIKES = ("O0QD", "I1LTJ", "S5", "B8", "Z2", "G6C", "UV", "MN", "RN", "EF", "PF", "KX", "VY", "HN")
"""Groups of characters that a recognizer takes for one another."""

LOOK_ALIKE_COST = 0.35


@cache
def legal_values(field: str) -> tuple[str, ...]:
    """All wordings known for `field` (a key of values.json), old and foreign ones included."""
    known = json.loads((Path(__file__).parent / "values.json").read_text(encoding="utf-8"))
    return tuple(known[field])


def snap(text: str, field: str, tolerance: float) -> str | None:
    """The wording of `field` that `text` is a misreading of, with its blanks and punctuation, or None.

    `tolerance` is the cost allowed per character: 1 for a wrong, missing or added one, less for a look-alike. None
    as well if two wordings are about as near.
    """
    letters = squeeze(text)
    if not letters:
        return None
    exact = [value for value in legal_values(field) if squeeze(value) == letters]
    if exact:
        return text if text in exact else exact[0]
    ranked = sorted((_cost(letters, squeeze(value)), value) for value in legal_values(field))
    cost, value = ranked[0]
    rival = next((other for other, rival in ranked[1:] if squeeze(rival) != squeeze(value)), cost + 1)
    return value if cost <= tolerance * len(squeeze(value)) and rival - cost >= 0.3 else None


def squeeze(text: str) -> str:
    """Letters and digits of `text` only, upper case."""
    return re.sub(r"[^A-Z0-9]", "", text.upper())


def _cost(read: str, legal: str) -> float:
    """Cost of reading `legal` as `read`: an edit distance in which look-alikes are cheap."""
    cost = 0.0
    for edit in Levenshtein.editops(read, legal):
        if edit.tag == "replace" and any(
            read[edit.src_pos] in group and legal[edit.dest_pos] in group for group in LOOK_ALIKES
        ):
            cost += LOOK_ALIKE_COST
        else:
            cost += 1.0
    return cost
