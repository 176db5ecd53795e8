"""Reads the place of birth, which stands before the date: as it was read, or the city that the strip shows as well."""

from __future__ import annotations

import re

from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

from worker.ktp.regions import is_name_of_any
from worker.ktp.values import squeeze
from worker.pipeline.fields import DATE, read_letters
from worker.pipeline.listed import Loss, choose_wording
from worker.pipeline.readings import NOTHING, FieldReading, measure_change, measure_span
from worker.pipeline.region_search import list_birth_places
from worker.pipeline.regions import correct_birth_place
from worker.pipeline.types import StripText

_NO_PLACE = re.compile(r", ?[^A-Z]|\d")
"""Where a place ends whose date was damaged."""

_MOST_EDITS, _ASKED, _SHORTEST = 4, 6, 5
"""Of the cities so many are asked for, whose names are so near, and half of their letters at most, and of so many
letters at least."""

_NOWHERE = Loss(1.0, 2.0)
"""How much less likely a city may be than what was read, where that is no place of any level of the list: it lies
abroad or was misread."""


def read_birth_place(strip: StripText) -> FieldReading:
    """The place in a strip that says place and date."""
    date = DATE.search(strip.text) or _NO_PLACE.search(strip.text)
    end = date.start() if date else len(strip.text)
    read = read_letters((strip.text[:end].strip(" ,.:;-'"),))
    if read is None:
        return NOTHING
    own = measure_span(strip, 0, len(read))
    behind = strip.text[len(read) :]
    place = correct_birth_place(read, 1 - 2.718281828**own) or read
    if place == read:
        place = _ask_cities(strip, read, behind)
    change = measure_change(strip, place + behind) - measure_span(strip)
    return FieldReading(place, own + min(0.0, change), known=place != read)


def _ask_cities(strip: StripText, read: str, behind: str) -> str:
    """The city of a name near `read`, which names none, that the strip shows likely enough; else `read` itself.

    Letters that the reader left out or took for others, sure of what it saw, make a place that there is nowhere.
    """
    letters, cities = squeeze(read), list_birth_places()
    if len(letters) < _SHORTEST or letters in cities.places or is_name_of_any(read):
        return read
    edits = min(_MOST_EDITS, len(letters) // 2)
    near = process.extract(
        letters, cities.letters, scorer=Levenshtein.distance, processor=None, score_cutoff=edits, limit=_ASKED
    )
    names = list(dict.fromkeys(cities.wordings[index][0] for _, _, index in near))
    return choose_wording(strip, read, names, _NOWHERE, behind) or read
