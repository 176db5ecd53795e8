import pytest

from worker.ktp.values import legal_values, snap, squeeze


@pytest.mark.parametrize("field", ["gender", "religion", "maritalStatus", "nationality", "occupation", "province"])
def test_every_wording_stays_itself(field):
    for value in legal_values(field):
        assert snap(value, field, 0.3) == value


def test_wordings_are_distinct_without_blanks():
    for field in ("religion", "maritalStatus", "occupation", "province"):
        values = legal_values(field)
        assert len(values) == len({squeeze(value) for value in values}) or field == "religion"


@pytest.mark.parametrize(
    ("text", "field", "value"),
    [
        ("1SLAM", "religion", "ISLAM"),
        ("KATHOLlK", "religion", "KATHOLIK"),
        ("BELUMKAWIN", "maritalStatus", "BELUM KAWIN"),
        ("MENGURUSRUMAHTANGGA", "occupation", "MENGURUS RUMAH TANGGA"),
        ("PELAJARMAHASISWA", "occupation", "PELAJAR/MAHASISWA"),
        ("KARYAWAN SWA5TA", "occupation", "KARYAWAN SWASTA"),
        ("DKIJAKARTA", "province", "DKI JAKARTA"),
    ],
)
def test_misreadings_are_led_back(text, field, value):
    assert snap(text, field, 0.13) == value


@pytest.mark.parametrize("text", ["SUPIR", "PENYANYI", "PETANI KARET", "BURUH PABRIK", ""])
def test_other_wordings_are_left_alone(text):
    assert snap(text, "occupation", 0.13) is None


def test_katolik_and_katholik_are_both_printed():
    assert snap("KATOLIK", "religion", 0.26) == "KATOLIK"
    assert snap("KATHOLIK", "religion", 0.26) == "KATHOLIK"
