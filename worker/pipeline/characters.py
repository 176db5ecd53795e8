"""The characters that the line reader knows, and the likeliest text of what it saw."""

from __future__ import annotations

import numpy as np

from worker.pipeline.types import LogProbabilities, StripCharacter, StripText

BLANK = 0
ALPHABET = "\0 ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,'/-:()+&"
"""The character of each class of the network; the first stands for none."""


def decode(log_probabilities: LogProbabilities, allowed: str | None = None, scale: float = 1.0) -> StripText:
    """Read the likeliest text: at each step the likeliest class, repeated ones and those of none dropped.

    With `allowed` only these characters are chosen from; a character's probability stays what the network gave it, so
    that one forced upon the strip has a low one. `scale`: pixels of the strip a step. Raises ValueError if ALPHABET
    lacks a character of `allowed`.
    """
    if not len(log_probabilities):
        return StripText("", 0.0, (), log_probabilities)
    if allowed is None:
        best = np.argmax(log_probabilities, axis=1)
    else:
        classes = np.array([BLANK, *sorted({ALPHABET.index(each) for each in allowed})])
        best = classes[np.argmax(log_probabilities[:, classes], axis=1)]
    starts = np.concatenate([[0], np.flatnonzero(best[1:] != best[:-1]) + 1])
    ends = np.append(starts[1:], len(best))
    highest = np.maximum.reduceat(log_probabilities[np.arange(len(best)), best], starts)
    shown = best[starts] != BLANK
    starts, ends, highest = starts[shown], ends[shown], np.exp(highest[shown])
    characters: list[StripCharacter] = []
    for chosen, start, end, probability in zip(
        best[starts].tolist(), starts.tolist(), ends.tolist(), highest.tolist(), strict=True
    ):
        letter = ALPHABET[chosen]
        if letter == " " and (not characters or characters[-1].character == " "):
            continue
        characters.append(StripCharacter(letter, probability, start * scale, end * scale))
    if characters and characters[-1].character == " ":
        characters.pop()
    text = "".join(each.character for each in characters)
    score = sum(each.probability for each in characters) / len(characters) if characters else 0.0
    return StripText(text, score, tuple(characters), log_probabilities)
