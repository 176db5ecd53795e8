import re

import pytest

from worker.ktp.region_codes import RETIRED_PROVINCES, SUCCESSORS, region_today, status_of
from worker.ktp.region_wordings import city_wordings, province_wordings
from worker.ktp.regions import Region, children_of, descendants_of, find_region, find_regions, is_name_of_any
from worker.ktp.values import legal_values, squeeze

CITIES = [city.code for city in descendants_of("", 4)]


def test_the_list_is_that_of_2025():
    assert [len(descendants_of("", length)) for length in (2, 4, 6, 10)] == [38, 514, 7285, 83762]


def test_codes_are_unique_and_begin_with_that_of_the_parent():
    for length, above in ((4, 2), (6, 4), (10, 6)):
        regions = descendants_of("", length)
        assert len({region.code for region in regions}) == len(regions)
        parents = {region.code for region in descendants_of("", above)}
        assert all(len(region.code) == length and region.code[:above] in parents for region in regions)


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("31", "DKI JAKARTA"),
        ("3173", "JAKARTA BARAT"),
        ("3273", "KOTA BANDUNG"),
        ("3201", "KABUPATEN BOGOR"),
        ("3173051005", "DURI KEPA"),
        ("5307012021", "REGAPU'U"),
        ("9301", "KABUPATEN MERAUKE"),
    ],
)
def test_a_region_is_found_by_its_code(code, name):
    assert find_region(code) == Region(code, name)


@pytest.mark.parametrize("code", ["", "1", "99", "3172999", "9101", "317101100", "3171011099", "3x", "٣١"])
def test_an_unknown_code_is_no_region(code):
    assert find_region(code) is None


def test_a_village_that_begins_with_a_number_keeps_it():
    numbered = [region for region in descendants_of("", 10) if region.name[0].isdecimal()]
    assert numbered
    assert all(find_region(region.code) == region and re.fullmatch(r"\d{10}", region.code) for region in numbered)


def test_children():
    assert len(children_of("")) == 38
    assert [city.code for city in children_of("31")] == ["3101", "3171", "3172", "3173", "3174", "3175"]
    assert Region("127111", "MEDAN JOHOR") in children_of("1271")
    assert Region("1271111005", "GEDUNG JOHOR") in children_of("127111")
    assert children_of("1271111005") == ()
    assert children_of("99") == ()


def test_regions_are_found_by_name_whatever_the_blanks():
    assert find_regions("medanjohor", 6, "12") == (Region("127111", "MEDAN JOHOR"),)
    assert len(find_regions("SUKAMAJU", 10)) > 20
    assert find_regions("NOWHERE", 10) == ()


def test_whether_anything_is_called_so():
    assert all(is_name_of_any(name) for name in ("GEDUNG JOHOR", "MEDAN JOHOR", "KOTA MEDAN", "TUMPOK 40"))
    assert not any(is_name_of_any(name) for name in ("EDUNG JOHOR", "(", "SURABAVA", "MEDAN JOHOR\n"))


def test_all_names_are_printable_on_a_card():
    names = (region.name for length in (2, 4, 6, 10) for region in descendants_of("", length))
    assert all(re.fullmatch(r"[A-Z0-9][A-Z0-9 .,'()/\-]*", name) and name == name.strip() for name in names)


@pytest.mark.parametrize("code", CITIES)
def test_each_of_the_514_cities_is_current(code):
    assert status_of(code) == "current"
    assert region_today(code) == code


def test_each_district_is_current():
    assert {status_of(district.code) for district in descendants_of("", 6)} == {"current"}


@pytest.mark.parametrize("code", ["9101", "9271", "910101", "927105", "6404", "6405", "6406", "6410", "6473", "5401"])
def test_old_codes_are_known(code):
    assert status_of(code) == "retired"


@pytest.mark.parametrize("code", ["1234", "0000", "9999", "3180", "123401", "3x01", ""])
def test_codes_that_were_never_in_use(code):
    assert status_of(code) is None
    assert region_today(code) is None


def test_a_gap_in_the_numbers_of_districts_was_one():
    assert find_region("110404") is None
    assert status_of("110404") == "retired"
    assert [status_of(code) for code in ("110400", "110499", "11040", "1104xx")] == [None] * 4


def test_no_retired_code_is_on_the_list_and_each_successor_is():
    assert not any(find_region(code) for code in (*SUCCESSORS, *RETIRED_PROVINCES))
    assert all(find_region(code) for code in SUCCESSORS.values())


def test_every_gap_in_the_numbers_of_cities_has_a_successor():
    for province in descendants_of("", 2):
        numbers = {int(city.code[2:]) for city in children_of(province.code)}
        for first in (1, 71):
            own = {number for number in numbers if first <= number < first + 70 and (number > 70) == (first > 70)}
            gaps = set(range(first, max(own, default=first))) - own
            assert {f"{province.code}{gap:02}" for gap in gaps} <= SUCCESSORS.keys()


def test_a_retired_code_leads_to_the_city_of_today():
    assert region_today("927101") == "9671"
    assert find_region("9671") == Region("9671", "KOTA SORONG")
    assert region_today("910102") == "9301"
    assert region_today("640401") == "65"


def test_every_legal_wording_of_a_province_is_that_of_one():
    known = {squeeze(wording) for province in descendants_of("", 2) for wording in province_wordings(province)}
    assert {squeeze(value) for value in legal_values("province")} <= known


def test_wordings_of_cities():
    assert city_wordings(Region("3404", "KABUPATEN SLEMAN")) == ("KABUPATEN SLEMAN", "KAB. SLEMAN", "SLEMAN")
    assert "KOTA ADMINISTRASI JAKARTA BARAT" in city_wordings(Region("3173", "JAKARTA BARAT"))
    assert "KABUPATEN MAMUJU UTARA" in city_wordings(Region("7601", "KABUPATEN PASANGKAYU"))
