"""Invents the people of synthetic cards: everything that is printed on a card, consistent with itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from worker.pipeline.types import KtpFields
from worker.training.addresses import random_address, random_rtrw
from worker.training.names import pick, random_name
from worker.training.regions import PROVINCES, City, District, Province

_FIRST_BIRTH = date(1944, 1, 1)
_LAST_BIRTH = date(2006, 12, 31)
_FIRST_ISSUE = date(2011, 9, 1)
_LAST_ISSUE = date(2024, 12, 20)
_VALID_FOR_LIFE_SINCE = date(2014, 1, 1)
_BLOOD_TYPES = ("A", "B", "AB", "O", "-", "-", "O+", "B+", "A-")
_MARITAL = ("BELUM KAWIN", "KAWIN", "KAWIN", "KAWIN", "CERAI HIDUP", "CERAI MATI", "KAWIN TERCATAT")
_YOUNG_OCCUPATIONS = ("PELAJAR/MAHASISWA", "PELAJAR/MAHASISWA", "BELUM/TIDAK BEKERJA", "KARYAWAN SWASTA")
_OCCUPATIONS = (
    *("KARYAWAN SWASTA", "KARYAWAN SWASTA", "WIRASWASTA", "WIRASWASTA", "PEGAWAI NEGERI SIPIL", "PEDAGANG"),
    *("PETANI/PEKEBUN", "NELAYAN/PERIKANAN", "BURUH HARIAN LEPAS", "BURUH TANI/PERKEBUNAN", "GURU", "DOSEN"),
    *("TENTARA NASIONAL INDONESIA", "KEPOLISIAN RI", "KARYAWAN BUMN", "KARYAWAN HONORER", "SOPIR", "MEKANIK"),
    *("TUKANG LAS/PANDAI BESI", "TUKANG JAHIT", "PENTERJEMAH", "WARTAWAN", "ARSITEK", "PERANGKAT DESA"),
    *("DOKTER", "PERAWAT", "BURUH NELAYAN/PERIKANAN", "PENSIUNAN", "TRANSPORTASI", "LAINNYA"),
)
_WOMENS_OCCUPATIONS = ("MENGURUS RUMAH TANGGA", "MENGURUS RUMAH TANGGA", "BIDAN", "PENATA RIAS")


@dataclass(frozen=True)
class Person:
    """A fictional person: `fields` is the truth of the 15 fields of the contract, the rest is printed beside them.

    Dates are dd-mm-yyyy; `valid_until` is a date on cards issued before 2014 and SEUMUR HIDUP since.
    """

    fields: KtpFields
    blood_type: str
    valid_until: str
    issued_place: str
    issued_date: str


def compose_nik(region_code: str, birth: date, female: bool, serial: int) -> str:
    """The NIK of 16 digits: region (6), day (women: 40 more), month, year of two digits, serial (4)."""
    return f"{region_code}{birth.day + (40 if female else 0):02d}{birth:%m%y}{serial:04d}"


def print_date(day: date) -> str:
    """The day as cards print it: dd-mm-yyyy."""
    return f"{day.day:02d}-{day.month:02d}-{day.year:04d}"


def _random_day(first: date, last: date, rng: np.random.Generator) -> date:
    return first + timedelta(days=int(rng.integers((last - first).days + 1)))


def _birthday(birth: date, year: int) -> date:
    return date(year, birth.month, 28 if (birth.month, birth.day) == (2, 29) else birth.day)


def _valid_until(birth: date, issued: date) -> str:
    if issued >= _VALID_FOR_LIFE_SINCE:
        return "SEUMUR HIDUP"
    return print_date(_birthday(birth, issued.year + 5))


def _random_occupation(female: bool, age: int, rng: np.random.Generator) -> str:
    if age < 23:
        return pick(_YOUNG_OCCUPATIONS, rng)
    if female and rng.random() < 0.4:
        return pick(_WOMENS_OCCUPATIONS, rng)
    return pick(_OCCUPATIONS, rng)


def _random_birth_place(home: City, rng: np.random.Generator) -> str:
    if rng.random() < 0.6:
        return home.short_name
    return pick(pick(PROVINCES, rng).cities, rng).short_name


def _random_home(rng: np.random.Generator) -> tuple[Province, City, District]:
    province = pick(PROVINCES, rng)
    city = pick(province.cities, rng)
    return province, city, pick(city.districts, rng)


def random_person(rng: np.random.Generator) -> Person:
    """A fictional person; the NIK agrees with the printed region, birth date and gender, its serial is invented."""
    province, city, district = _random_home(rng)
    female = bool(rng.random() < 0.5)
    birth = _random_day(_FIRST_BIRTH, _LAST_BIRTH, rng)
    issued = _random_day(max(_FIRST_ISSUE, _birthday(birth, birth.year + 17)), _LAST_ISSUE, rng)
    age = issued.year - birth.year
    name = random_name(female, rng)
    fields = KtpFields(
        identity_id=compose_nik(province.code + city.code + district.code, birth, female, int(rng.integers(1, 9999))),
        full_name=name.printed,
        birth_place=_random_birth_place(city, rng),
        birth_date=print_date(birth),
        gender="PEREMPUAN" if female else "LAKI-LAKI",
        address=random_address(province.name, rng),
        province=province.name,
        city=city.name,
        district=district.name,
        village=pick(district.villages, rng),
        rtrw=random_rtrw(rng),
        religion=name.religion,
        marital_status="BELUM KAWIN" if age < 21 else pick(_MARITAL, rng),
        occupation=_random_occupation(female, age, rng),
        nationality="WNI",
    )
    return Person(
        fields=fields,
        blood_type=pick(_BLOOD_TYPES, rng),
        valid_until=_valid_until(birth, issued),
        issued_place=city.name if rng.random() < 0.4 else city.short_name,
        issued_date=print_date(issued),
    )
