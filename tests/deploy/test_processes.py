"""Children are started, watched and stopped, and none is left behind, whatever happens to the supervisor."""

import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

from deploy.folders import PROJECT
from deploy.processes import ChildDiedError, Program, Supervisor, last_lines, rotate

SLEEPER = "import time; print('up', flush=True); time.sleep(60)"
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + SLEEPER


def program(name: str, script: str, stop_within_s: float = 5, **more) -> Program:
    return Program(name, (sys.executable, "-c", script), dict(os.environ), stop_within_s, **more)


def wait_for(condition, within_s: float = 10):
    deadline = time.monotonic() + within_s
    while not (found := condition()):
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.02)
    return found


@pytest.fixture
def supervisor(tmp_path):
    supervisor = Supervisor(tmp_path)
    yield supervisor
    supervisor.stop(lambda name: None, lambda: True)


def started(supervisor, tmp_path, *programs: Program) -> dict[str, psutil.Process]:
    """Start and wait until each says `up`."""
    before = set(psutil.Process().children())
    processes = {}
    for each in programs:
        supervisor.start(each)
        (process,) = set(psutil.Process().children()) - before
        before.add(process)
        processes[each.name] = process
        wait_for(lambda name=each.name: "up" in (tmp_path / f"{name}.log").read_text())
    return processes


def test_stops_in_the_reverse_order_of_the_start(supervisor, tmp_path):
    order = tmp_path / "order"
    script = (
        "import signal, sys, time\n"
        "def end(*_):\n"
        "    time.sleep(0.3)\n"
        f"    open({str(order)!r}, 'a').write(sys.argv[1] + ' ')\n"
        "    sys.exit()\n"
        "signal.signal(signal.SIGTERM, end)\n"
        "print('up', flush=True)\n"
        "time.sleep(60)\n"
    )
    children = [
        Program(name, (sys.executable, "-c", script, name), dict(os.environ), 5) for name in ("valkey", "worker", "api")
    ]
    processes = started(supervisor, tmp_path, *children)
    told = []
    supervisor.stop(told.append, lambda: False)
    assert order.read_text().split() == told == ["api", "worker", "valkey"]
    assert not any(process.is_running() for process in processes.values())


def test_a_child_that_does_not_go_is_killed_with_its_own_children(supervisor, tmp_path):
    script = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {STUBBORN!r}]); {STUBBORN}"
    process = started(supervisor, tmp_path, program("stubborn", script, stop_within_s=0.3))["stubborn"]
    (grandchild,) = wait_for(process.children)
    supervisor.stop(lambda name: None, lambda: False)
    assert not process.is_running()
    wait_for(lambda: not grandchild.is_running() or grandchild.status() == psutil.STATUS_ZOMBIE)


def test_in_a_hurry_all_but_the_first_are_killed_at_once(supervisor, tmp_path):
    started(supervisor, tmp_path, program("first", SLEEPER, 60), program("second", STUBBORN, 60))
    begun = time.monotonic()
    supervisor.stop(lambda name: None, lambda: True)
    assert time.monotonic() - begun < 5


def test_a_child_that_dies_is_reported_with_the_end_of_its_log(supervisor, tmp_path):
    started(supervisor, tmp_path, program("api", SLEEPER))
    supervisor.check()
    supervisor.start(program("worker", "print('no model'); raise SystemExit(3)"))
    with pytest.raises(ChildDiedError, match=r"worker ended with exit status 3(?s:.*)no model"):
        supervisor.wait_until(lambda: False, 10, "nothing")


def test_a_child_that_is_killed_is_reported_by_its_signal(supervisor, tmp_path):
    started(supervisor, tmp_path, program("worker", SLEEPER))["worker"].kill()
    with pytest.raises(ChildDiedError, match="SIGKILL"):
        supervisor.wait_until(lambda: False, 10, "nothing")


