from dataclasses import replace

import pytest

from worker.ktp.regions import children_of, descendants_of
from worker.pipeline.types import KtpFields
from worker.pipeline.validate import validate_fields

GOOD = KtpFields(
    identity_id="3171014305900001",
    full_name="SITI AMINAH",
    birth_place="JAKARTA",
    birth_date="03-05-1990",
    gender="PEREMPUAN",
    address="JL. MERDEKA NO. 1",
    province="DKI JAKARTA",
    city="JAKARTA PUSAT",
    district="GAMBIR",
    village="GAMBIR",
    rtrw="001/002",
    religion="ISLAM",
    marital_status="KAWIN",
    occupation="KARYAWAN SWASTA",
    nationality="WNI",
)


def codes(fields: KtpFields, name: str) -> list[str]:
    return [f"{issue.severity} {issue.code}" for issue in validate_fields(fields).issues.get(name, ())]


def test_a_good_card_has_no_issues():
    assert validate_fields(GOOD).issues == {}


@pytest.mark.parametrize(
    ("nik", "expected"),
    [
        ("3171234567890123", ["error impossible_date", "warning birth_date_differs"]),
        ("1234567890123456", ["error impossible_date", "warning birth_date_differs"]),
        ("3201234567890001", ["error impossible_date", "warning birth_date_differs"]),
        ("317101430590000", ["error not_16_digits"]),
        ("31710143059000O1", ["error not_16_digits"]),
        ("٣١٧١٠١٤٣٠٥٩٠٠٠٠١", ["error not_16_digits"]),
        ("3171014305900000", ["error serial_zero"]),
        ("3171010305900001", ["warning gender_differs"]),
        ("3171014405900001", ["warning birth_date_differs"]),
        ("3171014305910001", ["warning birth_date_differs"]),
        ("3171017102900001", ["error impossible_date", "warning birth_date_differs"]),
    ],
)
def test_niks(nik, expected):
    assert codes(replace(GOOD, identity_id=nik), "identity_id") == expected


@pytest.mark.parametrize("day", [1, 31])
def test_a_womans_day_has_40_added(day):
    fields = replace(GOOD, identity_id=f"317101{day + 40}0190{1:04}", birth_date=f"{day:02}-01-1990")
    assert codes(fields, "identity_id") == []


def test_a_man_with_a_womans_nik_is_a_warning():
    assert codes(replace(GOOD, gender="LAKI-LAKI"), "identity_id") == ["warning gender_differs"]


@pytest.mark.parametrize("value", ["31-02-1990", "1990-05-03", "3-5-1990", "00-01-1990", "03/05/1990", "03-13-1990"])
def test_malformed_dates(value):
    assert codes(replace(GOOD, birth_date=value), "birth_date") == ["error malformed_date"]


@pytest.mark.parametrize("value", ["001/002", "17/07", "1/2", "001/-", "-"])
def test_forms_of_rtrw_that_are_printed(value):
    assert codes(replace(GOOD, rtrw=value), "rtrw") == []


@pytest.mark.parametrize("value", ["001002", "0001/002", "/", "001/", "AB/CD"])
def test_malformed_rtrw(value):
    assert codes(replace(GOOD, rtrw=value), "rtrw") == ["error malformed_rtrw"]


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("gender", "LAKI-LAKI", "LAKI"),
        ("religion", "KATHOLIK", "ISLAMM"),
        ("marital_status", "CERAI MATI", "NIKAH"),
        ("occupation", "MENGURUS RUMAH TANGGA", "ASTRONOT"),
    ],
)
def test_wordings(name, good, bad):
    assert codes(replace(GOOD, **{name: good}), name) == []
    assert codes(replace(GOOD, **{name: bad}), name) == ["error not_in_list"]


def test_what_is_missing_is_a_warning_and_not_an_exception():
    issues = validate_fields(KtpFields()).issues
    assert len(issues) == 15
    assert {issue.code for found in issues.values() for issue in found} == {"missing"}


@pytest.mark.parametrize("nik", ["3171234567890123", "1234567890123456", "3201234567890001"])
def test_numbers_that_people_make_up_fail(nik):
    assert "error impossible_date" in codes(replace(GOOD, identity_id=nik), "identity_id")


@pytest.mark.parametrize("nik", ["3171013102900001", "3171017102900001"])
def test_the_31st_of_february_fails(nik):
    assert "error impossible_date" in codes(replace(GOOD, identity_id=nik), "identity_id")


@pytest.mark.parametrize("city", [city.code for city in descendants_of("", 4)])
def test_the_code_of_each_city_is_known(city):
    district = children_of(city)[0].code
    assert codes(KtpFields(identity_id=f"{district}4305900001"), "identity_id") == []


@pytest.mark.parametrize(
    ("code", "province", "city"),
    [
        ("910101", "PAPUA SELATAN", "KABUPATEN MERAUKE"),
        ("910101", "PAPUA", "KABUPATEN MERAUKE"),
        ("927101", "PAPUA BARAT DAYA", "KOTA SORONG"),
        ("927101", "PAPUA BARAT", "KOTA SORONG"),
        ("640401", "KALIMANTAN UTARA", "KABUPATEN BULUNGAN"),
        ("540101", "NUSA TENGGARA TIMUR", "KOTA KUPANG"),
    ],
)
def test_old_codes_are_known(code, province, city):
    fields = replace(GOOD, identity_id=f"{code}4305900001", province=province, city=city, district=None, village=None)
    assert codes(fields, "identity_id") == []


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("123401", ["warning unknown_region"]),
        ("990101", ["warning unknown_region"]),
        ("317199", ["warning unknown_district"]),
        ("317106", []),
        ("317305", ["warning region_differs"]),
        ("327302", ["warning region_differs"]),
        ("910101", ["warning region_differs"]),
    ],
)
def test_the_region_of_a_nik(code, expected):
    assert codes(replace(GOOD, identity_id=f"{code}4305900001"), "identity_id") == expected


def test_a_region_that_is_not_printed_differs_from_none():
    fields = replace(GOOD, identity_id="3273024305900001", province=None, city=None, district=None, village=None)
    assert codes(fields, "identity_id") == []
    assert codes(replace(fields, province="JAWA BARAT"), "identity_id") == []
    assert codes(replace(fields, province="BANTEN"), "identity_id") == ["warning region_differs"]


def test_a_region_of_the_same_name_is_not_another():
    fields = replace(GOOD, identity_id="3273024305900001", province="JAWA BARAT", district=None, village=None)
    assert codes(replace(fields, city="BANDUNG"), "identity_id") == []
    assert codes(replace(fields, city="KOTA BANDUNG"), "identity_id") == []
    assert codes(replace(fields, city="KABUPATEN BANDUNG"), "identity_id") == ["warning region_differs"]
