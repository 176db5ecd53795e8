"""The stage that repairs the names of regions, each by the others: a beam search through the hierarchy.

A name is led back to the listed one only where it differs by what a recognizer does to letters. Another spelling, or a
name that is not on the list, is what the card prints and stays.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

from worker.ktp.region_codes import region_today
from worker.ktp.region_wordings import FORMER_PARENTS
from worker.ktp.regions import CODE_LENGTHS, is_name_of_any
from worker.pipeline.region_search import Match, Support, list_birth_places, match_level, match_names

Agreement = Literal["equal", "same_city", "same_province", "differ", "unknown"]

LEVELS = ("province", "city", "district", "village")
USUAL_DOUBT = 0.1
UNMATCHED_COST = 3.0
"""Of a text that names nothing below the regions found so far: more than any repair that a reading allows, mostly."""

NIK_BONUS = {2: 0.1, 4: 0.3, 6: 0.5}
"""Off a path's cost, by the digits of its code that the NIK agrees with: most people live where they registered. It
decides between repairs; a name that is listed as it was read costs nothing and needs no help."""

MARGIN = 0.3
"""Least difference in cost between a repair and the next best; the same as for other fields."""

BEAM = 10
CONTEXT_DOUBT = {2: 0.8, 4: 0.3}
"""How doubtful a province or city becomes, at least, where what lies below it is listed: their wordings are few and
all known, so another spelling is unlikely."""


@dataclass(frozen=True)
class RegionNames:
    """The names of the four levels as printed on a card; None where not printed or not readable."""

    province: str | None = None
    city: str | None = None
    district: str | None = None
    village: str | None = None


@dataclass(frozen=True)
class RegionDoubts:
    """The recognizer's doubt in each name, 0 (sure) to 1."""

    province: float = USUAL_DOUBT
    city: float = USUAL_DOUBT
    district: float = USUAL_DOUBT
    village: float = USUAL_DOUBT


@dataclass(frozen=True)
class RegionSupports:
    """How each name stands to the list; None where there is no name.

    listed: on the list under its parent as read, but for blanks and marks. repaired: led back to it. as_read: neither.
    """

    province: Support | None = None
    city: Support | None = None
    district: Support | None = None
    village: Support | None = None


@dataclass(frozen=True)
class CorrectedRegions:
    """The names after repair. `code`: today's code of the deepest region that they determine, 2 to 10 digits, or None.

    `agreement`: how far the region of the NIK, moved to today's list, is that of the names.
    """

    names: RegionNames
    supports: RegionSupports
    code: str | None
    agreement: Agreement


@dataclass(frozen=True)
class _Path:
    """A way down the hierarchy: where its next level is looked for, and what each level was taken for."""

    scope: tuple[str, ...] = ("",)
    code: str = ""
    cost: float = 0.0
    matches: tuple[Match | None, ...] = field(default=())


def correct_regions(read: RegionNames, nik: str | None, doubts: RegionDoubts | None = None) -> CorrectedRegions:
    """Repair the names in `read`; the NIK counts as evidence and never against a name that is listed as it was read.

    A name that is None stays None. No text raises.
    """
    doubts = doubts or RegionDoubts()
    texts = tuple(getattr(read, level) for level in LEVELS)
    doubt = tuple(getattr(doubts, level) for level in LEVELS)
    registered = region_today(nik[:6]) if nik else None
    paths = _search(texts, doubt, registered)
    best = paths[0]
    rivals = [path for path in paths if path.cost <= best.cost + MARGIN]
    code = _shared_code(rivals)
    matches = []
    for level, (text, each) in enumerate(zip(texts, doubt, strict=True)):
        match = _agree([path.matches[level] for path in rivals])
        if match is None or match.support == "as_read":
            match = _match_in_context(text, each, level, code) or match
        matches.append(match)
    values = [match.value if match else text for match, text in zip(matches, texts, strict=True)]
    supports: list[Support | None] = [
        match.support if match else (None if text is None else "as_read")
        for match, text in zip(matches, texts, strict=True)
    ]
    return CorrectedRegions(
        RegionNames(*values), RegionSupports(*supports), code or None, compare_codes(registered, code)
    )


