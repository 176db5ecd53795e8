"""Reads a field whose wordings are listed: of all of them the one that the reader finds likeliest in the strip.

Asking for each wording tells more than repairing the text that came out: where the likeliest letters are wrong, the
right ones were mostly the second likeliest.
"""

from __future__ import annotations

import numpy as np

from worker.ktp.values import legal_values, snap
from worker.pipeline.fields import CLOSED_TOLERANCE
from worker.pipeline.readings import IMPOSSIBLE, NOTHING, FieldReading, measure_span, measure_texts
from worker.pipeline.types import StripText

CLOSED_LOSS, OPEN_LOSS = 1.2, 0.35
"""How much less likely than the text that was read, in nats a character, a wording may be: in fields that hold
nothing but these wordings, and in those that hold others as well, which then stay as they were read."""

_SNAPPED = 1.0
_RIVAL = 1.5
"""Nats by which a wording must be ahead of the next."""


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
    loss = (CLOSED_LOSS if closed else OPEN_LOSS) * max(len(text), len(wordings[order[0]]))
    if best <= IMPOSSIBLE + 1 or own - best > loss or best - rival < _RIVAL:
        # A reader that is sure of a letter that no wording has is wrong in a field that can hold nothing else.
        near = snap(text, field, CLOSED_TOLERANCE) if closed else None
        return FieldReading(near or text, measure_span(strip) - (_SNAPPED if near else 0.0), near is not None)
    # What the list leaves open, and how far the reader was from reading the wording by itself.
    among = best - float(np.logaddexp.reduce(likely))
    doubt = min(0.0, best - own) / (4.0 if closed else 1.0)
    return FieldReading(wordings[order[0]], max(IMPOSSIBLE, among + doubt), known=True)
