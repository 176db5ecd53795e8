"""A doubtful word is led back to a known one; what the reader is sure of stays, known or not."""

import pytest
from made_strips import either, make_strip

from worker.pipeline.words import repair_words


@pytest.mark.parametrize(
    ("read", "printed"),
    [
        ("KAMPUNO PASIR", "KAMPUNG PASIR"),
        ("JALAN MELATL NO. 3", "JALAN MELATI NO. 3"),
        ("AGUS SETIAWAM", "AGUS SETIAWAN"),
    ],
)
def test_a_doubtful_word_is_led_back(read, printed):
    strip = either(read, printed, 0.7)
    assert strip.text == read
    assert repair_words(read, strip) == printed


@pytest.mark.parametrize("read", ["KAMPUNO PASIR", "AGUS SETIAWAM", "XYZQW", "", "JL. 12/3", "NI"])
def test_what_is_sure_stays(read):
    assert repair_words(read, make_strip(read)) == read


def test_known_words_are_never_changed_into_others():
    strip = either("KAMPUNG MELATI", "KAMPUNG MELATE", 0.55)
    assert repair_words(strip.text, strip) == "KAMPUNG MELATI"


def test_two_doubtful_words_are_both_led_back():
    strip = either("KAMPUNO MELATL", "KAMPUNG MELATI", 0.6)
    assert repair_words(strip.text, strip) == "KAMPUNG MELATI"