def correct_birth_place(read: str | None, doubt: float) -> str | None:
    """The birth place with the blanks of the city or district that it names, or led back to the one city it is near.

    Anything else stays as read: a village, a hospital, a foreign city. `doubt` as for `correct_regions`.
    """
    if not read:
        return read
    near = match_names(read, list_birth_places(), doubt)
    if not near or near[0].support != "listed":
        if is_name_of_any(read):
            return read
        districts = [match for match in match_level(read, ("",), 6, 0.0) if match.support == "listed"]
        near = tuple(districts) or near
    nearest = {(match.value, match.support) for match in near if match.cost <= near[0].cost + MARGIN}
    value, support = nearest.pop() if len(nearest) == 1 else (read, "as_read")
    return read if support == "as_read" else value


def compare_codes(registered: str | None, printed: str | None) -> Agreement:
    """How far two codes of today's list (2 digits or more) name the same region; unknown where one is missing."""
    if not registered or not printed:
        return "unknown"
    if registered[:2] != printed[:2]:
        return "differ"
    if len(registered) >= 4 and registered[:4] == printed[:4]:
        return "equal" if len(registered) >= 6 and registered[:6] == printed[:6] else "same_city"
    return "same_province"


def _search(texts: tuple[str | None, ...], doubt: tuple[float, ...], registered: str | None) -> list[_Path]:
    """The paths that the texts can mean, cheapest first; one at least."""
    paths = [_Path()]
    for level, length in enumerate(CODE_LENGTHS):
        text = texts[level]
        grown = []
        found: dict[tuple[str, ...], tuple[Match, ...]] = {}
        for path in paths:
            grown.append(
                replace(path, cost=path.cost + UNMATCHED_COST * (text is not None), matches=(*path.matches, None))
            )
            # A village names its district only within a city: too many bear the same name.
            if text is None or (length == 10 and len(path.scope[0]) < 4):
                continue
            if path.scope not in found:
                found[path.scope] = match_level(text, path.scope, length, doubt[level])
            grown += [_descend(path, match, registered) for match in found[path.scope]]
        paths = sorted(grown, key=lambda path: path.cost)[:BEAM]
    return paths


def _descend(path: _Path, match: Match, registered: str | None) -> _Path:
    scope = (match.code, *FORMER_PARENTS.get(match.code, ()))
    cost = path.cost + match.cost
    for length, bonus in NIK_BONUS.items():
        if registered and length == len(match.code) and registered[:length] == match.code:
            cost -= bonus
    return _Path(scope, match.code, cost, (*path.matches, match))


def _shared_code(paths: list[_Path]) -> str:
    """The code down to the last level in which all `paths` agree; empty if they share no province."""
    first = paths[0].code
    shared = [each for each in CODE_LENGTHS if all(path.code[:each] == first[:each] for path in paths)]
    return first[: max(shared, default=0)]


def _agree(matches: list[Match | None]) -> Match | None:
    """The match of the first path, unless another about as cheap gives the level another name or support."""
    first = matches[0]
    same = all(each and first and (each.value, each.support) == (first.value, first.support) for each in matches)
    return first if same else None


def _match_in_context(text: str | None, doubt: float, level: int, code: str) -> Match | None:
    """The province or city of `code` as a repair of `text`, which names none that is listed."""
    length = CODE_LENGTHS[level]
    if text is None or length not in CONTEXT_DOUBT or len(code) <= length:
        return None
    if any(match.support == "listed" for match in match_level(text, ("",), length, 0.0)):
        return None
    parents = [old for old, new in FORMER_PARENTS.items() if code[:2] in new] if length == 2 else []
    found = match_level(text, (code[:length], *parents), length, max(doubt, CONTEXT_DOUBT[length]))
    if not found or found[0].support == "as_read" or any(each.cost < found[0].cost + MARGIN for each in found[1:]):
        return None
    return found[0]
