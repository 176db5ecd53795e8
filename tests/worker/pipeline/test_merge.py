"""Of two readings the likelier counts, and two that agree count more than either alone."""

import math

import numpy as np
import pytest
from made_strips import either

from worker.pipeline import confidence
from worker.pipeline.confidence import logit, weigh
from worker.pipeline.merge import (
    DOUBTFUL,
    LEAST_CONFIDENCE,
    RatedValue,
    list_doubtful,
    list_evidence,
    merge_readings,
)
from worker.pipeline.readings import NOTHING, FieldReading
from worker.training.reading.score import FIELDS

ORIGINS = ("strip", "line", "both", "strip_not_line", "line_not_strip")


@pytest.fixture
def plain(monkeypatch):
    """Weights by which a confidence is what the reader says, and more where the other agrees."""
    weights = {origin: {"own_logit": 1.0} for origin in ORIGINS}
    weights["both"] = {"own_logit": 1.0, "other_logit": 1.0}
    monkeypatch.setattr(confidence, "_read_weights", lambda: weights)


def origins(strip, line):
    return [(each.origin, each.own.value) for each in list_evidence("religion", strip, line, 0.0)]


def test_ways_in_which_a_value_can_have_come_about():
    islam, hindu = FieldReading("ISLAM", -0.1), FieldReading("HINDU", -0.2)
    assert origins(NOTHING, NOTHING) == []
    assert origins(islam, NOTHING) == [("strip", "ISLAM")]
    assert origins(NOTHING, hindu) == [("line", "HINDU")]
    assert origins(islam, FieldReading("ISLAM", -2.0)) == [("both", "ISLAM")]
    assert origins(islam, hindu) == [("strip_not_line", "ISLAM"), ("line_not_strip", "HINDU")]


def test_where_they_differ_the_strip_is_asked_for_the_others_value():
    strip = either("KAWIN", "KAWUN", 0.8)
    own, line = FieldReading("KAWIN", -0.2, strip=strip), FieldReading("KAWUN", -0.1)
    one, two = list_evidence("marital_status", own, line, 0.0)
    assert one.rival == two.rival == pytest.approx(-1.386, abs=0.02)
    assert (one.own, one.other, two.own, two.other) == (own, line, line, own)


def test_the_likelier_of_two_wins(plain):
    strips = {"religion": FieldReading("ISLAM", -0.05), "gender": FieldReading("LAKI-LAKI", -1.0)}
    lines = {"religion": FieldReading("HINDU", -0.5), "gender": FieldReading("PEREMPUAN", -0.1)}
    merged = merge_readings(strips, lines)
    assert {name: each.value for name, each in merged.items()} == {"religion": "ISLAM", "gender": "PEREMPUAN"}
    assert merged["religion"].confidence == pytest.approx(0.951, abs=0.001)
    assert merged["gender"].confidence == pytest.approx(0.905, abs=0.001)


def test_two_that_agree_are_surer_than_either(plain):
    one, two = FieldReading("ISLAM", -0.2), FieldReading("ISLAM", -0.4)
    both = merge_readings({"religion": one}, {"religion": two})["religion"].confidence
    assert both > merge_readings({"religion": one}, {})["religion"].confidence
    assert both > merge_readings({}, {"religion": two})["religion"].confidence


@pytest.mark.parametrize("known", [False, True])
@pytest.mark.parametrize("field", FIELDS)
def test_with_the_weights_in_use_too_they_are_surer_where_they_agree(field, known):
    def most_sure(strip, line):
        return max(weigh(each) for each in list_evidence(field, strip, line, 0.0))

    for log_probability in (-0.05, -0.2, -0.7, -1.5, -3.0):
        own, other = (FieldReading(value, log_probability, known) for value in ("3273014507900003", "X"))
        assert most_sure(own, own) > most_sure(own, NOTHING), log_probability
        assert most_sure(own, own) > most_sure(own, other), log_probability


def test_what_paddleocr_alone_sees_is_as_likely_as_it_says_where_there_is_no_line_reader():
    line = FieldReading("3273014507900003", -0.1, known=True)
    assert merge_readings({}, {"identity_id": line})["identity_id"].confidence == pytest.approx(np.exp(-0.1))


@pytest.mark.parametrize("field", FIELDS)
def test_with_the_weights_in_use_what_only_paddleocr_sees_is_doubted(field):
    strips = {name: FieldReading("X", -0.001, known=True) for name in FIELDS} | {field: NOTHING}
    for log_probability in (-0.05, -1.5, -6.0):
        found = merge_readings(strips, {field: FieldReading("3372001000", log_probability)})[field]
        assert found.confidence < 0.5


def test_a_hopeless_value_is_not_given(plain):
    hopeless, poor = FieldReading("XYZ", -4.0), FieldReading("XYZ", -2.0)
    assert merge_readings({"full_name": hopeless}, {})["full_name"] == RatedValue(None, 0.0)
    found = merge_readings({"full_name": poor}, {})["full_name"]
    assert found.value == "XYZ"
    assert found.confidence >= LEAST_CONFIDENCE


def test_fields_of_either_are_there_and_gaps_have_no_confidence():
    strips, lines = {"religion": NOTHING, "gender": FieldReading("MALE", -0.01)}, {"address": FieldReading("JL", -0.01)}
    merged = merge_readings(strips, lines)
    assert set(merged) == {"religion", "gender", "address"}
    assert merged["religion"] == RatedValue(None, 0.0)
    assert merge_readings({}, {}) == {}


def test_how_well_the_card_can_be_read_at_all_counts(monkeypatch):
    monkeypatch.setattr(confidence, "_read_weights", lambda: {"strip": {"card": 1.0}})
    one = FieldReading("ISLAM", -0.2)
    merged = merge_readings({"religion": one, "gender": FieldReading("MALE", -0.5)}, {})
    mean = (logit(-0.2) + logit(-0.5)) / 2
    assert logit(-0.2) != logit(-0.5)
    assert [logit(math.log(each.confidence)) for each in merged.values()] == pytest.approx([mean, mean])


def test_one_doubt_is_enough_to_read_again():
    sure = RatedValue("ISLAM", DOUBTFUL)
    assert not list_doubtful({"religion": sure, "gender": sure})
    assert list_doubtful({"religion": sure, "gender": RatedValue("MALE", DOUBTFUL - 0.001)})
    assert list_doubtful({"religion": sure, "gender": RatedValue(None, 0.0)})


def test_what_the_strip_shows_of_the_others_value_decides(monkeypatch):
    weights = {"strip_not_line": {"rival": -1.0}, "line_not_strip": {"rival": 1.0}}
    monkeypatch.setattr(confidence, "_read_weights", lambda: weights)
    line = {"marital_status": FieldReading("KAWUN", -0.3)}
    for share, value in ((0.6, "KAWIN"), (0.4, "KAWUN")):
        strips = {"marital_status": FieldReading("KAWIN", -0.3, strip=either("KAWIN", "KAWUN", share))}
        merged = merge_readings(strips, line)["marital_status"]
        assert merged.value == value
        assert merged.confidence == pytest.approx(0.6, abs=0.01)
