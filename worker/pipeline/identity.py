"""Reads the NIK and the birth date, each by its own strip and by what the other and the printed gender say.

The NIK repeats birth date and gender (women: day + 40) and begins with the region of first registration. On nearly all
genuine cards these agree, so what agrees is likelier; a reading that is sure of itself is never given up for it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from worker.ktp.nik import FEMALE_DAY_OFFSET, LENGTH, has_birth_date, holds_date
from worker.ktp.region_codes import region_today, status_of
from worker.pipeline.characters import decode
from worker.pipeline.fields import PLAIN_DATE
from worker.pipeline.readings import IMPOSSIBLE, NOTHING, FieldReading, cut_steps, measure_texts
from worker.pipeline.search import likeliest_texts
from worker.pipeline.types import StripText
from worker.pipeline.validate import parse_date

SURE = float(np.log(0.9))
"""A reading of at least this log probability is not given up for another."""

_FIRST, _OLD = date(1880, 1, 1), 1915
"""Nobody with a card was born before; very few in the years up to the second."""

LEAST_SHOWN = -9.0
"""Log probability below which a strip shows none of the candidates, and something else."""

BEAM, NUMBERS, DATES = 24, 16, 24

IMPOSSIBLE_DATE, UNKNOWN_CITY = -5.0, -3.0
OLD = -5.0
DIFFERENT_DATE, DIFFERENT_GENDER, DIFFERENT_CITY = -6.0, -4.0, -3.0
"""In nats: how much rarer such cards are than their opposites. One card in fifty has a NIK of another birth date, and
there are many other dates; one in ten was registered in another city, one of 513."""

_LEADS = ("", " ", ",", ", ")
"""What may stand before the date where the place was cut off: the cuts of a line do not end at the same step."""

_DIGITS = "0123456789"
_IN_DATES = _DIGITS + "- "


@dataclass(frozen=True)
class Identity:
    """The NIK and the birth date as they are most likely together."""

    number: FieldReading
    birth_date: FieldReading


@dataclass(frozen=True)
class _Candidate:
    text: str
    log_probability: float


def read_identity(number: StripText, birth: StripText, gender: FieldReading, city_code: str | None) -> Identity:
    """`number`: strip of the NIK; `birth`: that of place and date; `city_code`: four digits of the printed city."""
    part = _cut_date(birth)
    numbers, dates = _numbers(number), _dates(part)
    if not numbers:
        return Identity(NOTHING, _alone(dates))
    worth = np.array([each.log_probability + _weigh_number(each.text, gender, city_code) for each in numbers])
    dates = _add_dates_of(numbers, dates, part) if part else []
    if not dates:
        return Identity(_choose(numbers, worth), NOTHING)
    own = np.array([each.log_probability + _weigh_age(each.text) for each in dates])
    agree = np.array([[0.0 if holds_date(one.text, two.text) else DIFFERENT_DATE for two in dates] for one in numbers])
    joint = worth[:, None] + own[None, :] + agree
    chosen = _choose(numbers, np.logaddexp.reduce(joint, axis=1))
    born = _choose(dates, np.logaddexp.reduce(joint, axis=0))
    if chosen.value and born.value and not holds_date(chosen.value, born.value):
        return Identity(replace(chosen, contradicted=True), replace(born, contradicted=True))
    return Identity(chosen, born)


def _numbers(strip: StripText) -> list[_Candidate]:
    """The likeliest numbers of 16 digits in the strip."""
    if not len(strip.log_probabilities):
        return []
    found = likeliest_texts(strip.log_probabilities, _DIGITS, beam=BEAM, length=LENGTH)[:NUMBERS]
    texts = [text for text, _ in found]
    likely = measure_texts(strip, texts) if texts else []
    return [_Candidate(text, each) for text, each in zip(texts, likely, strict=True) if each > IMPOSSIBLE]


def _weigh_number(nik: str, gender: FieldReading, city_code: str | None) -> float:
    weight = 0.0 if has_birth_date(nik) else IMPOSSIBLE_DATE
    if status_of(nik[:4]) is None:
        weight += UNKNOWN_CITY
    elif city_code and (region_today(nik[:6]) or "")[:4] != city_code:
        weight += DIFFERENT_CITY
    female = int(nik[6:8]) > FEMALE_DAY_OFFSET
    if gender.known and gender.value in ("LAKI-LAKI", "PEREMPUAN") and female != (gender.value == "PEREMPUAN"):
        weight += DIFFERENT_GENDER * float(np.exp(gender.log_probability))
    return weight


def _cut_date(birth: StripText) -> StripText | None:
    """What stands behind the place: from its comma or its last letter on. None if that is nothing."""
    steps = decode(birth.log_probabilities)
    behind = next((index for index in range(len(steps.text) - 1, -1, -1) if steps.text[index].isalpha()), -1)
    comma = steps.text.find(",", max(0, behind))
    last = max(behind, comma)
    if steps.text[last + 1 : last + 2] == " ":
        last += 1
    start = steps.characters[last].right if last >= 0 else 0.0
    strip = cut_steps(birth, int(start) / max(1, len(birth.log_probabilities)), 1.0)
    return strip if strip.text else None


def _dates(part: StripText | None) -> list[_Candidate]:
    """The likeliest dates in the part."""
    if part is None:
        return []
    found = likeliest_texts(part.log_probabilities, _IN_DATES, beam=BEAM)
    texts = {text.strip() for text, _ in found}
    return _weigh_dates(part, {text for text in texts if PLAIN_DATE.fullmatch(text)})


def _add_dates_of(numbers: list[_Candidate], dates: list[_Candidate], part: StripText) -> list[_Candidate]:
    """With the dates that the likeliest numbers hold, in both centuries."""
    texts = set()
    for number in numbers[:4]:
        day = int(number.text[6:8]) % FEMALE_DAY_OFFSET
        texts |= {f"{day:02d}-{number.text[8:10]}-{century}{number.text[10:12]}" for century in ("19", "20")}
    return dates + _weigh_dates(part, texts - {each.text for each in dates})


def _weigh_dates(part: StripText, dates: set[str]) -> list[_Candidate]:
    """The DATES likeliest of the possible ones of `dates`."""
    today = date.today()
    texts = sorted(text for text in dates if (day := parse_date(text)) and _FIRST <= day <= today)
    likely = _measure_dates(part, texts) if texts else []
    ranked = sorted(zip(texts, likely, strict=True), key=lambda each: -each[1])[:DATES]
    return [_Candidate(text, value) for text, value in ranked if value > IMPOSSIBLE]


def _measure_dates(part: StripText, dates: list[str]) -> list[float]:
    """Log probability of each date, the mean of all views: of each view with what was left there of the place's end."""
    if not part.views:
        return measure_texts(part, dates)
    likely = []
    for steps in (part.log_probabilities, *part.views):
        view = replace(part, log_probabilities=steps, views=())
        seen = measure_texts(view, [lead + date for lead in _LEADS for date in dates])
        likely.append(np.reshape(seen, (len(_LEADS), len(dates))).max(axis=0))
    mean: list[float] = np.mean(likely, axis=0).tolist()
    return mean


def _alone(candidates: list[_Candidate]) -> FieldReading:
    """The likeliest date where there is no number."""
    worth = np.array([each.log_probability + _weigh_age(each.text) for each in candidates])
    return _choose(candidates, worth) if candidates else NOTHING


def _weigh_age(date: str) -> float:
    return OLD if int(date[-4:]) < _OLD else 0.0


def _choose(candidates: list[_Candidate], worth: NDArray[np.float64]) -> FieldReading:
    """The candidate of the most worth, unless the likeliest by itself is sure.

    It is as probable as its share of all worth, if the strip shows any of the candidates; nothing, if it shows none.
    """
    alone = np.array([each.log_probability for each in candidates])
    likeliest = int(np.argmax(alone))
    best = likeliest if alone[likeliest] >= SURE else int(np.argmax(worth))
    share = float(worth[best] - np.logaddexp.reduce(worth))
    shown = min(0.0, float(np.logaddexp.reduce(alone)))
    if shown < LEAST_SHOWN:
        return NOTHING
    return FieldReading(candidates[best].text, max(IMPOSSIBLE, share + shown), known=True)