def test_a_child_that_ended_is_started_again_and_its_own_children_are_gone(supervisor, tmp_path):
    script = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {SLEEPER!r}]); {SLEEPER}"
    processes = started(supervisor, tmp_path, program("first", SLEEPER), program("worker", script))
    (grandchild,) = wait_for(processes["worker"].children)
    assert supervisor.revive() == []
    processes["worker"].kill()
    assert wait_for(supervisor.revive) == ["worker ended with signal SIGKILL"]
    wait_for(lambda: not grandchild.is_running() or grandchild.status() == psutil.STATUS_ZOMBIE)
    assert len(psutil.Process().children()) >= 2
    supervisor.check()


def test_a_child_that_always_dies_is_given_up(supervisor, tmp_path):
    starts = tmp_path / "starts"
    supervisor.start(program("worker", f"open({str(starts)!r}, 'a').write('x'); raise SystemExit(3)"))
    with pytest.raises(ChildDiedError, match="worker ended with exit status 3"):
        wait_for(lambda: supervisor.revive() and False, 60)
    assert starts.read_text() == "x" * 6


def test_what_does_not_happen_in_time_is_said(supervisor):
    with pytest.raises(TimeoutError, match="The start of the API did not happen"):
        supervisor.wait_until(lambda: False, 0.1, "The start of the API")


def test_ctrl_c_reaches_only_the_supervisor(supervisor, tmp_path):
    process = started(supervisor, tmp_path, program("api", SLEEPER))["api"]
    assert os.getpgid(process.pid) == process.pid != os.getpgid(0)


def test_signals_are_let_through_again_after_a_start(supervisor, tmp_path):
    started(supervisor, tmp_path, program("api", SLEEPER))
    assert signal.pthread_sigmask(signal.SIG_BLOCK, []) & {signal.SIGINT, signal.SIGTERM} == set()


def test_children_can_be_interrupted_themselves(supervisor, tmp_path):
    script = "import signal; print(signal.pthread_sigmask(signal.SIG_BLOCK, []), 'up', flush=True); input()"
    supervisor.start(program("api", script))
    assert wait_for((tmp_path / "api.log").read_text).startswith("set()")


@pytest.mark.skipif(sys.platform != "linux", reason="PR_SET_PDEATHSIG is Linux's")
def test_a_supervisor_that_is_killed_leaves_no_child(tmp_path):
    script = (
        "import os, sys, time; from pathlib import Path; from deploy.processes import Program, Supervisor\n"
        f"supervisor = Supervisor(Path({str(tmp_path)!r}))\n"
        f"for name in ('api', 'worker'):\n"
        f"    supervisor.start(Program(name, (sys.executable, '-c', {SLEEPER!r}), dict(os.environ), 5))\n"
        "time.sleep(60)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", script], cwd=PROJECT)
    logs = [tmp_path / "api.log", tmp_path / "worker.log"]
    wait_for(lambda: all(log.exists() and "up" in log.read_text() for log in logs))
    children = psutil.Process(process.pid).children()
    assert len(children) == 2
    process.kill()
    process.wait()
    wait_for(lambda: not any(child.is_running() and child.status() != psutil.STATUS_ZOMBIE for child in children))


def test_a_kept_descriptor_stays_open_in_the_child(supervisor, tmp_path):
    with (tmp_path / "lock").open("w") as lock:
        script = f"import os; os.fstat({lock.fileno()}); {SLEEPER}"
        started(supervisor, tmp_path, program("valkey", script, kept_open=(lock.fileno(),)))


def test_secrets_of_the_environment_are_not_in_what_is_printed():
    assert "hunter2" not in repr(Program("api", ("x",), {"KARTU_SEALING_KEYS": "hunter2"}, 5))


def test_logs_of_the_last_starts_are_kept(tmp_path):
    log = tmp_path / "api.log"
    for number in range(6):
        rotate(log)
        log.write_text(str(number))
    contents = {path.name: path.read_text() for path in tmp_path.iterdir()}
    assert contents == {"api.log": "5", "api.log.1": "4", "api.log.2": "3", "api.log.3": "2"}


def test_an_empty_log_is_called_so(tmp_path):
    (tmp_path / "x.log").touch()
    assert last_lines(tmp_path / "x.log").strip() == "(empty)"
