"""Strips made by hand: what the line reader would give for a text, so that questions to it have known answers."""

from collections.abc import Mapping

import numpy as np

from worker.pipeline.characters import ALPHABET, BLANK, decode
from worker.pipeline.types import LogProbabilities, StripText

STEPS = 2
"""Steps of a character: one in which it is seen, and one of none."""

CERTAIN = 0.9999


def make_steps(
    text: str, certainty: float | Mapping[int, float] = CERTAIN, rivals: Mapping[int, Mapping[str, float]] | None = None
) -> LogProbabilities:
    """Log probabilities of `text`: each character is seen in a step with its certainty, and surely nothing beside it.

    `certainty`: of all characters, or of those at some positions, the others CERTAIN; `rivals`: position → the
    probabilities of other characters there, "\\0" for none; what is left is shared by all others.
    """
    rows = [_row({ALPHABET[BLANK]: 1 - 1e-7})]
    for index, character in enumerate(text):
        own = certainty.get(index, CERTAIN) if isinstance(certainty, Mapping) else certainty
        rows += [_row({character: own, **(rivals or {}).get(index, {})}), _row({ALPHABET[BLANK]: 1 - 1e-7})]
    return np.log(np.array(rows)).astype(np.float32)


def make_strip(
    text: str,
    certainty: float | Mapping[int, float] = CERTAIN,
    rivals: Mapping[int, Mapping[str, float]] | None = None,
    scale: float = 1.0,
) -> StripText:
    """The strip of these steps, `scale` pixels a step; it need not read `text`, where a rival is likelier."""
    return decode(make_steps(text, certainty, rivals), scale=scale)


def either(text: str, other: str, share: float = 0.5) -> StripText:
    """A strip that reads `text` with probability `share` and `other` with the rest, letter by letter.

    Both have the same length; where they differ, each letter is as probable as its text, and next to nothing else.
    """
    places = [index for index, (one, two) in enumerate(zip(text, other, strict=True)) if one != two]
    small = 1e-5
    return make_strip(
        text,
        dict.fromkeys(places, share * (1 - small)),
        {index: {other[index]: (1 - share) * (1 - small)} for index in places},
    )


def _row(chosen: Mapping[str, float]) -> list[float]:
    left = max(1e-9, 1 - sum(chosen.values()))
    others = left / (len(ALPHABET) - len(chosen))
    return [chosen.get(character, others) for character in ALPHABET]


NO_STRIP = make_strip("")
"""A strip on which nothing is printed."""

NO_STEPS = decode(np.zeros((0, len(ALPHABET)), dtype=np.float32))
"""A strip of no width."""
