"""The sandbox answers what it was asked for, in the same shapes as real readings."""

import base64
from dataclasses import asdict

import pytest

from shared.errors import KartuError
from shared.records import BLOCKS, RESULT_FIELDS, ReadRequest
from shared.sandbox import JOB_ERRORS, REQUEST_ERRORS, SCENARIOS, choose_scenario
from worker.sandbox import play


def test_a_success_has_every_field_and_every_block_that_was_asked_for():
    asked = ReadRequest(sandbox="succeeded", include=BLOCKS, validate_result=True, check_flip_image=True)
    outcome = play(asked)
    assert list(outcome.result) == list(RESULT_FIELDS)
    assert all(outcome.result.values())
    assert outcome.validation["valid"]
    assert not [issue for field in outcome.validation["fields"].values() for issue in field["issues"]]
    assert all(getattr(outcome, block) for block in BLOCKS)
    assert base64.b64decode(outcome.crops["photo"]).startswith(b"\xff\xd8\xff")
    assert play(asked) == outcome
    plain = play(ReadRequest(sandbox="slow"))
    assert plain.result == outcome.result
    assert not any(asdict(plain)[block] for block in (*BLOCKS, "validation"))


@pytest.mark.parametrize("name", JOB_ERRORS)
def test_errors_of_jobs_end_the_job(name):
    assert choose_scenario(f"sandbox:{name}").name == name
    with pytest.raises(KartuError) as raised:
        play(ReadRequest(sandbox=name))
    assert raised.value.error_type == name


@pytest.mark.parametrize("name", [*REQUEST_ERRORS, "validation"])
def test_errors_of_requests_are_raised_at_once(name):
    with pytest.raises(KartuError) as raised:
        choose_scenario(f"sandbox:{name}")
    assert raised.value.error_type == name


def test_every_error_of_the_contract_has_a_scenario():
    def leaves(kind):
        return (
            [kind] if not kind.__subclasses__() else [leaf for each in kind.__subclasses__() for leaf in leaves(each)]
        )

    left_out = {"method_not_allowed"}
    assert {each.error_type for each in leaves(KartuError)} - left_out <= set(SCENARIOS)


def test_an_unknown_scenario_is_a_validation_error():
    with pytest.raises(KartuError) as raised:
        choose_scenario("sandbox:nonesuch")
    assert raised.value.error_type == "validation"


def test_a_slow_job_comes_later():
    assert choose_scenario("sandbox:slow").delay_s > 0
    assert choose_scenario("sandbox:succeeded").delay_s == 0
