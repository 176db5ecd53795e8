"""A field whose wordings are listed is led back to that which its strip shows, never to another that is printed."""

import numpy as np
import pytest
from made_strips import NO_STEPS, NO_STRIP, either, make_strip

from worker.ktp.values import legal_values
from worker.pipeline.listed import OPEN, Loss, choose_wording, read_listed
from worker.pipeline.readings import IMPOSSIBLE, NOTHING

FIELDS = ("gender", "religion", "maritalStatus", "nationality", "occupation")


@pytest.mark.parametrize("field", FIELDS)
def test_a_wording_that_was_read_is_that_one(field):
    for wording in legal_values(field):
        read = read_listed(make_strip(wording, 0.99), field, closed=field != "occupation")
        assert (read.value, read.known) == (wording, True)
        assert read.log_probability == pytest.approx(len(wording) * np.log(0.99), abs=0.01)


def test_a_doubtful_reading_is_led_back_to_the_wording_that_is_the_second_likeliest():
    strip = make_strip("XSLQM", {0: 0.5, 3: 0.5}, {0: {"I": 0.45}, 3: {"A": 0.45}})
    assert strip.text == "XSLQM"
    read = read_listed(strip, "religion", closed=True)
    assert (read.value, read.known) == ("ISLAM", True)
    assert IMPOSSIBLE < read.log_probability < 0


def test_a_doubt_lowers_the_probability():
    clear = read_listed(make_strip("PELAJAR/MAHASISWA"), "occupation", closed=False)
    strip = make_strip("PELAJAR/MAHXSISWA", {11: 0.6}, {11: {"A": 0.35}})
    doubtful = read_listed(strip, "occupation", closed=False)
    assert doubtful.value == clear.value
    assert doubtful.log_probability == pytest.approx(np.log(0.35 / 0.6), abs=0.05)
    assert doubtful.log_probability < clear.log_probability


def test_a_blank_that_was_dropped_comes_back():
    strip = make_strip("BELUM KAWIN", {5: 0.2}, {5: {"\0": 0.79}})
    assert strip.text == "BELUMKAWIN"
    assert read_listed(strip, "maritalStatus", closed=True).value == "BELUM KAWIN"


def test_a_sure_letter_that_no_wording_has_is_wrong_only_where_nothing_else_can_stand():
    sure = make_strip("ISLAN")
    closed = read_listed(sure, "religion", closed=True)
    assert (closed.value, closed.known) == ("ISLAM", True)
    assert closed.log_probability < -0.5
    opened = read_listed(sure, "religion", closed=False)
    assert (opened.value, opened.known) == ("ISLAN", False)


@pytest.mark.parametrize(("text", "value"), [("PEREMPUAN, XX", "PEREMPUAN"), ("XXMXLXX", None)])
def test_where_none_can_be_shown_a_closed_field_says_what_is_spelt_most_like_it(text, value):
    strip = make_strip(text, 1 - 1e-9)
    read = read_listed(strip, "gender", closed=True)
    assert (read.value, read.known) == ((value, True) if value else (text, False))
    assert read_listed(strip, "gender", closed=False).value == text


def test_another_wording_stays_only_where_it_is_clear_to_read():
    doubtful = make_strip("GURX", {3: 0.6}, {3: {"U": 0.05}})
    read = read_listed(doubtful, "occupation", closed=False)
    assert (read.value, read.known) == ("GURU", True)
    assert read.log_probability < np.log(0.1)
    clear = make_strip("GURX", {3: 0.94}, {3: {"U": 0.05}})
    assert (clear.text, read_listed(clear, "occupation", closed=False).value) == ("GURX", "GURX")
    assert read_listed(make_strip("GURX", {3: 0.6}), "occupation", closed=False).value == "GURX"


