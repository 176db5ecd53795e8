"""Which processes there are and how they are started."""

import os
import sys

import pytest

from deploy import stack
from deploy.folders import PROJECT
from shared.queue import OCR_QUEUE, WEBHOOK_QUEUE
from worker.sweeper import main as sweeper


@pytest.fixture
def programs():
    return stack.programs({"KARTU_SEALING_KEYS": "secret"}, bind="127.0.0.1:1", workers=3, hard_limit_s=30)


def test_the_api_starts_last_so_that_it_stops_first(programs):
    assert [program.name for program in programs] == ["sweeper", "webhooks", "worker", "api"]


def test_a_worker_has_the_time_that_a_reading_can_take(programs):
    assert {program.name: program.stop_within_s for program in programs}["worker"] > 30


def test_no_secret_is_on_a_command_line(programs):
    assert not any("secret" in part for program in programs for part in program.command)
    assert all(program.environment["KARTU_SEALING_KEYS"] == "secret" for program in programs)


def test_what_is_asked_for_is_on_the_command_line(programs):
    _, webhooks, worker, api = programs
    assert api.command[0] == sys.executable
    assert api.command[api.command.index("--bind") + 1] == "127.0.0.1:1"
    assert worker.command[worker.command.index("--concurrency") + 1] == "3"
    assert worker.command[worker.command.index("-Q") + 1] == OCR_QUEUE
    assert webhooks.command[webhooks.command.index("-Q") + 1] == WEBHOOK_QUEUE


def test_what_the_commands_name_exists(programs):
    sweeper_program, _, _, api = programs
    assert (PROJECT / api.command[api.command.index("-c") + 1]).is_file()
    assert sweeper_program.command[-1] == sweeper.__module__


@pytest.mark.parametrize(
    ("cores", "gibibytes", "expected"), [(1, 64, 1), (2, 64, 2), (16, 64, 16), (64, 8, 8), (4, 0.5, 1)]
)
def test_a_worker_per_core_as_far_as_memory_goes(cores, gibibytes, expected, monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(cores)))
    pages = {"SC_PAGE_SIZE": 4096, "SC_PHYS_PAGES": int(gibibytes * 1024**3 / 4096)}
    monkeypatch.setattr(os, "sysconf", pages.__getitem__)
    assert stack.default_workers("cpu") == expected


def test_one_process_on_a_gpu_that_takes_jobs_in_threads():
    assert stack.default_workers("gpu") == stack.JOBS_PER_GPU
    command = stack.worker_command(stack.default_workers("gpu"), "gpu")
    assert command[command.index("--pool") + 1] == "threads"
    assert "prefork" in stack.worker_command(2)
