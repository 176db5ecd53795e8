"""Attempts in threads: given up in time, and the process ended where that does not help or it has grown too much."""

import subprocess
import sys
import threading
import time

import pytest
from celery.exceptions import SoftTimeLimitExceeded

from worker import thread_limits
from worker.thread_limits import ThreadLimits


@pytest.fixture(autouse=True)
def often(monkeypatch):
    monkeypatch.setattr(thread_limits, "_EVERY_S", 0.01)


def work_for(seconds):
    """Busy in Python, where an exception can come up."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        time.sleep(0.005)


def test_an_attempt_is_given_up_and_the_thread_goes_on():
    ended = []
    limits = ThreadLimits(0.1, 60, 0, ended.append, ended.append)
    with pytest.raises(SoftTimeLimitExceeded), limits.attempt():
        work_for(5)
    with limits.attempt():
        work_for(0.05)
    work_for(0.2)
    assert ended == []


def test_each_has_a_time_of_its_own():
    limits, outcomes = ThreadLimits(0.3, 60, 0), {}

    def attempt(seconds):
        try:
            with limits.attempt():
                work_for(seconds)
            outcomes[seconds] = "done"
        except SoftTimeLimitExceeded:
            outcomes[seconds] = "given up"

    threads = [threading.Thread(target=attempt, args=(seconds,)) for seconds in (0.01, 0.02, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(4)
    assert outcomes == {0.01: "done", 0.02: "done", 5: "given up"}


def test_what_does_not_give_up_ends_the_process():
    died = threading.Event()
    limits = ThreadLimits(0.05, 0.3, 0, die=died.set)
    with limits.attempt():
        until = time.monotonic() + 5
        while not died.is_set() and time.monotonic() < until:
            try:
                work_for(0.1)
            except SoftTimeLimitExceeded:
                continue
    assert died.is_set()


def test_an_attempt_that_ends_in_time_is_not_told_afterwards():
    limits = ThreadLimits(0.05, 60, 0)
    for _ in range(20):
        try:
            with limits.attempt():
                time.sleep(0.045)
        except SoftTimeLimitExceeded:
            pass
        work_for(0.02)


def test_a_process_that_has_grown_too_much_ends_once_after_its_jobs(monkeypatch):
    taken, ended = [100 * 2**20], []
    monkeypatch.setattr(thread_limits, "resident_bytes", lambda: taken[0])
    limits = ThreadLimits(60, 60, 50, lambda: ended.append("after jobs"))
    with limits.attempt():
        pass
    taken[0] = 151 * 2**20
    for _ in range(2):
        with limits.attempt():
            assert len(ended) < 2
    assert ended == ["after jobs"]


def test_the_memory_of_this_process_is_seen():
    """In a process of its own: in this one other tests may give memory back meanwhile."""
    code = "from worker.thread_limits import resident_bytes as now; a = now(); b = bytearray(2**26); print(now() - a)"
    grown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert 50 * 2**20 < int(grown) < 100 * 2**20
