"""Blanks come back where both halves are names and the picture leaves it open."""

import pytest
from made_strips import make_strip

from worker.pipeline.names import restore_blanks


def glue(printed: str, share: float):
    """The strip of `printed` in which each blank has this probability, and nothing the rest."""
    blanks = [index for index, mark in enumerate(printed) if mark == " "]
    return make_strip(printed, dict.fromkeys(blanks, share), {index: {"\0": 1 - share - 1e-4} for index in blanks})


@pytest.mark.parametrize("printed", ["I PUTU", "NI LUH KADEK", "AGUS WIBOWO", "I GEDE MADE"])
def test_a_doubtful_blank_between_two_names_comes_back(printed):
    strip = glue(printed, 0.2)
    assert strip.text == printed.replace(" ", "")
    assert restore_blanks(strip.text, strip) == printed


def test_what_the_picture_shows_surely_stays_glued():
    strip = glue("I PUTU", 0.001)
    assert restore_blanks(strip.text, strip) == "IPUTU"


@pytest.mark.parametrize("printed", ["XYZQ WVVK", "SURYA QQQ"])
def test_words_that_are_no_names_are_left_alone(printed):
    strip = glue(printed, 0.3)
    assert restore_blanks(strip.text, strip) == printed.replace(" ", "")


@pytest.mark.parametrize("name", ["PUTRI", "KARTINI", "BUDI SANTOSO", "A", ""])
def test_a_name_is_not_split_into_names(name):
    assert restore_blanks(name, make_strip(name)) == name
