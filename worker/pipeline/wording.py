"""Reads names and addresses: of all that the reader may have seen, what it and the usage of words find likeliest.

Only what is doubtful is asked again. The beginnings that a search keeps are weighed word by word; in the end all cuts
of the line are asked for each text that is left.
"""

from __future__ import annotations

from collections.abc import Callable

from worker.pipeline.characters import ALPHABET, BLANK
from worker.pipeline.readings import SURE_WORDING, is_sure, measure_texts
from worker.pipeline.search import likeliest_texts
from worker.pipeline.types import StripText

Usage = Callable[[tuple[str, ...]], float]
"""What the last of some words adds to the weight of them all, as a natural logarithm."""

SHARE = 0.3
"""Of what usage says, so much counts: the reader has learnt some of it itself, and is too sure of what it sees. Of 116
development cards of both styles 80 names and 72 addresses were right with it, 76 and 70 without; 79 and 72 where half
of the listed words were taken off their lists, 77 and 70 where all were, so it does no harm to names that nobody knows.
"""

BEAM, ASKED = 16, 12

_IN_NAMES = " ABCDEFGHIJKLMNOPQRSTUVWXYZ.,'-"
_ANY = ALPHABET.replace(ALPHABET[BLANK], "")


def choose_words(strip: StripText, usage: Usage, *, letters: bool) -> str:
    """The text of the strip; with `letters`, of letters and the marks of names alone."""
    if is_sure(strip, SURE_WORDING):
        return strip.text
    known: dict[str, float] = {}

    def favour(beginning: str) -> float:
        """Of the words that are complete: the last one is, once a blank has followed."""
        words = beginning[: beginning.rfind(" ") + 1]
        if words not in known:
            known[words] = SHARE * weigh_text(words, usage)
        return known[words]

    characters = _IN_NAMES if letters else _ANY
    found = likeliest_texts(strip.log_probabilities, characters, beam=BEAM, favour=favour)
    texts = {" ".join(text.split()) for text, _ in found[:ASKED]}
    texts |= {strip.text} if set(strip.text) <= set(characters) else set()
    options = sorted(texts - {""})
    if not options:
        return strip.text
    worth = [
        likely + SHARE * weigh_text(text, usage)
        for text, likely in zip(options, measure_texts(strip, options), strict=True)
    ]
    return options[max(range(len(options)), key=lambda each: worth[each])]


def weigh_text(text: str, usage: Usage) -> float:
    """The weight of all words of a text."""
    words = tuple(text.split())
    return sum(usage(words[: index + 1]) for index in range(len(words)))
