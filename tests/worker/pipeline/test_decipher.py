"""All fields and what else a card shows, from a table made by hand."""

from dataclasses import fields

import numpy as np
import pytest
from made_strips import NO_STEPS, NO_STRIP, either, make_strip
from made_tables import gender_strip, make_table
from test_parse import TRUTH

from worker.ktp.layout import Row
from worker.pipeline.decipher import decipher
from worker.pipeline.readings import IMPOSSIBLE, NOTHING
from worker.pipeline.types import ExtraFields, KtpFields

FIELDS = {each.name for each in fields(KtpFields)}
EXTRA = ExtraFields(None, "SEUMUR HIDUP", "KOTA BANDUNG", "12-03-2015")


def read(changes=None, **options):
    return decipher(make_table(changes, **options))


def values(readings):
    return KtpFields(**{name: reading.value for name, reading in readings.fields.items()})


def field(name, changes, **options):
    return read(changes, **options).fields[name]


def test_all_fields_of_a_clear_card():
    readings = read()
    assert values(readings) == TRUTH
    assert set(readings.fields) == FIELDS
    assert readings.extra == EXTRA
    for name, reading in readings.fields.items():
        assert reading.log_probability == pytest.approx(0, abs=0.03), name
        assert reading.strip is not None, name


def test_what_each_field_can_hold_is_known():
    known = {name for name, reading in read().fields.items() if reading.known}
    assert known == FIELDS - {"full_name", "birth_place", "address"}


def test_each_field_knows_the_strip_that_it_was_read_from():
    strips = {name: reading.strip.text for name, reading in read().fields.items()}
    assert strips["birth_place"] == strips["birth_date"] == "BANDUNG, 05-07-1990"
    assert strips["province"] == "PROVINSI JAWA BARAT"
    assert strips["city"] == "KOTA BANDUNG"
    assert strips["gender"] == "PEREMPUAN"
    assert strips["religion"] == "ISLAM"


def test_doubts_lower_the_probability_of_their_field_alone():
    clear, doubtful = read().fields, read({Row.NAME: either("SITI AMINAH", "SITI AMINAT", 0.6)}).fields
    assert doubtful["full_name"].value == "SITI AMINAH"
    assert doubtful["full_name"].log_probability == pytest.approx(np.log(0.6), abs=0.02)
    for name in FIELDS - {"full_name"}:
        assert doubtful[name].log_probability == clear[name].log_probability, name


@pytest.mark.parametrize("empty", [None, NO_STRIP, NO_STEPS])
def test_gaps_are_none(empty):
    readings = read(dict.fromkeys(Row, empty), header=(empty, empty), issue=(empty, empty))
    assert values(readings) == KtpFields()
    assert readings.extra == ExtraFields()
    assert all(reading == NOTHING for reading in readings.fields.values())
    assert all(reading.log_probability == IMPOSSIBLE for reading in readings.fields.values())


@pytest.mark.parametrize(
    ("row", "names"),
    [
        (Row.NIK, ("identity_id",)),
        (Row.NAME, ("full_name",)),
        (Row.BIRTH, ("birth_place", "birth_date")),
        (Row.GENDER, ("gender",)),
        (Row.ADDRESS, ("address",)),
        (Row.RTRW, ("rtrw",)),
        (Row.VILLAGE, ("village",)),
        (Row.DISTRICT, ("district",)),
        (Row.RELIGION, ("religion",)),
        (Row.MARITAL_STATUS, ("marital_status",)),
        (Row.OCCUPATION, ("occupation",)),
        (Row.NATIONALITY, ("nationality",)),
    ],
)
def test_a_row_that_is_empty_takes_its_fields_and_no_others(row, names):
    found = values(read({row: None}))
    for name in FIELDS:
        assert getattr(found, name) == (None if name in names else getattr(TRUTH, name)), name


def test_values_on_several_lines_are_joined():
    found = values(read({Row.ADDRESS: ("JL. CONTOH", "BLOK B2", "NO. 18"), Row.NAME: ("SITI AMINAH", "RAHMAWATI")}))
    assert found.address == "JL. CONTOH BLOK B2 NO. 18"
    assert found.full_name == "SITI AMINAH RAHMAWATI"


