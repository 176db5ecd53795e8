import random

import pytest

from worker.ktp.region_wordings import city_wordings
from worker.ktp.regions import descendants_of, find_region
from worker.ktp.values import LOOK_ALIKES
from worker.pipeline import region_search
from worker.pipeline.region_costs import IMPOSSIBLE, allowed_cost, has_same_numerals, misreading_cost
from worker.pipeline.regions import (
    LEVELS,
    RegionDoubts,
    RegionNames,
    RegionSupports,
    compare_codes,
    correct_birth_place,
    correct_regions,
)

MEDAN = RegionNames("SUMATERA UTARA", "KOTA MEDAN", "MEDAN JOHOR", "GEDUNG JOHOR")
SURE = RegionDoubts(0.0, 0.0, 0.0, 0.0)
UNSURE = RegionDoubts(1.0, 1.0, 1.0, 1.0)


def correct(*names, nik=None, doubts=None):
    return correct_regions(RegionNames(*names), nik, doubts)


def texts(corrected):
    return [getattr(corrected.names, level) for level in LEVELS]


def supports(corrected):
    return [getattr(corrected.supports, level) for level in LEVELS]


def test_names_as_listed_stay_and_give_the_code():
    corrected = correct_regions(MEDAN, "1271110101900001")
    assert corrected.names == MEDAN
    assert corrected.supports == RegionSupports("listed", "listed", "listed", "listed")
    assert (corrected.code, corrected.agreement) == ("1271111005", "equal")


@pytest.mark.parametrize(
    ("read", "repaired"),
    [
        (("SUMATERA UTARA", "KOTA MEDAN", "MEDANJOHOR", "GEDUNGJOHOR"), tuple(vars(MEDAN).values())),
        (("SUMATERAUTARA", "KOTAMEDAN", "MEDAN JOHOR", "GEDUNG J0HOR"), tuple(vars(MEDAN).values())),
        (("SUNATERA UTARA", "KOTA MEDAM", "NEDAN JOHOR", "6EDUNG JOHOR"), tuple(vars(MEDAN).values())),
        (("SUMATERA UTARA", "KOTA MEDAN", "R MEDAN JOHOR", "I GEDUNG JOHOR"), tuple(vars(MEDAN).values())),
        (("PAPUA", "KOTAJAYAPURA", "ABEPURA", "AWIYO"), ("PAPUA", "KOTA JAYAPURA", "ABEPURA", "AWIYO")),
        (("DI YOGYAKARTA", "E SLEMAN", None, None), ("DI YOGYAKARTA", "SLEMAN", None, None)),
        (("JAVVA BARAT", "KOTA BANDUNG", None, None), ("JAWA BARAT", "KOTA BANDUNG", None, None)),
    ],
)
def test_damage_is_repaired(read, repaired):
    assert texts(correct(*read)) == list(repaired)


@pytest.mark.parametrize(
    ("read", "listed", "joined"),
    [
        ("MEDANJOHOR", "MEDAN JOHOR", "MEDAN JOHOR"),
        ("ORO ORO DOWO", "ORO-ORO DOWO", "ORO ORO DOWO"),
        ("OROORO DOWO", "ORO-ORO DOWO", "ORO-ORO DOWO"),
        ("PASIR LUYU", "PASIRLUYU", "PASIR LUYU"),
        ("JE'NETALLASA", "JENE'TALLASA", "JE'NETALLASA"),
        ("DERI", "DERI'", "DERI'"),
    ],
)
def test_blanks_and_marks_are_put_where_some_are_missing(read, listed, joined):
    assert region_search.join_separators(read, listed) == joined


def test_a_blank_is_put_back_into_another_spelling():
    corrected = correct("SUMATERA BARAT", "KOTA BUKITTINGGI", "GUGUK PANJANG", "BUKIT APITPUHUN")
    assert texts(corrected)[2:] == ["GUGUK PANJANG", "BUKIT APIT PUHUN"]
    assert supports(corrected) == ["listed", "listed", "as_read", "as_read"]


@pytest.mark.parametrize("doubts", [None, SURE])
def test_another_spelling_stays(doubts):
    corrected = correct("DKI JAKARTA", "JAKARTA BARAT", "KEBUN JERUK", "DURI KEPA", doubts=doubts)
    assert corrected.names.district == "KEBUN JERUK"
    assert supports(corrected) == ["listed", "listed", "as_read", "listed"]
    assert corrected.code == "3173051005"


def test_the_same_letters_are_damage_where_the_recognizer_doubts():
    corrected = correct("DKI JAKARTA", "JAKARTA BARAT", "KEBUN JERUK", "DURI KEPA", doubts=RegionDoubts(district=0.9))
    assert corrected.names.district == "KEBON JERUK"
    assert corrected.supports.district == "repaired"


