"""What is known of a NIK's region code: whether it is in use, was in use, and which region has it today.

Kemendagri numbers the cities of a province and the districts of a city one after another, gives a code once, and a new
one to a region that moves. So a gap in the numbering is a code that was in use. The cities' numbering of 2025 has such
gaps only where provinces were divided: East Kalimantan (five, for the five cities of North Kalimantan, 2012), South
Sulawesi (five, for the five that were West Sulawesi in 2004), Papua and West Papua (2022).
"""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from typing import Literal

from worker.ktp.regions import descendants_of, find_region

Status = Literal["current", "retired"]

SUCCESSORS = {
    **{"9101": "9301", "9116": "9302", "9117": "9303", "9118": "9304"},
    **{"9104": "9401", "9107": "9402", "9108": "9403", "9109": "9404"},
    **{"9125": "9405", "9126": "9406", "9127": "9407", "9128": "9408"},
    **{"9102": "9501", "9112": "9502", "9113": "9503", "9114": "9504"},
    **{"9121": "9505", "9122": "9506", "9123": "9507", "9124": "9508"},
    **{"9201": "9601", "9204": "9602", "9205": "9603", "9209": "9604", "9210": "9605", "9271": "9671"},
    **{"6404": "65", "6405": "65", "6406": "65", "6410": "65", "6473": "6571"},
    **dict.fromkeys(("7319", "7320", "7321", "7323", "7325"), "76"),
}
"""Retired codes of cities, and the code of the city today, or of its province where no more is certain.

Papua's: the names in Permendagri 72/2019, which had these codes, matched with the list of 2025.
"""

RETIRED_PROVINCES = frozenset({"54"})
"""East Timor, until 1999; none of its regions has a successor."""


def status_of(code: str) -> Status | None:
    """The status of a city's code (4 digits) or a district's (6); None for one that is not known.

    All districts of a retired city are retired: their numbering is not on the list any more.
    """
    city = code[:4]
    if city in SUCCESSORS or code[:2] in RETIRED_PROVINCES:
        return "retired"
    if find_region(code):
        return "current"
    is_gap = len(code) == 6 and code.isdecimal() and 0 < int(code[4:]) < _last_district().get(city, 0)
    return "retired" if is_gap else None


def region_today(code: str) -> str | None:
    """The district's or city's code on today's list that a NIK's first six digits `code` lead to.

    Of a retired code its successor, a city or a province; None for a code that is not known.
    """
    known = (code[:length] for length in (6, 4) if len(code) >= length and find_region(code[:length]))
    return SUCCESSORS.get(code[:4]) or next(known, None)


@cache
def _last_district() -> dict[str, int]:
    """The highest number of a district, by the code of its city."""
    last: dict[str, int] = defaultdict(int)
    for district in descendants_of("", 6):
        last[district.code[:4]] = max(last[district.code[:4]], int(district.code[4:]))
    return dict(last)
