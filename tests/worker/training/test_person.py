"""Invented people are consistent with themselves, varied, and the same for the same seed."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime

import numpy as np
import pytest

from worker.training.person import Person, compose_nik, random_person
from worker.training.regions import PROVINCES


@pytest.fixture(scope="module")
def people() -> list[Person]:
    rng = np.random.default_rng(2024)
    return [random_person(rng) for _ in range(600)]


def test_the_same_seed_gives_the_same_person_and_another_seed_another() -> None:
    first, again, other = (random_person(np.random.default_rng(seed)) for seed in (5, 5, 6))
    assert first == again
    assert first != other


def test_a_womans_nik_has_40_added_to_the_day() -> None:
    assert compose_nik("317401", date(1990, 8, 7), False, 12) == "3174010708900012"
    assert compose_nik("317401", date(1990, 8, 7), True, 12) == "3174014708900012"


def test_the_nik_agrees_with_birth_date_gender_and_region(people: list[Person]) -> None:
    codes = {
        (province.name, city.name, district.name): province.code + city.code + district.code
        for province in PROVINCES
        for city in province.cities
        for district in city.districts
    }
    for person in people:
        f = person.fields
        nik = f.identity_id or ""
        assert len(nik) == 16
        assert nik.isdigit()
        assert nik[:6] == codes[(f.province or "", f.city or "", f.district or "")]
        birth = datetime.strptime(f.birth_date or "", "%d-%m-%Y")
        assert int(nik[6:8]) == birth.day + (40 if f.gender == "PEREMPUAN" else 0)
        assert nik[8:12] == birth.strftime("%m%y")
        assert nik[12:] != "0000"


def test_every_printed_value_is_upper_case_with_single_blanks(people: list[Person]) -> None:
    for person in people:
        for value in asdict(person.fields).values():
            assert value == " ".join(str(value).upper().split())
            assert value


def test_nobody_gets_a_card_before_turning_17(people: list[Person]) -> None:
    for person in people:
        birth = datetime.strptime(person.fields.birth_date or "", "%d-%m-%Y")
        issued = datetime.strptime(person.issued_date, "%d-%m-%Y")
        assert (issued - birth).days >= 17 * 365


def test_old_cards_end_on_a_birthday_and_new_ones_never(people: list[Person]) -> None:
    old = [person for person in people if person.valid_until != "SEUMUR HIDUP"]
    assert 0 < len(old) < len(people)
    for person in old:
        assert int(person.issued_date[-4:]) < 2014
        assert int(person.valid_until[-4:]) == int(person.issued_date[-4:]) + 5
        if (person.fields.birth_date or "")[:5] != "29-02":
            assert person.valid_until[:5] == (person.fields.birth_date or "")[:5]


def test_people_are_varied(people: list[Person]) -> None:
    names = [person.fields.full_name or "" for person in people]
    assert {1, 2, 3, 4, 5} <= {len(name.split()) for name in names}
    assert any("'" in name for name in names)
    assert any(name.startswith(("H. ", "HJ. ", "DR. ")) for name in names)
    assert any("," in name for name in names)
    assert {person.fields.gender for person in people} == {"LAKI-LAKI", "PEREMPUAN"}
    assert len({person.fields.religion for person in people}) >= 6
    assert {person.fields.province for person in people} == {province.name for province in PROVINCES}


def test_the_table_of_regions_has_unique_codes_and_no_empty_city() -> None:
    assert len(PROVINCES) >= 12
    codes = [
        province.code + city.code + district.code
        for province in PROVINCES
        for city in province.cities
        for district in city.districts
    ]
    assert len(codes) == len(set(codes))
    assert all(len(code) == 6 for code in codes)
    assert all(city.districts for province in PROVINCES for city in province.cities)
    jakarta = next(province for province in PROVINCES if province.code == "31")
    assert all(city.name.startswith("JAKARTA ") for city in jakarta.cities)
