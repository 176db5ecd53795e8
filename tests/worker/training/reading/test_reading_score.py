"""Scores and calibration of outcomes made by hand, whose answers are known."""

import math
from dataclasses import replace

import pytest

from worker.pipeline.types import KtpFields
from worker.training.reading.score import (
    FIELDS,
    CardOutcome,
    FieldOutcome,
    calibrate,
    format_calibration,
    format_fields,
    format_scores,
    judge_card,
    percent,
    same,
    share,
)

TRUTH = KtpFields(
    **{name: name.upper() for name in FIELDS if name != "birth_place"} | {"identity_id": "3273014507900003"}
)


def given(*values):
    """One card of these (right, confidence) values; the rest of its fields were not given."""
    listed = [FieldOutcome("full_name", right, True, confidence) for right, confidence in values]
    return CardOutcome(1, frozenset(), tuple(listed), None)


@pytest.mark.parametrize(
    ("one", "two", "expected"),
    [
        ("ISLAM", "islam", True),
        ("JL.  MAWAR ", "JL. MAWAR", True),
        ("JL.MAWAR", "JL. MAWAR", False),
        (None, None, True),
        (None, "", True),
        (None, "ISLAM", False),
        ("ISLAM", None, False),
    ],
)
def test_values_are_compared_without_case_and_blanks_in_a_row(one, two, expected):
    assert same(one, two) is expected


def test_there_are_fifteen_fields():
    assert len(FIELDS) == len(set(FIELDS)) == 15


def test_a_card_that_was_read_right():
    outcome = judge_card(7, frozenset({"blur"}), TRUTH, TRUTH, {"full_name": 0.9, "birth_place": 0.4})
    assert outcome.whole
    assert (outcome.seed, outcome.conditions, outcome.error) == (7, {"blur"}, None)
    by_name = {each.field: each for each in outcome.fields}
    assert list(by_name) == list(FIELDS)
    assert by_name["full_name"] == FieldOutcome("full_name", True, True, 0.9)
    assert by_name["birth_place"] == FieldOutcome("birth_place", True, False, None), "nothing printed, nothing given"
    assert by_name["address"].confidence is None


def test_a_wrong_a_missing_and_an_invented_value():
    read = replace(TRUTH, full_name="X", address=None, birth_place="Y")
    outcome = judge_card(1, frozenset(), TRUTH, read, None)
    by_name = {each.field: each for each in outcome.fields}
    assert not outcome.whole
    assert by_name["full_name"] == FieldOutcome("full_name", False, True, None)
    assert by_name["address"] == FieldOutcome("address", False, False, None)
    assert by_name["birth_place"] == FieldOutcome("birth_place", False, True, None)
    assert sum(each.right for each in outcome.fields) == 12


def test_a_card_without_a_result_has_only_what_is_not_printed_right():
    outcome = judge_card(1, frozenset(), TRUTH, None, None, "parsing_failed")
    assert outcome.error == "parsing_failed"
    assert [each.field for each in outcome.fields if each.right] == ["birth_place"]
    assert not any(each.given for each in outcome.fields)


def test_shares():
    assert share([True, False, True, True]) == 0.75
    assert math.isnan(share([]))
    assert percent(0.756) == "75.6 %"
    assert percent(float("nan")) == "-"


def test_honest_confidence_has_no_error():
    found = calibrate([given(*[(True, 0.75)] * 3, (False, 0.75)), given((True, 1.0))])
    assert found.ece == pytest.approx(0)
    assert [(low, high, count) for low, high, count, _, _ in found.rows] == [
        (pytest.approx(0.7), pytest.approx(0.8), 4),
        (pytest.approx(0.9), 1.0, 1),
    ]
    assert found.rows[0][3:] == pytest.approx((0.75, 0.75))


def test_the_error_is_the_mean_gap_weighted_by_values():
    # Three at 0.9 of which one is right (gap 0.9 - 1/3), one at 0.2 that is right (gap 0.8).
    found = calibrate([given((True, 0.9), (False, 0.9), (False, 0.9), (True, 0.2))])
    assert found.ece == pytest.approx(0.75 * (0.9 - 1 / 3) + 0.25 * 0.8)
    assert len(found.rows) == 2


def test_sure_and_wrong():
    found = calibrate([given((True, 0.95), (False, 0.96), (True, 1.0), (True, 0.99), (False, 0.949))])
    assert (found.confident, found.wrong_confident) == (4, 0.25)


def test_bounds_of_bins_belong_to_the_upper_one_and_one_to_the_last():
    found = calibrate([given((True, 0.0), (True, 0.5), (True, 1.0))])
    assert [row[0] for row in found.rows] == pytest.approx([0.0, 0.5, 0.9])
    assert sum(row[2] for row in found.rows) == 3


def test_what_has_no_value_or_no_confidence_is_not_calibrated():
    silent = CardOutcome(
        1, frozenset(), (FieldOutcome("gender", False, False, 0.9), FieldOutcome("rtrw", True, True, None)), None
    )
    found = calibrate([silent])
    assert math.isnan(found.ece)
    assert math.isnan(found.wrong_confident)
    assert (found.confident, found.rows) == (0, ())
    assert calibrate([silent, given((True, 1.0))]).ece == pytest.approx(0)


def outcomes():
    wrong_name = replace(TRUTH, full_name="X")
    return [
        judge_card(1, frozenset({"blur"}), TRUTH, TRUTH, None),
        judge_card(2, frozenset({"blur", "glare"}), TRUTH, wrong_name, None),
        judge_card(3, frozenset(), TRUTH, replace(TRUTH, identity_id=None), None),
        judge_card(4, frozenset({"glare"}), TRUTH, None, None, "parsing_failed"),
    ]


def test_the_table_of_scores_has_a_row_for_all_and_each_condition():
    lines = format_scores(outcomes()).splitlines()
    assert lines[2:] == [
        # Right: 15 + 14 + 14 + 1 of 60 fields.
        "| all | 4 | 73.3 % | 50.0 % | 25.0 % | 25.0 % |",
        "| blur | 2 | 96.7 % | 100.0 % | 50.0 % | 0.0 % |",
        "| glare | 2 | 50.0 % | 50.0 % | 0.0 % | 50.0 % |",
    ]
    assert format_scores([]).splitlines()[2] == "| all | 0 | - | - | - | - |"


def test_the_table_of_fields_tells_gaps_from_errors():
    lines = format_fields(outcomes()).splitlines()
    assert len(lines) == 2 + 15
    assert "| full_name | 50.0 % | 25.0 % | 25.0 % |" in lines
    assert "| identity_id | 50.0 % | 50.0 % | 0.0 % |" in lines
    assert "| birth_place | 100.0 % | 0.0 % | 0.0 % |" in lines


def test_the_table_of_calibration():
    text = format_calibration(calibrate([given((True, 0.97), (False, 0.97))]))
    assert "| 0.9 to 1.0 | 2 | 97.0 % | 50.0 % |" in text
    assert "expected calibration error 0.4700; wrong of the 2 given with at least 0.95: 50.0 %" in text
