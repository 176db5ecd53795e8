"""The short form of every scenario: some dozen jobs each; `./deploy/test --faults` runs them with 2,000."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from shared.redis_keys import image_key, job_key
from shared.usage import usage_key
from tests.faults.__main__ import table
from tests.faults.marks import POISON
from tests.faults.scenarios import SCENARIOS, Scenario, clock_preload, faketime
from tests.faults.senders import Senders, Traffic, answer_name
from tests.faults.service import Service
from tests.faults.tally import Tally, count_up, not_ended
from tests.faults.trial import run_trial

JOBS, RATE = 40, 15.0


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """One service for all: each scenario leaves it whole, or that is what fails."""
    with Service(tmp_path_factory.mktemp("faults")) as running:
        yield running


@pytest.mark.parametrize("scenario", [each for each in SCENARIOS if not each.is_clock], ids=lambda each: each.name)
def test_nothing_is_lost_doubled_or_left_behind(service: Service, scenario: Scenario):
    tally = run_trial(service, scenario, JOBS, RATE)
    assert tally.sent == JOBS
    assert tally.faults > 0
    assert tally.is_clean, tally


@pytest.mark.parametrize("scenario", [each for each in SCENARIOS if each.is_clock], ids=lambda each: each.name)
@pytest.mark.skipif(not faketime(), reason="the package faketime is not installed")
def test_a_clock_that_is_stepped_loses_nothing_either(tmp_path, scenario: Scenario):
    with Service(tmp_path, clock_preload(tmp_path)) as service:
        tally = run_trial(service, scenario, JOBS, RATE)
    assert tally.is_clean, tally


def test_the_harness_notices_what_it_is_there_for(service: Service):
    """Jobs that are taken away, counted twice, changed or left behind by hand."""
    key = service.new_api_key()
    senders = Senders(service.port, key[1], service.inbox.url, 12, RATE, (), 1)
    senders.start()
    service.tend_until(lambda: senders.done, 60, "The sending")
    accepted = list(senders.traffic.accepted)
    left = not_ended(service.redis, accepted)
    service.tend_until(lambda: not left(), 60, "The end of all jobs")

    service.tend_until(lambda: all(map(service.inbox.webhook_ids, accepted)), 60, "The arrival of all webhooks")

    def tally() -> Tally:
        return count_up("by hand", 0, senders.traffic, key, service, begun=0)

    assert tally().is_clean
    service.redis.hincrby(usage_key(key[0]), "succeeded", 1)
    assert (tally().double, tally().is_clean) == (1, False)
    service.redis.hincrby(usage_key(key[0]), "succeeded", -1)
    service.redis.set(image_key("of-nobody"), b"x", ex=60)
    service.redis.hset(job_key("of-nobody"), "owner", key[0])
    assert (tally().left, tally().is_clean) == (2, False)
    service.redis.delete(image_key("of-nobody"), job_key("of-nobody"))
    senders.traffic.wrong += ["GET 404", "GET 404"]
    assert (tally().odd, tally().wrong, tally().is_clean) == (2, {"GET 404": 2}, False)
    assert "| 0 | 0 | 2 | 0 |" in table([tally()])
    senders.traffic.wrong.clear()
    senders.traffic.accepted[accepted[0]] = POISON
    assert (tally().odd, tally().once, tally().is_clean) == (1, 11, False)
    service.redis.delete(job_key(accepted[0]))
    assert (tally().lost, tally().is_clean) == (1, False)


def test_an_answer_outside_the_contract_is_named_in_the_tally_and_only_a_submission_was_sent():
    names = [answer_name("GET", 500, b'{"errors": {"errorType":"processing_failed"}}'), answer_name("POST", 502, b"")]
    assert names == ["GET 500 processing_failed", "POST 502"]
    assert Traffic(wrong=names).sent == 1


def test_nothing_of_a_client_is_in_any_log(service: Service):
    """After all that: the references that clients sent are in no log, whatever went wrong."""
    assert service.logs()
    assert 'r-1"' not in service.logs()
