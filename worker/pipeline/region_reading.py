"""Reads the four region names of a card: as they were read, repaired by the hierarchy, or the likeliest listed one."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import numpy as np

from worker.ktp.region_wordings import city_wordings, province_wordings
from worker.ktp.regions import children_of
from worker.pipeline.fields import read_city, read_header, read_letters, read_place
from worker.pipeline.listed import Loss, choose_wording
from worker.pipeline.readings import (
    NOTHING,
    FieldReading,
    measure_change,
    measure_span,
    measure_texts,
)
from worker.pipeline.regions import LEVELS, CorrectedRegions, RegionDoubts, RegionNames, correct_regions
from worker.pipeline.types import StripText

_BLANK_LOSS = 2.5
"""Nats by which a name without the list's blank must be likelier to be what is printed: cards do print GADINGKASRI."""

_CODE_LENGTHS = {"province": 0, "city": 2, "district": 4, "village": 6}
"""Digits of the code of the region whose children a level names."""

PROVINCE = "PROVINSI"
_WITHIN, _SPELT = Loss(0.35, 2.0), Loss(0.35, 0.35)
"""How much less likely than what was read a region within one that is known may be; and one that is the same but for
its spelling, which counts as clear: cards print GUGUK PANJANG, where GUGUAK PANJANG is listed."""

_SPELLING = re.compile("[AEOU ]")
"""What tells spellings of a name apart; I is thin, and lost as easily as any letter."""


@dataclass(frozen=True)
class RegionReadings:
    """A reading of each of the four fields; `city_code`: four digits of the printed city, None if not determined."""

    fields: dict[str, FieldReading]
    city_code: str | None


def read_regions(
    province: StripText, city: StripText, district: StripText, village: StripText, nik: str | None
) -> RegionReadings:
    """`province` and `city` are the lines of the header; `nik` is what was read of the NIK, right or wrong."""
    strips = dict(zip(LEVELS, (province, city, district, village), strict=True))
    read = RegionNames(
        _read_province(province.text), _read_city(city.text), read_place((district.text,)), read_place((village.text,))
    )
    doubts = RegionDoubts(*(1.0 - float(np.exp(measure_span(strips[level]))) for level in LEVELS))
    found = correct_regions(read, nik, doubts)
    names = found.names
    for level in LEVELS:
        if getattr(found.supports, level) == "as_read" and (better := _ask_list(strips[level], level, found)):
            found = correct_regions(replace(names, **{level: better}), nik, doubts)
            names = found.names
    fields = {level: _rate(strips[level], level, getattr(read, level), found) for level in LEVELS}
    return RegionReadings(fields, found.code[:4] if found.code and len(found.code) >= 4 else None)


def _read_province(text: str) -> str | None:
    """The province in the first line of the header, whose first word is PROVINSI, however damaged."""
    name, _ = read_header((text,))
    return name or read_letters((text.partition(" ")[2],))


def _read_city(text: str) -> str | None:
    name = read_letters((text,))
    return name and read_city(name)


def _ask_list(strip: StripText, level: str, found: CorrectedRegions) -> str | None:
    """The listed name that the strip shows likely enough beside what was read; None if there is none."""
    length = _CODE_LENGTHS[level]
    code = found.code or ""
    if len(code) < length or not strip.text:
        return None
    regions = children_of(code[:length])
    if level == "province":
        names = [f"{PROVINCE} {name}" for region in regions for name in province_wordings(region)]
    elif level == "city":
        names = [name for region in regions for name in city_wordings(region)]
    else:
        names = [region.name for region in regions]
    name = choose_wording(strip, strip.text, names, _WITHIN)
    if name and _SPELLING.sub("", name) == _SPELLING.sub("", strip.text):
        name = choose_wording(strip, strip.text, names, _SPELT)
    return name and name.removeprefix(f"{PROVINCE} ")


def _rate(strip: StripText, level: str, read: str | None, found: CorrectedRegions) -> FieldReading:
    """The repaired name; but where only blanks were moved, and the strip shows them as they were read, that one."""
    name = getattr(found.names, level)
    if name is None or read is None:
        return NOTHING
    prefix = f"{PROVINCE} " if level == "province" else ""
    known = getattr(found.supports, level) != "as_read"
    if name != read and name.replace(" ", "") == read.replace(" ", ""):
        as_listed, as_read = measure_texts(strip, [prefix + name, prefix + read])
        name = read if as_read - as_listed > _BLANK_LOSS else name
    return FieldReading(name, measure_change(strip, prefix + name), known)
