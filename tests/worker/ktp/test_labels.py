import pytest

from worker.ktp.labels import cut_blood_type, is_blood_label, is_card_wording, match_label, starts_with_header
from worker.ktp.layout import Row


@pytest.mark.parametrize("row", Row)
def test_printed_labels_are_found_with_and_without_their_value(row):
    for text in (row.value, row.value + ":", row.value + " : ABC"):
        match = match_label(text)
        assert match is not None
        assert match.row is row
        assert match.rest == ("ABC" if "ABC" in text else "")


@pytest.mark.parametrize(
    ("text", "row", "rest"),
    [
        ("Nama:BUDI SANTOSO", Row.NAME, "BUDI SANTOSO"),
        ("NamaBUDI", Row.NAME, "BUDI"),
        ("Narna", Row.NAME, ""),
        ("Tempat/Tgl Lahir:JAKARTA, 01-02-1990", Row.BIRTH, "JAKARTA, 01-02-1990"),
        ("TempatTglLahr", Row.BIRTH, ""),
        ("Tempat/TgI Lahir", Row.BIRTH, ""),
        ("Jenis kelam1n", Row.GENDER, ""),
        ("A1amat", Row.ADDRESS, ""),
        ("RTRW 001/002", Row.RTRW, "001/002"),
        ("KeI/Desa", Row.VILLAGE, ""),
        ("Status Perkawinan:BELUM KAWIN", Row.MARITAL_STATUS, "BELUM KAWIN"),
        ("Kewarganegaraan WNI", Row.NATIONALITY, "WNI"),
        ("Kewarganegaran:", Row.NATIONALITY, ""),
        ("NIK: 3273014507900003", Row.NIK, "3273014507900003"),
    ],
)
def test_damaged_or_glued(text, row, rest):
    match = match_label(text)
    assert match is not None
    assert (match.row, match.rest) == (row, rest)


@pytest.mark.parametrize("text", ["", "NI", "NEK", "BUDI SANTOSO", "JL. MERDEKA NO. 1", "ISLAM", "3273014507900003"])
def test_values_are_no_labels(text):
    assert match_label(text) is None


@pytest.mark.parametrize(
    ("text", "gender"),
    [
        ("LAKI-LAKI Gol. Darah : O", "LAKI-LAKI "),
        ("PEREMPUAN GoI.Darah:-", "PEREMPUAN "),
        ("LAKI-LAKIGol Darah", "LAKI-LAKI"),
        ("PEREMPUAN", "PEREMPUAN"),
    ],
)
def test_blood_type_is_cut(text, gender):
    assert cut_blood_type(text) == gender
    assert not is_blood_label(text)


def test_blood_label():
    assert is_blood_label("Gol. Darah : AB")


@pytest.mark.parametrize(("text", "header"), [("PROVINSIJAWA BARAT", True), ("KABUPATFN BOGOR", True), ("BALI", False)])
def test_header(text, header):
    assert starts_with_header(text) is header


@pytest.mark.parametrize(
    ("text", "wording"), [("Kewarganegaraan", True), ("PROVINSI BALI", True), ("Nama", True), ("Namo", False)]
)
def test_wording_that_does_not_come_by_chance(text, wording):
    assert is_card_wording(text) is wording


@pytest.mark.parametrize("text", ["Namaßßßß BUDI", "ßNIK: 1", "AlamatßJL", "ŉŉŉŉ"])
def test_letters_whose_capital_is_two_letters_do_no_harm(text):
    match = match_label(text)
    assert match is None or match.rest in text
