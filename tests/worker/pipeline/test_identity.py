"""NIK and birth date decide each other's doubts, and nothing against a reading that is sure."""

from dataclasses import replace

import numpy as np
import pytest
from made_strips import NO_STEPS, NO_STRIP, either, make_steps, make_strip

from worker.ktp.region_codes import status_of
from worker.pipeline.identity import SURE, read_identity
from worker.pipeline.readings import NOTHING, FieldReading
from worker.pipeline.validate import parse_date

NIK, BIRTH, DATE = "3273014507900003", "BANDUNG, 05-07-1990", "05-07-1990"
WOMAN, MAN = FieldReading("PEREMPUAN", -0.001, True), FieldReading("LAKI-LAKI", -0.001, True)


def read(number, birth, gender=WOMAN, city=None):
    identity = read_identity(number, birth, gender, city)
    return identity.number.value, identity.birth_date.value


def change(text, place, character):
    return text[:place] + character + text[place + 1 :]


def test_a_clear_card():
    identity = read_identity(make_strip(NIK), make_strip(BIRTH), WOMAN, "3273")
    assert (identity.number.value, identity.birth_date.value) == (NIK, DATE)
    assert identity.number.known
    assert identity.birth_date.known
    assert not identity.number.contradicted
    assert not identity.birth_date.contradicted
    assert identity.number.log_probability > np.log(0.99)
    assert identity.birth_date.log_probability > np.log(0.99)


@pytest.mark.parametrize(("place", "wrong"), [(6, "5"), (7, "6"), (9, "1"), (10, "3"), (11, "8")])
def test_a_doubtful_digit_of_the_nik_is_decided_by_the_birth_date(place, wrong):
    number = either(change(NIK, place, wrong), NIK, 0.7)
    assert number.text != NIK
    assert read(number, make_strip(BIRTH)) == (NIK, DATE)
    assert read(number, NO_STRIP) == (number.text, None)


@pytest.mark.parametrize(("place", "wrong"), [(10, "6"), (13, "1"), (17, "6"), (18, "6")])
def test_a_doubtful_digit_of_the_birth_date_is_decided_by_the_nik(place, wrong):
    birth = either(change(BIRTH, place, wrong), BIRTH, 0.7)
    assert read(make_strip(NIK), birth) == (NIK, DATE)
    assert read(NO_STRIP, birth) == (None, birth.text.removeprefix("BANDUNG, "))


def test_digits_that_say_nothing_of_each_other_stay_as_they_are():
    number = either(change(NIK, 15, "8"), NIK, 0.6)
    assert read(number, make_strip(BIRTH))[0] == change(NIK, 15, "8")


def test_one_who_is_older_than_a_century_is_unlikely_but_may_be():
    # 1890 and 1990 end alike: the NIK cannot tell.
    assert read(make_strip(NIK), either(change(BIRTH, 16, "8"), BIRTH, 0.7))[1] == DATE
    assert read(NO_STRIP, either(change(BIRTH, 16, "8"), BIRTH, 0.7))[1] == DATE
    assert read(make_strip(NIK), make_strip(change(BIRTH, 16, "8")))[1] == "05-07-1890"


def test_two_sure_readings_that_disagree_both_stay():
    identity = read_identity(make_strip(NIK), make_strip("BANDUNG, 06-08-1991"), WOMAN, None)
    assert (identity.number.value, identity.birth_date.value) == (NIK, "06-08-1991")
    assert identity.number.contradicted
    assert identity.birth_date.contradicted
    assert read(make_strip(NIK), make_strip(BIRTH), MAN, "3171") == (NIK, DATE)


@pytest.mark.parametrize(("certainty", "kept"), [(0.93, True), (0.85, False)])
def test_only_a_sure_reading_is_kept_against_all_evidence(certainty, kept):
    assert 0.85 < np.exp(SURE) < 0.93
    other = change(NIK, 9, "1")
    number = either(other, NIK, certainty)
    found = read_identity(number, make_strip(BIRTH), WOMAN, None)
    assert found.number.value == (other if kept else NIK)
    assert not kept or found.number.log_probability < np.log(0.5), "kept, but with little confidence"


@pytest.mark.parametrize(
    "place",
    [
        "BANDUNG,",
        "BANDUNG, ",
    ],
)
def test_a_sure_date_is_kept_against_the_nik(place):
    birth = either(f"{place}05-01-1990", f"{place}05-07-1990", 0.93)
    assert read(make_strip(NIK), birth) == (NIK, "05-01-1990")
    unsure = either(f"{place}05-01-1990", f"{place}05-07-1990", 0.85)
    assert read(make_strip(NIK), unsure) == (NIK, DATE)


def test_womens_days_are_forty_more_and_agree_with_the_printed_date():
    doubtful = either(change(NIK, 6, "0"), NIK, 0.6)
    assert read(doubtful, make_strip(BIRTH), WOMAN) == (NIK, DATE)
    assert read(doubtful, make_strip(BIRTH), MAN) == (change(NIK, 6, "0"), DATE)
    assert read(either(NIK, change(NIK, 6, "0"), 0.6), make_strip(BIRTH), MAN) == (change(NIK, 6, "0"), DATE)


