"""The weights of confidence: what is right more often is believed more, and being sure never counts against it."""

from worker.pipeline.confidence import Evidence
from worker.pipeline.readings import FieldReading
from worker.training.reading.calibrate import fit, fit_second


def cases(log_probability: float, right: int, wrong: int) -> list[tuple[Evidence, bool]]:
    evidence = Evidence("religion", "both", FieldReading("ISLAM", log_probability), None, 0.0)
    return [(evidence, True)] * right + [(evidence, False)] * wrong


def test_surer_readings_that_are_right_more_often_are_believed_more() -> None:
    weights = fit(cases(-0.01, 60, 1) + cases(-3.0, 20, 20))
    assert weights["own_logit"] + weights["own_log"] > 0


def test_what_the_reader_says_of_itself_never_counts_against_a_value() -> None:
    weights = fit(cases(-0.01, 20, 3) + cases(-3.0, 40, 0))
    assert weights["own_logit"] >= 0
    assert weights["own_log"] >= 0


def test_what_the_cases_say_nothing_of_stays_as_it_was() -> None:
    weights = fit(cases(-0.5, 20, 20), {"known": 0.0, "village": 1.5, "religion": 5.0})
    assert weights["village"] == 1.5
    assert 0 < weights["religion"] + weights["bias"] < 5.0


def test_agreement_adds_to_what_the_first_reader_said_alone() -> None:
    alone = {"bias": 0.5, "own_logit": 0.4, "religion": -1.0}
    weights = fit_second(cases(-0.01, 60, 1) + cases(-3.0, 20, 4), alone, agrees=True)
    assert {name: weights[name] for name in ("own_logit", "religion")} == {"own_logit": 0.4, "religion": -1.0}
    assert weights["bias"] > 0.5


def test_agreement_never_takes_from_it_where_the_cases_do() -> None:
    alone = {"bias": 3.0, "own_logit": 0.4, "other_logit": 0.0}
    assert fit_second(cases(-0.01, 4, 20), alone, agrees=True) == alone


def test_disagreement_takes_from_what_the_first_reader_said_and_never_adds() -> None:
    alone = {"bias": 0.5, "own_logit": 0.4, "religion": -1.0, "other_logit": 0.0, "rival": 0.0}
    weights = fit_second(cases(-0.01, 20, 40) + cases(-3.0, 4, 20), alone, agrees=False)
    assert {name: weights[name] for name in ("own_logit", "religion")} == {"own_logit": 0.4, "religion": -1.0}
    assert weights["bias"] < 0.5
    assert max(weights["other_logit"], weights["rival"]) <= 0
    assert fit_second(cases(-0.01, 60, 0), alone, agrees=False) == alone
