"""What a strip says of a value and of others that might stand in its place."""

import numpy as np
import pytest
from made_strips import NO_STEPS, NO_STRIP, either, make_steps, make_strip

from worker.pipeline.characters import decode
from worker.pipeline.readings import (
    IMPOSSIBLE,
    NOTHING,
    FieldReading,
    cut_tail,
    join_strips,
    measure_change,
    measure_span,
    measure_texts,
    split_strip,
)
from worker.pipeline.types import StripText


def test_a_text_is_as_likely_as_its_letters_together():
    strip = make_strip("KAWIN", {0: 0.8, 3: 0.5})
    assert strip.text == "KAWIN"
    assert measure_texts(strip, ["KAWIN"])[0] == pytest.approx(np.log(0.4), abs=0.01)
    assert measure_span(strip) == pytest.approx(np.log(0.4), abs=0.01)
    assert measure_span(strip, 1, 3) == pytest.approx(0, abs=0.01)
    assert measure_span(strip, 3, 4) == pytest.approx(np.log(0.5), abs=0.01)


def test_rivals_are_as_likely_as_their_letters():
    strip = either("KAWIN", "KAWUN", 0.7)
    assert measure_texts(strip, ["KAWUN", "KAWIN"]) == pytest.approx([np.log(0.3), np.log(0.7)], abs=0.01)


def test_what_a_strip_does_not_show_is_impossible_but_finite():
    assert measure_texts(make_strip("ISLAM"), ["PEGAWAI NEGERI SIPIL", ""]) == [IMPOSSIBLE, IMPOSSIBLE]
    for strip in (NO_STRIP, NO_STEPS):
        assert measure_texts(strip, ["ISLAM"]) == [IMPOSSIBLE]
        assert measure_span(strip) == IMPOSSIBLE
    assert measure_texts(NO_STRIP, [""])[0] == pytest.approx(0, abs=1e-5)
    assert measure_texts(make_strip("A"), []) == []


def test_characters_that_the_reader_does_not_know_are_left_out():
    strip = make_strip("ABC")
    assert measure_texts(strip, ["A\u00e9B\0C"]) == measure_texts(strip, ["ABC"])


def test_a_correction_never_makes_a_text_likelier():
    strip = either("KAWIN", "KAWUN", 0.6)
    assert measure_change(strip, "KAWIN") == measure_span(strip)
    assert measure_change(strip, "KAWUN") == pytest.approx(np.log(0.4), abs=0.01)
    glued = make_strip("A B", {1: 0.3}, {1: {"\0": 0.69}})
    assert glued.text == "AB"
    assert measure_change(glued, "A B") == pytest.approx(measure_span(glued) + np.log(0.3 / 0.69), abs=0.01)
    # A step of none apart, the blank is the likelier text: being changed to it gains nothing.
    wide = make_strip("A B", {1: 0.45}, {1: {"\0": 0.5}})
    wide = decode(np.concatenate([wide.log_probabilities[:4], wide.log_probabilities[3:]]))
    assert wide.text == "AB"
    assert measure_texts(wide, ["A B"]) > measure_texts(wide, ["AB"])
    assert measure_change(wide, "A B") == measure_span(wide)
    assert measure_change(make_strip("AB", 0.5), "KAWIN TERCATAT") == pytest.approx(IMPOSSIBLE)


def test_a_reading_compares_another_value_in_its_place():
    strip = either("BANDUNG, 05-07-1990", "BANDUNG, 05-01-1990", 0.8)
    reading = FieldReading("05-07-1990", -0.2, strip=strip)
    assert reading.compare_to("05-01-1990") == pytest.approx(np.log(0.2 / 0.8), abs=0.01)
    assert reading.compare_to("05-07-1990") == 0
    assert reading.compare_to("06-07-1990") < -5


def test_a_value_that_the_strip_does_not_hold_is_compared_as_all_of_it():
    # As of a repaired value: the strip says ISLAN, the value is ISLAM.
    strip = either("ISLAN", "ISLAM", 0.6)
    assert FieldReading("ISLAM", -1.0, strip=strip).compare_to("ISLAN") == pytest.approx(np.log(0.6 / 0.4), abs=0.01)


def test_without_a_strip_or_a_value_nothing_is_known_of_others():
    assert FieldReading("ISLAM", -1.0).compare_to("HINDU") == 0
    assert FieldReading(None, strip=make_strip("ISLAM")).compare_to("ISLAM") == 0
    assert (NOTHING.value, NOTHING.log_probability, NOTHING.known) == (None, IMPOSSIBLE, False)


def test_lines_of_a_value_are_joined_by_a_blank():
    parts = [make_strip("JL. MAWAR", 0.9), NO_STRIP, make_strip("NO. 3"), NO_STEPS]
    joined = join_strips(parts)
    assert joined.text == "JL. MAWAR NO. 3"
    assert "".join(each.character for each in joined.characters) == joined.text
    assert measure_texts(joined, ["JL. MAWAR NO. 3"])[0] == pytest.approx(9 * np.log(0.9), abs=0.02)
    assert measure_texts(joined, ["JL. MAWARNO. 3"]) == [IMPOSSIBLE]
    assert 0.9 < joined.score < 1


def test_one_line_is_joined_to_itself_and_none_to_nothing():
    one = make_strip("ISLAM", 0.8)
    alone = join_strips([NO_STRIP, one])
    assert (alone.text, alone.score, alone.characters) == (one.text, pytest.approx(one.score), one.characters)
    nothing = join_strips([NO_STRIP, NO_STEPS])
    assert (nothing.text, nothing.characters, len(nothing.log_probabilities)) == ("", (), 0)
    assert join_strips([]).text == ""


def test_a_strip_is_split_at_a_share_of_its_steps():
    strip = make_strip("ABCD")
    left, right = split_strip(strip, 0.5)
    assert (left.text, right.text) == ("AB", "CD")
    assert [len(split_strip(strip, share)[0].log_probabilities) for share in (0.25, 0.3)] == [2, 3], "of nine"
    assert len(left.log_probabilities) + len(right.log_probabilities) == len(strip.log_probabilities)
    assert [each.text for each in split_strip(strip, 0.0)] == ["", "ABCD"]
    assert [each.text for each in split_strip(strip, 1.0)] == ["ABCD", ""]
    assert [each.text for each in split_strip(NO_STEPS, 0.5)] == ["", ""]


def with_gap(first: str, second: str, steps: int):
    nothing = np.repeat(make_steps("")[:1], steps, axis=0)
    return decode(np.concatenate([make_steps(first), nothing, make_steps(second)]))


def cut_at_its_width(strip: StripText) -> StripText:
    """Of a strip whose steps are a pixel wide."""
    return cut_tail(strip, len(strip.log_probabilities))


def test_what_was_read_far_behind_a_value_is_none_of_it():
    assert cut_at_its_width(with_gap("CERAI MATI", "KA", 40)).text == "CERAI MATI"
    assert cut_at_its_width(with_gap("006/015", "ANAN", 30)).text == "006/015"
    strip = cut_at_its_width(with_gap("KAWIN", "Y", 30))
    assert measure_texts(strip, ["KAWIN"])[0] == pytest.approx(0, abs=0.01)


def test_a_blank_between_words_or_a_value_with_a_hole_is_no_tail():
    for strip in (
        with_gap("JL MAWAR", "NO 7", 12),
        with_gap("JL MAWAR", "NO 117", 40),
        with_gap("", "KAWIN", 60),
        NO_STRIP,
        NO_STEPS,
    ):
        assert cut_at_its_width(strip) is strip