def test_the_gender_counts_as_much_as_its_reading_is_sure():
    doubtful = either(change(NIK, 6, "0"), NIK, 0.7)
    unsure, unknown = FieldReading("PEREMPUAN", -6.0, True), FieldReading("PEREMPUAN", -0.001, False)
    for gender in (unsure, unknown, NOTHING, FieldReading("XYZ", -0.001, True)):
        assert read(doubtful, make_strip(BIRTH), gender)[0] == change(NIK, 6, "0")
    assert read(doubtful, make_strip(BIRTH), WOMAN)[0] == NIK


def test_the_printed_city_decides_a_doubtful_region():
    doubtful = either(change(NIK, 3, "2"), NIK, 0.6)
    assert read(doubtful, NO_STRIP, WOMAN, "3273")[0] == NIK
    assert read(doubtful, NO_STRIP, WOMAN, "3272")[0] == change(NIK, 3, "2")
    assert read(doubtful, NO_STRIP, WOMAN, None)[0] == change(NIK, 3, "2")


def test_a_region_that_never_was_is_unlikelier_than_one_that_is():
    assert status_of("3270") is None
    assert read(either(change(NIK, 3, "0"), NIK, 0.6), NO_STRIP)[0] == NIK
    assert read(either(change(NIK, 3, "2"), NIK, 0.6), NO_STRIP)[0] != NIK


def test_a_retired_code_of_papua_counts_as_that_of_the_city_today():
    merauke = "9101014507900003"
    doubtful = either("9103014507900003", merauke, 0.6)
    assert read(doubtful, NO_STRIP, WOMAN, "9301")[0] == merauke
    assert read(doubtful, NO_STRIP, WOMAN, None)[0] == doubtful.text


def test_an_impossible_date_in_the_nik_loses_against_a_possible_one():
    impossible = change(change(NIK, 8, "1"), 9, "7")
    assert read(either(impossible, change(impossible, 9, "2"), 0.7), NO_STRIP)[0] == "3273014512900003"
    assert read(make_strip(impossible), NO_STRIP)[0] == impossible, "a sure one is read as it is printed"


@pytest.mark.parametrize("date", ["31-02-1990", "00-07-1990", "05-13-1990", "05-07-2990", "29-02-1991"])
def test_an_impossible_birth_date_is_none(date):
    assert read(NO_STRIP, make_strip(f"BANDUNG, {date}")) == (None, None)
    assert read(make_strip(change(NIK, 9, "9")), make_strip(f"BANDUNG, {date}"))[1] is None


@pytest.mark.parametrize("date", ["00-07-1990", "05-07-2990"])
def test_a_date_that_the_strip_does_not_show_is_never_sure(date):
    found = read_identity(make_strip(NIK), make_strip(f"BANDUNG, {date}"), WOMAN, None).birth_date
    assert found.value is None or found.log_probability < np.log(0.1)


def test_no_one_is_born_in_the_future():
    assert read(make_strip(NIK), make_strip("BANDUNG, 05-07-2990"))[1] != "05-07-2090"


def test_a_date_is_led_to_a_possible_one_that_the_strip_shows_too():
    assert read(NO_STRIP, either("BANDUNG, 81-07-1990", "BANDUNG, 31-07-1990", 0.7)) == (None, "31-07-1990")


@pytest.mark.parametrize("birth", ["BANDUNG 05-07-1990", "BANDUNG,05-07-1990", "05-07-1990", "ST. X, Y, 05-07-1990"])
def test_the_date_is_what_stands_behind_the_place(birth):
    assert read(NO_STRIP, make_strip(birth)) == (None, DATE)


@pytest.mark.parametrize("digits", ["327301450790000", "12345", "ABC", ""])
def test_what_has_fewer_than_sixteen_digits_is_no_number(digits):
    assert read(make_strip(digits), make_strip(BIRTH)) == (None, DATE)


@pytest.mark.parametrize("empty", [NO_STRIP, NO_STEPS])
def test_empty_strips_say_nothing(empty):
    assert read(empty, empty, NOTHING) == (None, None)
    assert read(make_strip(NIK), empty) == (NIK, None)
    assert read(empty, make_strip(BIRTH)) == (None, DATE)


def test_only_possible_dates_come_of_any_damage():
    for seed in range(20):
        random = np.random.default_rng(seed)
        rivals = {place: {str(random.integers(10)): 0.3} for place in range(9, 19) if BIRTH[place] != "-"}
        strip = make_strip(BIRTH, dict.fromkeys(rivals, 0.4), rivals)
        value = read(NO_STRIP, strip)[1]
        assert value is None or parse_date(value)


@pytest.mark.parametrize("lead", ["", " ", ",", ", "])
def test_a_view_may_begin_with_the_end_of_the_place(lead):
    birth, other = make_strip(BIRTH), make_steps("BANDUNG" + ", "[: 2 - len(lead)] + lead + DATE)
    strip = replace(birth, views=(other, make_steps(BIRTH[0] + BIRTH)))
    found = read_identity(make_strip(NIK), strip, WOMAN, None).birth_date
    assert found.value == DATE
    assert found.log_probability > np.log(0.9)
