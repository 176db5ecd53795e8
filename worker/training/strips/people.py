"""Invents what is printed on the cards of training scenes: laid out as any card, but with words that nobody knows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from worker.ktp.values import legal_values
from worker.training.names import pick
from worker.training.person import Person, random_person
from worker.training.strips.texts import (
    address_line,
    blood_type,
    date_text,
    listed_line,
    name_line,
    nik_line,
    place_name,
    rtrw_line,
)
from worker.training.strips.words import any_words

_KEPT_SHARE = 0.2


def invent_person(rng: np.random.Generator) -> Person:
    """A person of words without sense and numbers that agree with nothing; one in five is left as in any scene."""
    person = random_person(rng)
    if rng.random() < _KEPT_SHARE:
        return person
    city = f"{pick(('KABUPATEN', 'KOTA'), rng)} {place_name(rng)}"
    fields = replace(
        person.fields,
        identity_id=nik_line(rng).shown,
        full_name=name_line(rng).shown,
        birth_place=place_name(rng),
        birth_date=date_text(rng),
        address=f"{address_line(rng).shown} {address_line(rng).shown}"
        if rng.random() < 0.2
        else address_line(rng).shown,
        province=any_words(rng, 1, 3),
        city=city,
        district=place_name(rng),
        village=place_name(rng),
        rtrw=rtrw_line(rng).shown,
        marital_status=pick(legal_values("maritalStatus"), rng),
        religion=pick(legal_values("religion"), rng),
        occupation=listed_line(rng).shown,
    )
    until = date_text(rng) if rng.random() < 0.4 else person.valid_until
    issued = city if rng.random() < 0.4 else place_name(rng)
    return Person(fields, blood_type(rng), until, issued, date_text(rng))
