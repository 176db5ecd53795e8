"""Puts blanks back into a name that was read glued, where both halves are names and the strip allows it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from worker.pipeline.readings import measure_texts
from worker.pipeline.types import StripText

MOST_PARTS = 4
_LOSS = 3.0
"""Nats a blank by which the glued name may be likelier in the strip: the reader drops a narrow blank more readily than
cards print ZAINALAHMAD, but what it is sure of stays."""


def restore_blanks(name: str, strip: StripText) -> str:
    """`name`, which is the text of `strip`, with the blanks that make words of it that are names."""
    words = name.split()
    for index, word in enumerate(words):
        splits = [] if word in read_names() else _split(word)
        if splits:
            options = [" ".join((*words[:index], *split, *words[index + 1 :])) for split in splits]
            glued, *likely = measure_texts(strip, [" ".join(words), *options])
            best = max(range(len(options)), key=lambda each: likely[each])
            if glued - likely[best] < _LOSS * (len(splits[best]) - 1):
                words[index] = " ".join(splits[best])
    return " ".join(words)


def _split(word: str) -> list[tuple[str, ...]]:
    """The ways in which the word is made of at least two and at most MOST_PARTS names."""
    found: list[tuple[str, ...]] = []
    begun: list[tuple[tuple[str, ...], str]] = [((), word)]
    while begun:
        parts, rest = begun.pop()
        for end in range(1, len(rest) + 1):
            if rest[:end] in read_names():
                if end == len(rest):
                    found += [(*parts, rest)] if parts else []
                elif len(parts) + 2 <= MOST_PARTS:
                    begun.append(((*parts, rest[:end]), rest[end:]))
    return found


@cache
def read_names() -> frozenset[str]:
    """Words that names are made of, upper case."""
    path = Path(__file__).parents[1] / "ktp" / "names.txt"
    return frozenset(path.read_text(encoding="ascii").split())
