"""Invents words that nobody has to know: syllables in the Indonesian manner, letters and digits at random.

The reader is to read, not to recite: what the lists of names and regions hold is only a part of what it sees.
"""

from __future__ import annotations

import numpy as np

from worker.training.names import pick

_NARROW = "IIIJJJLTUHNMW"
"""Letters of one stem, and those that two of them side by side look like."""

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_SINGLE, _CLUSTERS = "B C D G H J K L M N P R S T W Y", "NG NY SY KH TR PR KR BR DH TH SR MB ND GL PL F V Z X Q"
_COMMON = "B K L M N P R S T D G"
_ONSETS = (*_SINGLE.split(), *_COMMON.split(), *_CLUSTERS.split(), "", "", "")
_DIPHTHONGS = ("AI", "AU", "IA", "UA")
_VOWELS = (*"AAAAIIUUEEOO", *_DIPHTHONGS)
_CODAS = ("", "", "", "", "N", "NG", "R", "L", "S", "T", "K", "M", "H", "P", "N", "D", "B", "NG")
_NUMERALS = "I I II II III III IV V VI VII VIII IX X XI XII XIII XIV XV"
_ROMAN = tuple(_NUMERALS.split())


def invent_word(rng: np.random.Generator, least: int = 1, most: int = 4) -> str:
    """A word of `least` to `most` syllables, at times with an apostrophe, a hyphen or a doubled letter in it."""
    parts = [
        pick(_ONSETS, rng) + pick(_VOWELS, rng) + pick(_CODAS, rng) for _ in range(int(rng.integers(least, most + 1)))
    ]
    kind = rng.random()
    if kind < 0.1 and len(parts) > 1:
        parts.insert(int(rng.integers(1, len(parts))), pick("'''-", rng))
    word = "".join(parts)
    if kind > 0.985:
        place = int(rng.integers(len(word)))
        word = word[:place] + word[place] + word[place:]
    return word


def scramble(rng: np.random.Generator, least: int = 1, most: int = 9, letters: str = _LETTERS) -> str:
    """Letters without any rule."""
    return "".join(pick(letters, rng) for _ in range(int(rng.integers(least, most + 1))))


def number(rng: np.random.Generator, least: int = 1, most: int = 4) -> str:
    """Digits without any rule, leading zeros too; now and then one digit again and again."""
    count = int(rng.integers(least, most + 1))
    if rng.random() < 0.04:
        return pick("0123456789", rng) * count
    return "".join(pick("0123456789", rng) for _ in range(count))


def roman(rng: np.random.Generator) -> str:
    """A roman numeral from I to XV."""
    return pick(_ROMAN, rng)


def any_word(rng: np.random.Generator) -> str:
    """Mostly an invented word, some with narrow letters behind; also random letters, one alone, a roman numeral."""
    kind = rng.random()
    if kind < 0.74:
        return invent_word(rng)
    if kind < 0.8:
        return invent_word(rng, 1, 2) + scramble(rng, 2, 4, _NARROW)
    return scramble(rng) if kind < 0.93 else scramble(rng, 1, 1) if kind < 0.97 else roman(rng)


def any_words(rng: np.random.Generator, least: int, most: int) -> str:
    """`least` to `most` of them, with blanks between."""
    return " ".join(any_word(rng) for _ in range(int(rng.integers(least, most + 1))))
