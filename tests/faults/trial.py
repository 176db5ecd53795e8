"""One scenario from its first request to its tally."""

from __future__ import annotations

import time

from tests.faults.scenarios import Scenario
from tests.faults.senders import Senders
from tests.faults.service import Service
from tests.faults.tally import Tally, count_up, not_ended

ENDS_WITHIN_S = 90
"""Time within which one of the jobs that are left ends, when the last fault is over; a queue may take longer."""

ARRIVES_WITHIN_S = 60
"""Time for the last webhooks: the lease of an attempt that was cut off, and retries."""


def run_trial(service: Service, scenario: Scenario, jobs: int, rate: float, first_strike_s: float = 1.5) -> Tally:
    """Send `jobs` images at `rate` a second while the scenario strikes; count once all accepted jobs have ended.

    At least one fault is made, however few the jobs are; a fault is not begun after the last request.
    """
    key = service.new_api_key()
    senders = Senders(service.port, key[1], service.inbox.url, jobs, rate, scenario.special, scenario.one_in)
    begun = time.monotonic()
    senders.start()
    faults, strike_at = 0, begun + first_strike_s
    while not senders.done:
        if scenario.strike and time.monotonic() >= strike_at:
            scenario.strike(service)
            faults += 1
            strike_at = time.monotonic() + scenario.every_s
        service.tend()
    if scenario.strike and not faults:
        scenario.strike(service)
        faults += 1
    traffic = senders.traffic
    special = sum(mark in scenario.special for mark in traffic.accepted.values())
    # One that does not end is counted as lost, so running out of time is a result like any other.
    left = not_ended(service.redis, list(traffic.accepted))
    fewest, deadline = len(traffic.accepted), time.monotonic() + ENDS_WITHIN_S
    while (now_left := left()) and time.monotonic() < deadline:
        if now_left < fewest:
            fewest, deadline = now_left, time.monotonic() + ENDS_WITHIN_S
        service.tend(0.3)
    service.tend_until(lambda: service.is_ready, within_s=60, what="The API's readiness")
    scenario.settle(service)
    deadline = time.monotonic() + ARRIVES_WITHIN_S
    while time.monotonic() < deadline and not all(map(service.inbox.webhook_ids, traffic.accepted)):
        service.tend(0.3)
    return count_up(scenario.name, faults if scenario.strike else special, traffic, key, service, begun)
