"""The first signal interrupts, the second says that it is urgent, and none interrupts the stop."""

import os
import signal

import pytest

from deploy.interrupts import Interrupts, StopRequested
from deploy.processes import STOPPING


@pytest.fixture
def interrupts():
    before = {number: signal.getsignal(number) for number in STOPPING}
    interrupts = Interrupts()
    interrupts.take_over()
    yield interrupts
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", STOPPING)
def test_the_first_interrupts_and_the_second_is_urgent(interrupts, number):
    with pytest.raises(StopRequested):
        os.kill(os.getpid(), number)
    assert not interrupts.is_urgent()
    os.kill(os.getpid(), number)
    assert interrupts.is_urgent()


def test_a_stop_for_another_reason_is_not_interrupted(interrupts):
    interrupts.raise_no_more()
    assert not interrupts.is_urgent()
    os.kill(os.getpid(), signal.SIGINT)
    assert interrupts.is_urgent()


def test_no_handler_for_errors_catches_it():
    assert not issubclass(StopRequested, Exception)
