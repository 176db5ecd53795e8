"""What was read of a field: its value, how probable the reader found it, and what else it might be."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from worker.pipeline.characters import ALPHABET, decode
from worker.pipeline.ctc import log_likelihoods
from worker.pipeline.types import LogProbabilities, StripCharacter, StripText

IMPOSSIBLE = -30.0
"""The least log probability of a reading that is told apart from none."""

SURE, SURE_WORDING = 0.98, 0.999
"""A text of which every character is at least so probable is taken as it is, and its line looked at once only; and that
of a name or an address."""

_WIDE_GAP, _TAIL = 32, 4
"""What stands so many steps, three capitals, behind a value, and is of so few characters, is none of it: artwork, or
the first letters of the issuing note."""

_CLASSES = {character: index for index, character in enumerate(ALPHABET)}


@dataclass(frozen=True)
class FieldReading:
    """`value`: as printed, upper case, None if nothing was read. `log_probability`: natural logarithm of the reader's
    own probability of it, 0 at most. `known`: it is one of the wordings that this field can have, or of its form.
    `contradicted`: another field of the card says otherwise. `strip`: what it was read from, by which other values can
    be judged."""

    value: str | None
    log_probability: float = IMPOSSIBLE
    known: bool = False
    contradicted: bool = False
    strip: StripText | None = field(default=None, repr=False, compare=False)

    def compare_to(self, other: str) -> float:
        """How much likelier than the value, in nats, its strip shows `other` in its place; 0 where that is unknown."""
        if self.strip is None or self.value is None:
            return 0.0
        place = self.strip.text.find(self.value)
        before, after = (
            (self.strip.text[:place], self.strip.text[place + len(self.value) :]) if place >= 0 else ("", "")
        )
        own, others = measure_texts(self.strip, [before + self.value + after, before + other + after])
        return others - own


NOTHING = FieldReading(None)


def join_strips(strips: Iterable[StripText]) -> StripText:
    """The strips of one value, one after the other with a blank between those that say something."""
    said = [strip for strip in strips if strip.text]
    if not said:
        return StripText("", 0.0, (), np.zeros((0, len(ALPHABET)), dtype=np.float32))
    characters = list(said[0].characters)
    for strip in said[1:]:
        characters += [StripCharacter(" ", 1.0, 0.0, 0.0), *strip.characters]
    score = sum(each.probability for each in characters) / len(characters)
    views = [
        join_steps([strip.views[number] if number < len(strip.views) else strip.log_probabilities for strip in said])
        for number in range(max(len(strip.views) for strip in said))
    ]
    steps = join_steps([strip.log_probabilities for strip in said])
    return StripText(" ".join(each.text for each in said), score, tuple(characters), steps, tuple(views))


def join_steps(parts: Sequence[LogProbabilities]) -> LogProbabilities:
    """The steps of several strips, one after the other, with a step that is surely a blank between."""
    blank = np.full((1, len(ALPHABET)), IMPOSSIBLE, dtype=np.float32)
    blank[0, _CLASSES[" "]] = 0.0
    spaced = [each for part in parts for each in (blank, part)]
    return np.concatenate(spaced[1:])


def split_strip(strip: StripText, share: float) -> tuple[StripText, StripText]:
    """The strip's left part, which has this `share` of its steps, and its right part, each read by itself."""
    return cut_steps(strip, 0.0, share), cut_steps(strip, share, 1.0)


def cut_steps(strip: StripText, first: float, last: float) -> StripText:
    """The part of the strip, and of its views, between two shares of its steps, read by itself."""
    seen = (strip.log_probabilities, *strip.views)
    own, *views = (steps[round(first * len(steps)) : round(last * len(steps))] for steps in seen)
    return replace(decode(own), views=tuple(views))


def cut_tail(strip: StripText, width: int) -> StripText:
    """The strip, `width` pixels wide, up to where its value ends, if a few stray characters were read far behind it."""
    seen = strip.characters
    gap = _WIDE_GAP * width / max(1, len(strip.log_probabilities))
    for index in range(max(1, len(seen) - _TAIL), len(seen)):
        if seen[index].left - seen[index - 1].right >= gap:
            middle = (seen[index - 1].right + seen[index].left) / 2
            cut = cut_steps(strip, 0.0, middle / width)
            return replace(cut, characters=seen[: len(cut.characters)])
    return strip


def measure_texts(strip: StripText, texts: Sequence[str]) -> list[float]:
    """Log probability that the strip reads each of `texts`, the mean of all its views; characters that the reader does
    not know are left out."""
    classes = [[_CLASSES[mark] for mark in text if mark in _CLASSES and mark != ALPHABET[0]] for text in texts]
    seen = log_likelihoods((strip.log_probabilities, *strip.views), classes)
    likely: list[float] = np.maximum(IMPOSSIBLE, seen).mean(axis=0).tolist()
    return likely


def is_sure(strip: StripText, least: float = SURE, end: int | None = None) -> bool:
    """Whether each character, up to `end`, has a probability of `least` at least; of none the reader has no doubt."""
    return all(each.probability >= least for each in strip.characters[:end])


def measure_span(strip: StripText, start: int = 0, end: int | None = None) -> float:
    """Log probability of the characters from `start` to `end` of the strip's text, as they were read."""
    chosen = [each.probability for each in strip.characters[start:end]]
    return max(IMPOSSIBLE, float(np.log(np.maximum(chosen, 1e-9)).sum())) if chosen else IMPOSSIBLE


def measure_change(strip: StripText, changed: str) -> float:
    """Log probability of the strip's text after a correction to `changed`: never more than before it, nor than all
    views together give it."""
    if changed == strip.text and not strip.views:
        return measure_span(strip)
    before, after = measure_texts(strip, [strip.text, changed])
    own = measure_span(strip)
    return max(IMPOSSIBLE, min(own + min(0.0, after - before), after if strip.views else 0.0))
