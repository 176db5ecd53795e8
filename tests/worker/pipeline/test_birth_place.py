"""The place of birth stands before the date; a near miss of a city becomes it where the strip shows it as well."""

import numpy as np
import pytest
from made_strips import either, make_strip

from worker.pipeline.birth_place import read_birth_place

DATE = ", 05-07-1990"


@pytest.mark.parametrize(
    ("printed", "place"),
    [
        ("BANDUNG, 05-07-1990", "BANDUNG"),
        ("BANDUNG 05-07-1990", "BANDUNG"),
        ("TANJUNG PINANG, 05-07-1990", "TANJUNG PINANG"),
        ("TANJUNGPINANG, 05-07-1990", "TANJUNG PINANG"),
        ("BANDUNG, 0", "BANDUNG"),
        ("BANDUNG", "BANDUNG"),
        ("RS HARAPAN, 05-07-1990", "RS HARAPAN"),
        ("05-07-1990", None),
    ],
)
def test_it_stands_before_the_date(printed, place):
    assert read_birth_place(make_strip(printed)).value == place


def test_it_is_as_doubtful_as_its_letters_not_as_the_date():
    place = read_birth_place(either(f"BANDUNG{DATE}", "BANDUNG, 05-07-1996", 0.5))
    assert place.log_probability == pytest.approx(0, abs=0.02)
    place = read_birth_place(either(f"BANDENG{DATE}", f"BANDEWG{DATE}", 0.7))
    assert place.log_probability < np.log(0.71)


@pytest.mark.parametrize(
    ("read", "city"), [("MAKASBAR", "MAKASSAR"), ("BUKITTINGGL", "BUKITTINGGI"), ("YODYEKERTB", "YOGYAKARTA")]
)
def test_a_near_miss_is_the_city_that_the_strip_shows_almost_as_likely(read, city):
    place = read_birth_place(either(read + DATE, city + DATE, 0.9))
    assert (place.value, place.known) == (city, True)
    assert place.log_probability < np.log(0.5)


def test_a_place_that_is_nowhere_and_doubtful_is_a_city_that_the_strip_shows_far_less():
    wrong, right = {2: "D", 4: "E", 9: "B"}, {2: "G", 4: "A", 9: "A"}
    rivals = {place: {letter: 0.002} for place, letter in right.items()}
    strip = make_strip("YODYEKARTB" + DATE, dict.fromkeys(wrong, 0.8), rivals)
    assert strip.text == "YODYEKARTB" + DATE
    assert read_birth_place(strip).value == "YOGYAKARTA"


@pytest.mark.parametrize(("read", "city", "place"), [("MAKASBAR", "MAKASSAR", 5), ("PADENG", "PADANG", 3)])
def test_a_doubtful_date_leaves_a_place_that_is_clear(read, city, place):
    strip = make_strip(read + DATE, {place: 0.9998, len(read) + 11: 0.6}, {place: {city[place]: 0.0001}})
    assert strip.text == read + DATE
    assert read_birth_place(strip).value == read


@pytest.mark.parametrize(
    ("read", "city"),
    [("MAKASBAR", "MAKASSAR"), ("PADENG", "PADANG")],
)
def test_what_the_strip_surely_shows_stays(read, city):
    place = read_birth_place(either(read + DATE, city + DATE, 0.9999))
    assert (place.value, place.known) == (read, False)


def test_a_district_that_is_called_almost_like_a_city_stays():
    """Candung is one, in West Sumatra."""
    assert read_birth_place(either(f"CANDUNG{DATE}", f"BANDUNG{DATE}", 0.6)).value == "CANDUNG"
