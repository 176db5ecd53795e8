import pytest

from worker.ktp.nik import has_birth_date, read_nik, repair_digits

NIK = "3273014507900003"


@pytest.mark.parametrize(
    "text",
    [
        NIK,
        ":" + NIK,
        " : 3273 0145 0790 0003",
        "32730I45O79OOOO3",
        "3273014507900OO3.",
        "327301A507900003",
        "32730145079Q0003",
        "3273014S07900003",
    ],
)
def test_repaired(text):
    assert read_nik(text) == NIK


@pytest.mark.parametrize("colon", "1278")
def test_a_colon_read_as_a_digit_is_dropped(colon):
    assert read_nik(colon + NIK) == NIK


@pytest.mark.parametrize("text", ["", ":", "327301450790000", "BUDI", NIK + NIK])
def test_what_is_no_nik_is_none(text):
    assert read_nik(text) is None


def test_letters_become_digits():
    assert repair_digits("OoQDIl|SsBZ") == "00001115582"


@pytest.mark.parametrize(
    ("nik", "possible"),
    [
        ("3273010507900003", True),
        ("3273014507900003", True),
        ("3273017112900003", True),
        ("3171234567890123", False),
        ("3273017207900003", False),
        ("3273010013900003", False),
        ("3273013102900003", False),
        ("3273012902000003", True),
    ],
)
def test_birth_date(nik, possible):
    assert has_birth_date(nik) is possible
