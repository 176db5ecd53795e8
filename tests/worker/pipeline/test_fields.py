import pytest

from worker.pipeline.fields import (
    read_birth,
    read_city,
    read_closed,
    read_gender,
    read_header,
    read_letters,
    read_nationality,
    read_occupation,
    read_place,
    read_rtrw,
    read_text,
    tidy,
)


@pytest.mark.parametrize(
    ("text", "value"),
    [("  Budi   santoso ", "BUDI SANTOSO"), ("MA\u2019RUF", "MA'RUF"), ("-", ""), (": X", "X"), ("JOSÉ中", "JOSE")],
)
def test_tidy(text, value):
    assert tidy(text) == value


@pytest.mark.parametrize(
    ("lines", "value"),
    [
        (("SUKARNO",), "SUKARNO"),
        (("SITI NUR", "AISYAH"), "SITI NUR AISYAH"),
        (("DR. H. BUDI, S.H., M.SI",), "DR. H. BUDI, S.H., M.SI"),
        (("N0VI 5USANTI",), "NOVI SUSANTI"),
        (("1BUDI",), "BUDI"),
        ((), None),
        (("-",), None),
    ],
)
def test_names(lines, value):
    assert read_letters(lines) == value


def test_addresses_keep_their_digits():
    assert read_text(("JL. 10 NOVEMBER NO. 5", "BLOK B2/18")) == "JL. 10 NOVEMBER NO. 5 BLOK B2/18"


@pytest.mark.parametrize(
    ("text", "value"), [("13 ULU", "13 ULU"), ("1KEBON JERUK", "KEBON JERUK"), (".SUKASARI", "SUKASARI"), ("", None)]
)
def test_places(text, value):
    assert read_place((text,)) == value


@pytest.mark.parametrize(
    ("lines", "place", "date"),
    [
        (("JAKARTA, 17-08-1990",), "JAKARTA", "17-08-1990"),
        (("JAKARTA 17-08-1990",), "JAKARTA", "17-08-1990"),
        (("JAKARTA,17-08-1990",), "JAKARTA", "17-08-1990"),
        (("JAKARTA", "17-08-1990"), "JAKARTA", "17-08-1990"),
        (("KOTA BARU. 17-O8-199O",), "KOTA BARU", "17-08-1990"),
        (("BOGOR, l7-08-2001",), "BOGOR", "17-08-2001"),
        (("BOGOR, 17 08 1990",), "BOGOR", "17-08-1990"),
        (("BOGOR, 17081990",), "BOGOR", "17-08-1990"),
        (("BOGOR, 37-08-1990",), "BOGOR", None),
        (("BOGOR",), "BOGOR", None),
        (("17-08-1990",), None, "17-08-1990"),
        ((), None, None),
    ],
)
def test_birth(lines, place, date):
    assert read_birth(lines) == (place, date)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("001/002", "001/002"),
        ("01/02", "01/02"),
        (": 001 / 002", "001/002"),
        ("OO1/0O2", "001/002"),
        ("1001/002", "001/002"),
        ("001002", "001/002"),
        ("0011002", "001/002"),
        ("001/-", "001/-"),
        ("-", None),
        ("ABC", None),
        ("", None),
    ],
)
def test_rtrw(text, value):
    assert read_rtrw((text,)) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("LAKI-LAKI", "LAKI-LAKI"),
        ("LAKILAKI", "LAKI-LAKI"),
        ("LAKI - LAKl", "LAKI-LAKI"),
        ("PEREMPUAN O", "PEREMPUAN"),
        ("PEREMPUAM", "PEREMPUAN"),
        ("XYZ", None),
        ("", None),
    ],
)
def test_gender(text, value):
    assert read_gender((text,)) == value


def test_closed_fields_are_repaired_and_otherwise_left():
    assert read_closed(("BELUMKAWIN",), "maritalStatus") == "BELUM KAWIN"
    assert read_closed(("JANDA",), "maritalStatus") == "JANDA"
    assert read_closed((), "religion") is None


def test_occupation_and_nationality():
    assert read_occupation(("MENGURUS RUMAHTANGGA",)) == "MENGURUS RUMAH TANGGA"
    assert read_occupation(("SUPIR",)) == "SUPIR"
    assert read_nationality(("WN1",)) == "WNI"
    assert read_nationality(("JEPANG",)) == "JEPANG"


@pytest.mark.parametrize(
    ("lines", "province", "city"),
    [
        (("PROVINSI JAWA BARAT", "KABUPATEN BANDUNG"), "JAWA BARAT", "KABUPATEN BANDUNG"),
        (("PROVINSIJAWABARAT", "KOTABANDUNG"), "JAWA BARAT", "KOTA BANDUNG"),
        (("PROVINS DKI JAKARTA", "JAKARTA SELATAN"), "DKI JAKARTA", "JAKARTA SELATAN"),
        (("JAWA BARAT", "KABUPATENBOGOR"), "JAWA BARAT", "KABUPATEN BOGOR"),
        (("PROVINSI BALI",), "BALI", None),
        (("KOTA DENPASAR",), None, "KOTA DENPASAR"),
        ((), None, None),
    ],
)
def test_header(lines, province, city):
    assert read_header(lines) == (province, city)


@pytest.mark.parametrize(
    ("text", "city"),
    [
        ("KOTABANDUNG", "KOTA BANDUNG"),
        ("KABUPATENSLEMAN", "KABUPATEN SLEMAN"),
        ("KABUPATENKOTABARU", "KABUPATEN KOTABARU"),
        ("KOTA KOTAMOBAGU", "KOTA KOTAMOBAGU"),
        ("KOTABARU", "KOTABARU"),
        ("KOTAWARINGIN BARAT", "KOTAWARINGIN BARAT"),
        ("JAKARTA SELATAN", "JAKARTA SELATAN"),
    ],
)
def test_city_gets_its_blank_back_and_names_stay_whole(text, city):
    assert read_city(text) == city
