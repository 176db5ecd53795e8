"""The beam search finds the likeliest texts, of the characters and the length that are asked for."""

import numpy as np
import pytest
from made_steps import count_all, steps
from made_strips import either

from worker.pipeline.characters import ALPHABET, BLANK
from worker.pipeline.search import likeliest_texts

CHARACTERS = ALPHABET[1:4]


@pytest.mark.parametrize("seed", range(4))
def test_the_search_finds_the_likeliest(seed):
    probabilities = steps(seed=seed)
    truth = {"".join(ALPHABET[each] for each in text): share for text, share in count_all(probabilities).items()}
    best = sorted(truth, key=lambda text: -truth[text])
    found = likeliest_texts(probabilities, CHARACTERS[:2], beam=200)
    assert [text for text, _ in found[:3]] == best[:3]
    assert np.exp(found[0][1]) == pytest.approx(truth[best[0]], rel=1e-2)


def test_the_search_keeps_to_its_characters_and_length():
    probabilities = steps(6, 4)
    one, _, three = CHARACTERS
    assert all(set(text) <= {one, three} for text, _ in likeliest_texts(probabilities, one + three))
    found = likeliest_texts(probabilities, CHARACTERS, length=4, beam=400)
    assert found
    assert {len(text) for text, _ in found} == {4}


def test_what_is_not_asked_for_does_not_hide_what_is():
    """A step at which the reader surely sees an O says which digit that would be."""
    sure = np.full((3, len(ALPHABET)), -30.0, dtype=np.float32)
    sure[[0, 2], BLANK] = 0.0
    sure[1, [ALPHABET.index(each) for each in "O07"]] = (-0.001, -9.0, -14.0)
    assert likeliest_texts(sure, "0123456789")[0][0] == "0"


def test_a_number_that_is_long_enough_stays_so_behind_what_looks_like_more():
    sure = np.full((4, len(ALPHABET)), -30.0, dtype=np.float32)
    for step, character in enumerate("1234"):
        sure[step, ALPHABET.index(character)] = 0.0
    assert [text for text, _ in likeliest_texts(sure, "0123456789", length=2)] == ["12"]


def test_nothing_seen_is_no_text():
    assert likeliest_texts(np.zeros((0, len(ALPHABET)), dtype=np.float32), "AB") == [("", 0.0)]


def test_what_is_favoured_is_kept_by_a_narrow_search_and_not_counted():
    strip = either("AB", "CB", 0.6)
    found = likeliest_texts(
        strip.log_probabilities, "ABC", beam=1, favour=lambda text: 5.0 if text.startswith("C") else 0.0
    )
    assert found[0][0] == "CB"
    assert found[0][1] == pytest.approx(np.log(0.4), abs=0.01)
