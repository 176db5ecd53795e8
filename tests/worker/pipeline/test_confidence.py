"""Confidence is made of what the readers say, by weights that are there for every case and bear it out."""

import json
import math
from typing import get_args

import numpy as np
import pytest

from worker.pipeline.confidence import WEIGHTS, Evidence, Origin, logit, measure_card, weigh
from worker.pipeline.readings import IMPOSSIBLE, FieldReading
from worker.training.reading.score import FIELDS

ORIGINS = get_args(Origin)
LEVELS = tuple(math.log(p) for p in (0.001, 0.01, 0.1, 0.3, 0.5, 0.7, 0.9, 0.97, 0.99, 0.999, 0.9999, 1.0))


def evidence(origin="strip", own=-0.1, field="religion", other=-0.5, card=2.0, rival=-2.0, known=True):
    second = FieldReading("HINDU", other, True) if origin not in ("strip", "line") else None
    return Evidence(field, origin, FieldReading("ISLAM", own, known), second, card, rival)


def test_log_odds():
    assert logit(math.log(0.5)) == pytest.approx(0)
    assert logit(math.log(0.9)) == pytest.approx(math.log(9))
    assert logit(math.log(0.1)) == pytest.approx(-math.log(9))
    assert (logit(0.0), logit(1.0), logit(IMPOSSIBLE), logit(-1e9)) == (7.0, 7.0, -7.0, -7.0)


def test_a_card_is_as_legible_as_its_readings_on_the_mean():
    readings = [FieldReading("A", math.log(0.9)), FieldReading("B", math.log(0.1)), FieldReading(None)]
    assert measure_card(readings) == pytest.approx(-7 / 3)
    assert measure_card([]) == 0


def test_features():
    found = evidence("strip_not_line", own=math.log(0.9), other=math.log(0.2), card=1.5, rival=-3.0).features()
    assert found == {
        "bias": 1.0,
        "own_logit": pytest.approx(math.log(9)),
        "own_log": pytest.approx(math.log(0.9)),
        "own_known": 1.0,
        "contradicted": 0.0,
        "other_logit": pytest.approx(-math.log(4)),
        "other_known": 1.0,
        "card": 1.5,
        "rival": -3.0,
        "length": 0.5,
        "religion": 1.0,
    }


def test_features_without_another_reader_and_at_their_bounds():
    found = evidence("strip", own=-29.0, rival=-99.0, known=False).features()
    assert (found["other_logit"], found["other_known"], found["own_known"]) == (0.0, 0.0, 0.0)
    assert (found["own_log"], found["own_logit"], found["rival"]) == (-12.0, -7.0, -15.0)
    assert evidence(rival=99.0).features()["rival"] == 15.0
    long = Evidence("address", "strip", FieldReading("X" * 500, -1.0), None, 0.0)
    assert long.features()["length"] == 4.0
    assert (
        Evidence("birth_date", "strip", FieldReading("X", contradicted=True), None, 0.0).features()["contradicted"] == 1
    )


def test_there_are_weights_for_every_origin_feature_and_field():
    weights = json.loads(WEIGHTS.read_text(encoding="utf-8"))["weights"]
    assert set(weights) == set(ORIGINS)
    for origin in ORIGINS:
        for field in FIELDS:
            names = evidence(origin, field=field).features()
            assert set(names) - set(weights[origin]) == set(), (origin, field)


def test_weights_are_of_features_that_exist_and_finite():
    loaded = json.loads(WEIGHTS.read_text(encoding="utf-8"))
    assert loaded["about"]
    names = set(evidence().features()) | set(FIELDS)
    for weights in loaded["weights"].values():
        assert set(weights) <= names
        assert all(math.isfinite(value) for value in weights.values())


@pytest.mark.parametrize("origin", ORIGINS)
@pytest.mark.parametrize("known", [True, False])
def test_a_surer_reading_never_has_less_confidence(origin, known):
    for field in FIELDS:
        found = [weigh(evidence(origin, own, field, known=known)) for own in LEVELS]
        # A regression may turn a little where the log odds are at their bounds.
        assert (np.diff(found) >= -1e-3).all(), field
        assert found[-1] > found[0], field


@pytest.mark.parametrize("origin", ORIGINS)
def test_confidence_is_a_probability_whatever_the_evidence(origin):
    for own in (0.0, -0.1, IMPOSSIBLE):
        for card in (-7.0, 7.0, 1e9, -1e9):
            for rival in (-1e9, 0.0, 1e9):
                assert 0 < weigh(evidence(origin, own, card=card, rival=rival)) < 1


@pytest.mark.parametrize("field", FIELDS)
def test_sure_readings_that_agree_are_sure_and_poor_ones_are_not(field):
    own = FieldReading("ISLAM", -0.001, True)
    assert weigh(Evidence(field, "both", own, own, 5.0)) > 0.97
    poor = FieldReading("ISLAM", -6.0, False)
    assert weigh(Evidence(field, "strip", poor, None, -3.0)) < 0.5
