"""The search for what one text can be a reading of: one level of the hierarchy, below the regions found so far."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Literal

from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

from worker.ktp.region_wordings import BIRTH_PLACES, city_wordings, cut_city_kind, province_wordings
from worker.ktp.regions import descendants_of
from worker.ktp.values import LOOK_ALIKE_COST, squeeze
from worker.pipeline.region_costs import IMPOSSIBLE, allowed_cost, has_same_numerals, misreading_cost

Support = Literal["listed", "repaired", "as_read"]

LONGEST = 60
"""Characters of the longest text that is searched for; the longest name has 44."""

DROPPED_TOKEN_COST = 0.2
SPELLING_SHARE = 0.3
"""Cost a letter up to which a name is taken for another spelling of a listed one."""

CANDIDATES = 8
"""Names looked at closely, of those with the fewest edits."""


@dataclass(frozen=True, slots=True)
class Match:
    """What a text can be a reading of: the region's code, its name as the card prints it, and what that costs."""

    code: str
    value: str
    cost: float
    support: Support


@dataclass(frozen=True)
class Listing:
    """The wordings of the regions of one level below some others, squeezed to tell them apart, with their codes."""

    letters: tuple[str, ...]
    wordings: tuple[tuple[str, str], ...]
    places: dict[str, tuple[int, ...]]


@lru_cache(maxsize=512)
def list_below(scope: tuple[str, ...], length: int) -> Listing:
    """The wordings of all regions with codes of `length` digits that begin with one of `scope`."""
    wordings = tuple(
        (wording, region.code)
        for code in scope
        for region in descendants_of(code, length)
        for wording in (
            province_wordings(region) if length == 2 else city_wordings(region) if length == 4 else (region.name,)
        )
    )
    return make_listing(wordings)


@cache
def list_birth_places() -> Listing:
    """The cities by their names alone, as birth places are printed; their codes are left empty."""
    cities = (cut_city_kind(wording) for city in descendants_of("", 4) for wording in city_wordings(city))
    return make_listing(tuple((name, "") for name in dict.fromkeys((*cities, *BIRTH_PLACES))))


def match_level(text: str, scope: tuple[str, ...], length: int, doubt: float) -> tuple[Match, ...]:
    """The regions with codes of `length` digits below `scope` that `text` can name; see `match_names`."""
    return match_names(text, list_below(scope, length), doubt)


def match_names(text: str, listing: Listing, doubt: float) -> tuple[Match, ...]:
    """What of `listing` can be meant by `text`, cheapest first; exact ones alone, where there are any.

    `doubt`, 0 to 1, is the recognizer's; see `allowed_cost`. Nothing if the text is too long or has no letters.
    """
    if not squeeze(text) or len(text) > LONGEST:
        return ()
    return _match_exactly(text, listing, 0.0) or _match_trimmed(text, listing) or _repair(text, listing, doubt)


def join_separators(read: str, listed: str) -> str:
    """`read` with the blanks and marks of `listed`, the same letters, put where it has none; those it has stay.

    Nothing is added where it has as many: they stand elsewhere then. Behind the last letter stands what does in
    `listed`.
    """
    ours, theirs = _split_marks(read), _split_marks(listed)
    lacks = sum(bool(after) for _, after in ours[:-1]) < sum(bool(after) for _, after in theirs[:-1])
    parts = [
        mark + (after or (other if lacks else ""))
        for (mark, after), (_, other) in zip(ours[:-1], theirs[:-1], strict=True)
    ]
    return "".join(parts) + "".join(theirs[-1])


def _split_marks(name: str) -> list[tuple[str, str]]:
    """Each letter or digit of `name`, upper case, with what stands between it and the next."""
    return [(found[1], found[2]) for found in re.finditer(r"([A-Z0-9])([^A-Z0-9]*)", name.upper())]


def make_listing(wordings: tuple[tuple[str, str], ...]) -> Listing:
    """The listing of `wordings`, each with its code."""
    letters = tuple(squeeze(wording) for wording, _ in wordings)
    places: dict[str, tuple[int, ...]] = {}
    for index, each in enumerate(letters):
        places[each] = (*places.get(each, ()), index)
    return Listing(letters, wordings, places)


def _match_exactly(text: str, listing: Listing, cost: float) -> tuple[Match, ...]:
    found = [listing.wordings[index] for index in listing.places.get(squeeze(text), ())]
    support: Support = "repaired" if cost else "listed"
    return tuple(Match(code, join_separators(text, wording), cost, support) for wording, code in found)


def _match_trimmed(text: str, listing: Listing) -> tuple[Match, ...]:
    """Without a lone character that a glitch left at one end, where the rest is listed.

    At the left it is the misread colon or artwork; V, X and numbers begin names. At the right names end in single
    letters, so only one that none ends in is dropped.
    """
    words = text.split()
    if len(words) < 2:
        return ()
    if re.fullmatch(r"[^VX02-9]", words[0]):
        found = _match_exactly(" ".join(words[1:]), listing, DROPPED_TOKEN_COST)
        if found:
            return found
    if re.fullmatch(r"[EFHJLNPQWYZ]|\W", words[-1]):
        return _match_exactly(" ".join(words[:-1]), listing, DROPPED_TOKEN_COST)
    return ()


def _repair(text: str, listing: Listing, doubt: float) -> tuple[Match, ...]:
    """The listed names that are near: as a repair where the reading allows it, else as another spelling of theirs.

    Another spelling says which region is meant, and where a blank is missing; its letters stay.
    """
    letters = squeeze(text)
    most = max(allowed_cost(doubt, len(letters)), len(letters) * SPELLING_SHARE)
    # A look-alike is an edit, and two characters read as one are two.
    edits = min(int(2 * most / LOOK_ALIKE_COST), max(1, len(letters) // 2))
    near = process.extract(
        letters, listing.letters, scorer=Levenshtein.distance, processor=None, score_cutoff=edits, limit=CANDIDATES
    )
    found = []
    for each, _, index in near:
        wording, code = listing.wordings[index]
        name = squeeze(cut_city_kind(wording)) if len(code) == 4 else each
        allowed = allowed_cost(doubt, min(len(letters), len(name)))
        cost = misreading_cost(letters, each, max(allowed, len(name) * SPELLING_SHARE))
        if cost == IMPOSSIBLE or not has_same_numerals(text.upper(), wording):
            continue
        if cost <= allowed:
            found.append(Match(code, wording, cost, "repaired"))
        else:
            found.append(Match(code, _join_spelling(text, wording), cost, "as_read"))
    return tuple(sorted(found, key=lambda match: match.cost))


def _join_spelling(read: str, listed: str) -> str:
    """`read`, another spelling of `listed`, with a blank that it lacks; only if it has the others, at least one."""
    ours, theirs = read.upper().split(), listed.split()
    if not 2 <= len(ours) < len(theirs):
        return read
    for index, word in enumerate(ours):
        left = sum(map(len, theirs[: index + 1]))
        cut = left - sum(map(len, ours[:index]))
        split = [*ours[:index], word[:cut], word[cut:], *ours[index + 1 :]]
        if 2 < cut < len(word) - 2 and len(split) == len(theirs) and list(map(len, split)) == list(map(len, theirs)):
            return " ".join(split)
    return read
