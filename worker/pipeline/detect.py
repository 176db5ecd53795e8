"""Whether there is a KTP in a photograph, and where: the card model's answer, if it is likely enough."""

from __future__ import annotations

from worker.pipeline.types import CardEngine, FoundCard, Pixels

LIKELY_CARD = 0.5
"""Least probability of a KTP to read it where the model has it; that labels stand in their places then proves it."""

SURE_CARD = 0.97
"""Least probability of a KTP to call it a card without a label read. Of 1,600 development scenes of either style (own,
foreign) the model finds, from here on: 99.2 and 98.3 % of whole KTPs, and takes for one 0 and 0.6 % of scenes without a
card and 0.5 and 0 % of documents; from 0.5 on it would take 4 and 7, 6 and 5 %."""


def find_card(pixels: Pixels, cards: CardEngine) -> FoundCard | None:
    """The likely card in `pixels`, its corners in its own order, so that they tell turn and mirroring; else None."""
    found = cards.find(pixels)
    return found if found.ktp >= LIKELY_CARD else None
