"""Whether there is a KTP in a photograph, and where: the card model's answer, if it is likely enough."""

from __future__ import annotations

from worker.pipeline.types import CardEngine, FoundCard, Pixels

LIKELY_CARD = 0.5
"""Least probability of a KTP to read it where the model has it; that labels stand in their places then proves it."""

SURE_CARD = 0.95
"""Least probability of a KTP to call it a card without a label read. Of 400 development scenes of either style (own,
foreign) the model takes for one, from 0.5 on: 98.4 and 96.1 % of whole KTPs, 1.1 and 2.2 % of scenes without a card,
4.4 and 1.1 % of documents; from 0.9 on: 97.3 and 96.1 %, 0 and 0 %, 2.2 and 0 %; from 0.95 on: 96.2 and 96.1 %, 0 and
0 %, 0 and 0 %."""


def find_card(pixels: Pixels, cards: CardEngine) -> FoundCard | None:
    """The likely card in `pixels`, its corners in its own order, so that they tell turn and mirroring; else None."""
    found = cards.find(pixels)
    return found if found.ktp >= LIKELY_CARD else None