@pytest.mark.parametrize(
    ("beside", "blood"),
    [
        ("GOL. DARAH : B", "B"),
        ("GOL.DARAH:AB", "AB"),
        ("GOL. DARAH : O+", "O+"),
        ("GOL. DARAH : A -", "A-"),
        ("GOL. DARAH : -", "-"),
        ("GOL. DARAH :", None),
        ("GOL. DARAH", None),
        ("", None),
    ],
)
def test_the_blood_type_stands_beside_the_gender(beside, blood):
    for gender in ("PEREMPUAN", "LAKI-LAKI"):
        readings = read({Row.GENDER: gender_strip(gender, beside)})
        assert readings.fields["gender"].value == gender
        assert readings.fields["gender"].known
        assert readings.extra.blood_type == blood


@pytest.mark.parametrize(
    ("printed", "value"),
    [
        ("SEUMUR HIDUP", "SEUMUR HIDUP"),
        ("SEUMURHIDUP", "SEUMUR HIDUP"),
        ("05-07-2017", "05-07-2017"),
        (": 05-07-2017", "05-07-2017"),
        ("05-07-201", None),
        ("XYZ", None),
    ],
)
def test_validity_is_a_date_or_for_life(printed, value):
    assert read({Row.VALID_UNTIL: printed}).extra.valid_until == value


def test_place_and_date_of_issue():
    extra = read(issue=("KABUPATENBANDUNG", "01-02-2013")).extra
    assert (extra.issued_place, extra.issued_date) == ("KABUPATEN BANDUNG", "01-02-2013")
    assert read(issue=("", "01-02-2013")).extra.issued_place is None
    assert read(issue=("KOTA BANDUNG", "01-02")).extra.issued_date is None


@pytest.mark.parametrize(
    ("printed", "value"),
    [("012/002", "012/002"), ("01/2", "01/2"), ("012002", "012/002"), ("-/-", "-/-"), ("12", None), ("-", None)],
)
def test_rtrw_is_two_numbers(printed, value):
    assert field("rtrw", {Row.RTRW: printed}).value == value


def test_rtrw_is_read_as_digits_alone():
    strip = make_strip("O12/0O2", {0: 0.6, 5: 0.6}, {0: {"0": 0.39}, 5: {"0": 0.39}})
    reading = field("rtrw", {Row.RTRW: strip})
    assert reading.value == "012/002"
    assert reading.log_probability == pytest.approx(2 * np.log(0.39), abs=0.02)


def test_of_numbers_about_as_likely_the_usual_one_is_read():
    assert field("rtrw", {Row.RTRW: either("812/015", "012/015", 0.9)}).value == "012/015"
    assert field("rtrw", {Row.RTRW: either("032/015", "092/015", 0.3)}).value == "032/015"
    assert field("rtrw", {Row.RTRW: make_strip("052/012", {1: 0.9}, {1: {"\0": 0.04}})}).value == "052/012"
    assert field("rtrw", {Row.RTRW: either("014/015", "019/015", 0.6)}).value == "014/015"


def test_a_damaged_number_and_its_date_help_each_other():
    number = either("3273014501900003", "3273014507900003", 0.7)
    assert field("identity_id", {Row.NIK: number}).value == TRUTH.identity_id
    assert field("identity_id", {Row.NIK: number, Row.BIRTH: None}).value == "3273014501900003"


def test_the_gender_tells_a_womans_number():
    number = either("3273010507900003", "3273014507900003", 0.6)
    assert field("identity_id", {Row.NIK: number}).value == TRUTH.identity_id
    man = {Row.NIK: number, Row.GENDER: gender_strip("LAKI-LAKI", "")}
    assert field("identity_id", man).value == "3273010507900003"


def test_an_occupation_and_a_country_that_are_not_listed_stay():
    found = values(read({Row.OCCUPATION: "PAWANG HUJAN", Row.NATIONALITY: "TIMOR LESTE"}))
    assert (found.occupation, found.nationality) == ("PAWANG HUJAN", "TIMOR LESTE")