@pytest.mark.parametrize(
    ("province", "city", "code"),
    [
        ("ACEH", "KOTA BANDA ACEH", "1171"),
        ("NANGGROE ACEH DARUSSALAM", "KOTA BANDA ACEH", "1171"),
        ("DKI JAKARTA", "JAKARTA BARAT", "3173"),
        ("DAERAH KHUSUS IBUKOTA JAKARTA", "KOTA ADMINISTRASI JAKARTA BARAT", "3173"),
        ("DAERAH KHUSUS JAKARTA", "KOTA ADM. JAKARTA BARAT", "3173"),
        ("DI YOGYAKARTA", "SLEMAN", "3404"),
        ("D.I. YOGYAKARTA", "KAB. SLEMAN", "3404"),
        ("DAERAH ISTIMEWA YOGYAKARTA", "KABUPATEN SLEMAN", "3404"),
        ("BANGKA BELITUNG", "KOTA PANGKAL PINANG", "1971"),
        ("KEPULAUAN BANGKA BELITUNG", "KOTA PANGKALPINANG", "1971"),
        ("NUSA TENGGARA BARAT", "KAB SUMBAWA", "5204"),
        ("SULAWESI BARAT", "KABUPATEN MAMUJU UTARA", "7601"),
        ("PAPUA", "KABUPATEN MERAUKE", "9301"),
        ("PAPUA SELATAN", "KABUPATEN MERAUKE", "9301"),
        ("PAPUA BARAT", "KOTA SORONG", "9671"),
        ("KALIMANTAN TIMUR", "KOTA TARAKAN", "6571"),
    ],
)
@pytest.mark.parametrize("doubts", [SURE, UNSURE])
def test_no_printed_wording_is_replaced_by_another(province, city, code, doubts):
    corrected = correct(province, city, doubts=doubts)
    known_glued = {"KOTA PANGKALPINANG": "KOTA PANGKAL PINANG"}
    assert texts(corrected) == [province, known_glued.get(city, city), None, None]
    assert corrected.code == code


def test_what_is_missing_stays_missing():
    assert texts(correct(None, None, None, None, nik="1271110101900001")) == [None] * 4
    assert texts(correct(None, "KOTA MEDAN", None, "GEDUNG JOHOR")) == [None, "KOTA MEDAN", None, "GEDUNG JOHOR"]
    assert correct(None, None, "GAMBIR", None).supports == RegionSupports(district="listed")


def test_listed_names_that_contradict_each_other_stay():
    corrected = correct("JAWA TENGAH", "KOTA BANDUNG", nik="3273010101900001", doubts=UNSURE)
    assert texts(corrected)[:2] == ["JAWA TENGAH", "KOTA BANDUNG"]


def test_districts_tell_the_city_from_the_regency_of_the_same_name():
    assert correct("JAWA BARAT", "BANDUNG").code == "32"
    assert correct("JAWA BARAT", "BANDUNG", "COBLONG").code == "327302"
    assert correct("JAWA BARAT", "BANDUNG", "CILEUNYI").code.startswith("3204")


def test_the_city_repairs_the_province():
    corrected = correct("JAVVA BAXAT", "KOTA BANDUNG", "COBLONG", "DAGO")
    assert corrected.names.province == "JAWA BARAT"
    assert corrected.supports.province == "repaired"
    assert correct("JAVVA BAXAT").names.province == "JAVVA BAXAT"


@pytest.mark.parametrize("village", ["SEKIP JAYA I", "SEKIP JAYA III", "SEKIP JAYA 2", "SEKIP JAYA"])
def test_a_numeral_is_never_changed(village):
    listing = region_search.make_listing((("SEKIP JAYA II", "1271010001"), ("13 ULU", "1271010002")))
    assert all(match.value == village for match in region_search.match_names(village, listing, 1.0))


def test_numerals():
    assert has_same_numerals("SEKIP JAYA II", "SEKIP JAYA II")
    assert has_same_numerals("SEKIP JAYA 1I", "SEKIP JAYA II")
    assert has_same_numerals("I3 ULU", "13 ULU")
    assert not has_same_numerals("11 ULU", "13 ULU")
    assert not has_same_numerals("SEKIP JAYA 11", "SEKIP JAYA II")
    assert not has_same_numerals("SIMALINGKAR A", "SIMALINGKAR B")
    assert not has_same_numerals("N-6 AEK NABARA", "S-6 AEK NABARA")
    assert misreading_cost("11ULU", "13ULU", 5.0) == IMPOSSIBLE


@pytest.mark.parametrize("name", ["SIMALINGKAR B", "X KOTO", "V KOTO", "2 X 11 KAYU TANAM", "II KOTO"])
def test_the_first_or_last_character_of_a_name_is_no_glitch(name):
    listing = region_search.make_listing((("SIMALINGKAR", "a"), ("KOTO", "b"), ("X 11 KAYU TANAM", "c")))
    assert all(match.value == name for match in region_search.match_names(name, listing, 0.1))


