"""The weights of confidence: what is right more often is believed more, and being sure never counts against it."""

from worker.pipeline.confidence import Evidence
from worker.pipeline.readings import FieldReading
from worker.training.reading.calibrate import fit


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
