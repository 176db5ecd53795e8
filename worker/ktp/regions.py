"""The regions of Indonesia: province, city (kabupaten or kota), district (kecamatan), village (kelurahan or desa).

All of them, as Kemendagri lists them, stand in regions.txt.gz (source and version in its first line; written by
`python -m worker.training.region_list`). It is read at the first question: 91,599 regions, 38 provinces, 514 cities
and 7,285 districts among them. Names are upper case, in the form that cards print.
"""

from __future__ import annotations

import gzip
import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from worker.ktp.values import squeeze

CODE_LENGTHS = (2, 4, 6, 10)
"""Digits in the code of a province, a city, a district and a village."""


@dataclass(frozen=True, slots=True)
class Region:
    """A region: its code, of 2, 4, 6 or 10 digits without dots, which begins with that of its parent, and its name.

    A province is named without PROVINSI, a city with KABUPATEN or KOTA, those of Jakarta without either.
    """

    code: str
    name: str


def find_region(code: str) -> Region | None:
    """The region of `code` on the list of today; None if there is none."""
    names, villages = _load_list()
    if code in names:
        return Region(code, names[code])
    return next((each for each in _read_villages(code[:6], villages.get(code[:6], "")) if each.code == code), None)


def children_of(code: str) -> tuple[Region, ...]:
    """The regions directly below that of `code`, by code; the provinces for an empty `code`, none below a village."""
    deeper = next((length for length in CODE_LENGTHS if length > len(code)), None)
    return descendants_of(code, deeper) if deeper else ()


@lru_cache(maxsize=256)
def descendants_of(code: str, length: int) -> tuple[Region, ...]:
    """The regions with codes of `length` digits that begin with `code`, by code."""
    names, villages = _load_list()
    codes = _codes_of(min(length, 6))
    below = codes[bisect_left(codes, code) : bisect_left(codes, code + "~")]
    if length < 10:
        return tuple(Region(each, names[each]) for each in below)
    return tuple(village for each in below for village in _read_villages(each, villages[each]))


def find_regions(name: str, length: int, within: str = "") -> tuple[Region, ...]:
    """The regions called `name`, compared by letters and digits only, with codes of `length` digits, below `within`."""
    letters = squeeze(name)
    return tuple(region for region in descendants_of(within, length) if squeeze(region.name) == letters)


def is_name_of_any(name: str) -> bool:
    """Whether any region in the country bears exactly `name`, upper case."""
    text = _read_file()
    # Looked for as it is first: the expression alone takes 20 times as long.
    pattern = rf"(?:^\d+ |[;\t]\d*){re.escape(name)}(?=[;\t\n]|$)"
    return name in text and re.search(pattern, text, re.MULTILINE) is not None


def common_words(least_letters: int) -> frozenset[str]:
    """Words of at least so many letters that two names or more have."""
    counts = Counter(re.findall(rf"[A-Z]{{{least_letters},}}", _read_file()))
    return frozenset(word for word, count in counts.items() if count > 1)


@cache
def _read_file() -> str:
    return gzip.decompress(Path(__file__).with_name("regions.txt.gz").read_bytes()).decode("ascii")


@cache
def _load_list() -> tuple[dict[str, str], dict[str, str]]:
    """Names by code down to districts, and the villages of each district as they stand in the file."""
    names: dict[str, str] = {}
    villages: dict[str, str] = {}
    for line in _read_file().splitlines()[1:]:
        head, _, rest = line.partition("\t")
        code, _, name = head.partition(" ")
        names[code] = name
        if len(code) == 6:
            villages[code] = rest
    return names, villages


@cache
def _codes_of(length: int) -> list[str]:
    return sorted(code for code in _load_list()[0] if len(code) == length)


def _read_villages(district: str, packed: str) -> Iterator[Region]:
    number = 0
    for entry in packed.split(";") if packed else ():
        number = int(entry[:4]) if entry[0].isdigit() else number + 1
        yield Region(f"{district}{number:04}", entry[4:] if entry[0].isdigit() else entry)
