"""Reads a field whose wordings are listed: of all of them the one that the reader finds likeliest in the strip.

Asking for each wording tells more than repairing the text that came out: where the likeliest letters are wrong, the
right ones were mostly the second likeliest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from rapidfuzz.distance import Levenshtein

from worker.ktp.values import legal_values
from worker.pipeline.readings import IMPOSSIBLE, NOTHING, FieldReading, is_sure, measure_span, measure_texts
from worker.pipeline.types import StripText

_CLEAR, _MOST_LOSS = 0.9, 20.0
"""Least probability of each character of a text that is clear to read (a letter that was left out makes no text
doubtful), and the nats that are never exceeded: near IMPOSSIBLE all wordings are alike."""


@dataclass(frozen=True)
class Loss:
    """How much less likely than the text that was read, in nats a character, a wording may be: where that text is clear
    to read, and where it is not."""

    clear: float
    doubtful: float

    def allow(self, strip: StripText, length: int, end: int | None = None) -> float:
        """Nats for a wording of `length` characters, by the characters of the strip up to `end`."""
        return min(_MOST_LOSS, (self.clear if is_sure(strip, _CLEAR, end) else self.doubtful) * length)


CLOSED, OPEN = Loss(1.2, 3.0), Loss(0.35, 1.0)
"""Of fields that hold nothing but these wordings, and of those that hold others as well: what is clear and far from all
wordings stays as it was read. What is not clear is mostly listed. With that of regions (region_reading.py), of 34,000
fields of development scenes it brought 470 right and 8 wrong against 1.2 and 0.35 nats whatever was read."""

ALIKE = 0.65
"""Likeness of the letters, in [0, 1], from which on a wording is what a closed field must say."""

_RIVAL, _CLEARLY = 1.5, 0.1
"""Nats, and likeness of the letters, by which a wording must be ahead of the next."""

_SHOWN = IMPOSSIBLE / 2
"""Log probability below which a strip shows none of the wordings clearly: where none is ahead, spelling decides."""

_SPELT = -1.5
"""Nats that a wording is doubted for being spelt another way."""


def read_listed(strip: StripText, field: str, *, closed: bool) -> FieldReading:
    """The value of `field` (a key of values.json); what was read is kept where no wording is likely enough."""
    text = strip.text
    if not text:
        return NOTHING
    wordings = legal_values(field)
    if text in wordings:
        return FieldReading(text, measure_span(strip), known=True)
    own, *likely = measure_texts(strip, [text, *wordings])
    order = np.argsort(likely)[::-1]
    best, rival = likely[order[0]], likely[order[1]]
    wording = wordings[order[0]]
    loss = (CLOSED if closed else OPEN).allow(strip, max(len(text), len(wording)))
    # A reader that is sure of a letter that no wording has is wrong in a field that can hold nothing else.
    alike = closed and Levenshtein.normalized_similarity(text, wording) >= ALIKE
    if best - rival < _RIVAL or not (own - best <= loss or alike):
        none = closed and best < _SHOWN
        return _read_alike(strip, wordings) if none else FieldReading(text, measure_span(strip))
    # What the list leaves open, and how far the reader was from reading the wording by itself.
    among = best - float(np.logaddexp.reduce(likely))
    doubt = max(min(0.0, best - own) / (4.0 if closed else 1.0), _SPELT if closed else IMPOSSIBLE)
    return FieldReading(wording, max(IMPOSSIBLE, among + doubt), known=True)


def _read_alike(strip: StripText, wordings: Sequence[str]) -> FieldReading:
    """Where the strip shows none of the only wordings that there are, the one that is spelt most like its text; the
    text itself where that is none or several."""
    alike = [Levenshtein.normalized_similarity(strip.text, wording) for wording in wordings]
    second, first = np.argsort(alike)[-2:].tolist()
    if alike[first] < ALIKE or alike[first] - alike[second] < _CLEARLY:
        return FieldReading(strip.text, measure_span(strip))
    return FieldReading(wordings[first], max(IMPOSSIBLE, measure_span(strip) + _SPELT), known=True)


def choose_wording(strip: StripText, read: str, wordings: Sequence[str], loss: Loss, behind: str = "") -> str | None:
    """Of `wordings` the one that the strip shows likely enough beside `read`, and ahead of all others, if any.

    `read` is what the strip's text begins with, `behind` what follows in it, whichever wording it is.
    """
    if not wordings:
        return None
    own, *likely = measure_texts(strip, [text + behind for text in (read, *wordings)])
    order = np.argsort(likely)[::-1]
    best = likely[order[0]]
    rival = likely[order[1]] if len(order) > 1 else IMPOSSIBLE
    wording: str = wordings[order[0]]
    most = loss.allow(strip, len(wording), len(read))
    if best <= IMPOSSIBLE + 1 or own - best > most or best - rival < _RIVAL:
        return None
    return wording