@pytest.mark.parametrize(
    ("nik", "agreement"),
    [
        ("1271110101900001", "equal"),
        ("1271010101900001", "same_city"),
        ("1207260101900001", "same_province"),
        ("3171010101900001", "differ"),
        ("1234560101900001", "unknown"),
        ("", "unknown"),
        (None, "unknown"),
        ("not a number", "unknown"),
    ],
)
def test_agreement_with_the_nik(nik, agreement):
    assert correct_regions(MEDAN, nik).agreement == agreement


def test_an_old_code_agrees_with_the_city_that_had_it():
    assert correct("PAPUA BARAT DAYA", "KOTA SORONG", nik="9271010101900001").agreement == "same_city"
    assert correct("KALIMANTAN UTARA", "KABUPATEN BULUNGAN", nik="6404010101900001").agreement == "same_province"
    assert compare_codes("65", "6501") == "same_province"


def test_the_nik_never_changes_a_listed_name():
    corrected = correct_regions(MEDAN, "3171010101900001", UNSURE)
    assert corrected.names == MEDAN


@pytest.mark.parametrize(
    "garbage",
    [
        "",
        " ",
        "😀",
        "日本語",
        "\x00\ud800",
        "٣١٧١",
        "...",
        "-",
        "A" * 5000,
        "(" * 40,
        "I I I I",
        "1 1 1",
        "ß",
    ],
)
def test_garbage_stays_as_it_is(garbage):
    assert texts(correct(*[garbage] * 4, nik=garbage, doubts=UNSURE)) == [garbage] * 4
    assert correct_birth_place(garbage, 1.0) == garbage


def test_what_a_reading_may_cost():
    assert allowed_cost(0.0, 3) == 0.0
    assert 0.35 <= allowed_cost(0.0, 10) < 1.0
    assert 1.0 <= allowed_cost(0.4, 10) < 2.0
    costs = [allowed_cost(doubt / 10, 12) for doubt in range(11)]
    assert costs == sorted(costs)
    assert misreading_cost("MEDAN", "MEDAN", 1.0) == 0.0
    assert misreading_cost("RNEDAN", "MEDAN", 1.0) == misreading_cost("MEDAM", "MEDAN", 1.0) == 0.35
    assert misreading_cost("KEBUN", "KEBON", 5.0) == misreading_cost("BRAYAN", "BERAYAN", 5.0) == 2.0
    assert misreading_cost("PAJAR", "FAJAR", 1.0) == 1.0


@pytest.mark.parametrize(
    ("read", "doubt", "place"),
    [
        ("BANDUNG", 0.1, "BANDUNG"),
        ("JAKARTABARAT", 0.1, "JAKARTA BARAT"),
        ("MEDANJOHOR", 0.1, "MEDAN JOHOR"),
        ("SURABAVA", 0.1, "SURABAYA"),
        ("R MEDAN", 0.1, "MEDAN"),
        ("SIDOARDJO", 0.1, "SIDOARDJO"),
        ("SINGAPORE", 0.1, "SINGAPORE"),
        ("NEW YORK", 1.0, "NEW YORK"),
        ("UJUNG PANDANG", 1.0, "UJUNG PANDANG"),
        ("GEDUNG JOHOR", 1.0, "GEDUNG JOHOR"),
        (None, 0.1, None),
    ],
)
def test_birth_places(read, doubt, place):
    assert correct_birth_place(read, doubt) == place


def draw_cards(count):
    generator = random.Random(5)
    for village in generator.sample(descendants_of("", 10), count):
        province, city, district = (find_region(village.code[:length]) for length in (2, 4, 6))
        yield generator, village.code, [province.name, city_wordings(city)[0], district.name, village.name]


def test_most_look_alikes_are_repaired_and_none_into_another_name():
    repaired = wrong = 0
    for generator, _, names in draw_cards(150):
        level = generator.randrange(4)
        name = names[level]
        places = [index for index, mark in enumerate(name) if any(mark in group for group in LOOK_ALIKES)]
        at = generator.choice(places)
        group = generator.choice([group for group in LOOK_ALIKES if name[at] in group])
        other = generator.choice(group.replace(name[at], ""))
        damaged = [*names[:level], name[:at] + other + name[at + 1 :], *names[level + 1 :]]
        read = texts(correct(*damaged))
        repaired += read == names
        wrong += read not in (names, damaged)
    assert wrong == 0
    assert repaired >= 0.9 * 150


def test_a_village_that_is_not_listed_stays(monkeypatch):
    for _, code, names in draw_cards(60):
        with monkeypatch.context() as patch:
            patch.setattr(
                region_search,
                "descendants_of",
                lambda within, length, missing=code: tuple(
                    region for region in descendants_of(within, length) if region.code != missing
                ),
            )
            region_search.list_below.cache_clear()
            assert texts(correct(*names)) == names
    region_search.list_below.cache_clear()