@pytest.mark.parametrize("text", ["PAWANG HUJAN", "ZOOLOG", "SUPIRR"])
def test_an_occupation_that_is_not_listed_stays_as_it_was_read(text):
    read = read_listed(make_strip(text), "occupation", closed=False)
    assert (read.value, read.known) == (text, False)
    assert read.log_probability == pytest.approx(0, abs=0.01)


def test_what_is_far_from_all_wordings_stays_as_it_was_read_even_in_a_closed_field():
    read = read_listed(make_strip("QWERTZUIOP"), "religion", closed=True)
    assert (read.value, read.known) == ("QWERTZUIOP", False)


def test_two_wordings_that_are_about_as_near_leave_it_as_it_was_read():
    wni_or_wna = make_strip("WNX", {2: 0.4}, {2: {"I": 0.29, "A": 0.28}})
    read = read_listed(wni_or_wna, "nationality", closed=False)
    assert (read.value, read.known) == ("WNX", False)
    clear = make_strip("WNX", {2: 0.5}, {2: {"I": 0.4, "A": 0.01}})
    assert read_listed(clear, "nationality", closed=False).value == "WNI"


@pytest.mark.parametrize("closed", [True, False])
def test_katholik_is_never_katolik(closed):
    both = ("KATHOLIK", "KATOLIK")
    assert set(both) <= set(legal_values("religion"))
    for own in both:
        assert read_listed(make_strip(own), "religion", closed=closed).value == own
    doubtful = make_strip("KATHOLIK", {3: 0.55}, {3: {"\0": 0.44}})
    assert read_listed(doubtful, "religion", closed=closed).value == "KATHOLIK"
    doubtful = make_strip("KATHOLIK", {3: 0.44}, {3: {"\0": 0.55}})
    assert read_listed(doubtful, "religion", closed=closed).value == "KATOLIK"


def test_a_wording_that_hides_in_another_is_told_apart_by_what_stands_behind_it():
    assert read_listed(make_strip("KAWIN"), "maritalStatus", closed=True).value == "KAWIN"
    damaged = make_strip("KAWIN TERCXTAT", {11: 0.6}, {11: {"A": 0.3}})
    assert read_listed(damaged, "maritalStatus", closed=True).value == "KAWIN TERCATAT"
    short = make_strip("KAWXN", {3: 0.6}, {3: {"I": 0.3}})
    assert read_listed(short, "maritalStatus", closed=True).value == "KAWIN"


def test_the_genders_are_told_apart_when_half_of_each_is_gone():
    assert read_listed(make_strip("LAKI-LAK1"), "gender", closed=True).value == "LAKI-LAKI"
    assert read_listed(either("PEREMPXXX", "PEREMPUAN", 0.6), "gender", closed=True).value == "PEREMPUAN"


@pytest.mark.parametrize("strip", [NO_STRIP, NO_STEPS])
def test_an_empty_strip_has_no_wording(strip):
    assert read_listed(strip, "religion", closed=True) == NOTHING


def test_of_several_wordings_the_likeliest_is_chosen_if_the_strip_shows_it_almost_as_well():
    strip = either("BANDUNC, 1990", "BANDUNG, 1990", 0.8)
    assert choose_wording(strip, "BANDUNC", ["BANDUNG", "BADUNG"], OPEN, ", 1990") == "BANDUNG"
    assert choose_wording(strip, "BANDUNC", ["SERANG"], OPEN, ", 1990") is None
    assert choose_wording(strip, "BANDUNC", ["BANDUNG", "BANDUNG"], OPEN, ", 1990") is None
    assert choose_wording(strip, "BANDUNC", [], OPEN) is None


def test_how_much_less_likely_a_wording_may_be_depends_on_how_clear_the_text_is():
    loss = Loss(clear=0.5, doubtful=2.0)
    assert loss.allow(make_strip("BANDUNG", 0.91), 7) == 3.5
    assert loss.allow(make_strip("BANDUNG", {3: 0.89}), 7) == 14.0
    assert loss.allow(make_strip("BANDUNG", {3: 0.89}), 70) == 20.0
