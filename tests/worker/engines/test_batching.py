"""Lines of several jobs are read together, and no job notices."""

import ctypes
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from shared.settings import Settings
from worker.engines import corners, load_engines, paddle, sessions, strips
from worker.engines.batching import BatchedReader
from worker.engines.strips import StripReader
from worker.pipeline.types import StripText

NOTHING = np.zeros((0, 2), np.float32)


def strip(mark: int, width: int = 8) -> np.ndarray:
    return np.full((4, width), mark, np.uint8)


class Reader:
    """Says what each strip is marked with, as slowly as it is told, and cannot bear one mark."""

    def __init__(self, slow_s=0.0, unbearable=None, fault=RuntimeError):
        self.batches, self.slow_s, self.unbearable, self.fault = [], slow_s, unbearable, fault

    def read(self, strips):
        marks = [int(each[0, 0]) for each in strips]
        self.batches.append(marks)
        time.sleep(self.slow_s)
        if self.unbearable in marks:
            raise self.fault(f"{len(marks)} strips")
        return [StripText(str(mark), 1.0, (), NOTHING) for mark in marks]


def read_at_once(reader, jobs):
    """Each job's marks read in a thread of its own; gives texts, or what was raised."""
    start = threading.Barrier(len(jobs))

    def read(marks):
        start.wait()
        try:
            return [each.text for each in reader.read([strip(mark) for mark in marks])]
        except Exception as fault:
            return fault

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(read, jobs))


def test_jobs_that_come_together_are_read_together_and_get_their_own():
    inner = Reader()
    jobs = [[1, 2, 3], [4], [5, 6], [7, 8, 9, 10]]
    assert read_at_once(BatchedReader(inner, wait_ms=2000, most=10), jobs) == [
        ["1", "2", "3"],
        ["4"],
        ["5", "6"],
        ["7", "8", "9", "10"],
    ]
    assert [sorted(batch) for batch in inner.batches] == [list(range(1, 11))]


def test_nobody_waits_beyond_the_deadline():
    inner = Reader()
    begun = time.monotonic()
    assert BatchedReader(inner, wait_ms=50).read([strip(1)])[0].text == "1"
    assert 0.05 <= time.monotonic() - begun < 1
    assert BatchedReader(inner, wait_ms=60_000, most=1).read([strip(2)])[0].text == "2"
    assert BatchedReader(inner, wait_ms=60_000).read([]) == []


def test_what_came_while_a_batch_was_read_is_read_next_all_together():
    inner = Reader(slow_s=0.3)
    reader = BatchedReader(inner, wait_ms=1)
    with ThreadPoolExecutor(4) as pool:
        first = pool.submit(reader.read, [strip(1)])
        while not inner.batches and not first.done():
            time.sleep(0.001)
        others = [pool.submit(reader.read, [strip(mark)]) for mark in (2, 3, 4)]
        assert [each.result()[0].text for each in (first, *others)] == ["1", "2", "3", "4"]
    assert inner.batches[0] == [1]
    assert sorted(inner.batches[1]) == [2, 3, 4]


@pytest.mark.parametrize("fault", [RuntimeError, TimeoutError, MemoryError])
def test_a_failure_reaches_every_job_that_waits_for_it(fault):
    class Broken:
        def read(self, strips):
            raise fault("broken")

    found = read_at_once(BatchedReader(Broken(), wait_ms=200, most=3), [[1], [2], [3]])
    assert [type(each) for each in found] == [fault] * 3


def test_a_job_does_not_fail_for_the_strips_of_another():
    reader = BatchedReader(Reader(unbearable=13), wait_ms=500, most=5)
    found = read_at_once(reader, [[1, 2], [13], [3, 4]])
    assert (found[0], found[2]) == (["1", "2"], ["3", "4"])
    assert isinstance(found[1], RuntimeError)
    assert reader.read([strip(5)])[0].text == "5"


def test_an_exception_that_is_thrown_into_a_waiting_thread_gets_through():
    class GivenUp(Exception):
        pass

    reader, outcome = BatchedReader(Reader(slow_s=5), wait_ms=0), []

    def read():
        try:
            reader.read([strip(1)])
        except GivenUp as fault:
            outcome.append(fault)

    thread = threading.Thread(target=read)
    thread.start()
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident), ctypes.py_object(GivenUp))
    thread.join(3)
    assert len(outcome) == 1


@pytest.mark.parametrize("has_units", [True, False], ids=["8 bits", "float32"])
def test_the_line_reader_says_the_same_of_lines_in_a_batch(monkeypatch, has_units):
    monkeypatch.setattr(strips, "has_integer_units", lambda: has_units)
    inner, rng = StripReader(), np.random.default_rng(0)
    jobs = [
        [rng.integers(0, 255, (40, int(width)), dtype=np.uint8) for width in rng.integers(30, 400, 6)] for _ in range(5)
    ]
    reader = BatchedReader(inner, wait_ms=500, most=30)
    with ThreadPoolExecutor(len(jobs)) as pool:
        together = list(pool.map(reader.read, jobs))
    for job, texts in zip(jobs, together, strict=True):
        for alone, text in zip(inner.read(job), texts, strict=True):
            assert text.text == alone.text
            np.testing.assert_allclose(text.log_probabilities, alone.log_probabilities, atol=2e-3)


@pytest.mark.parametrize(
    ("device", "wait_ms", "kind"), [("cpu", 2, StripReader), ("gpu", 2, BatchedReader), ("gpu", 0, StripReader)]
)
def test_only_on_a_gpu_lines_wait_for_each_other(monkeypatch, device, wait_ms, kind):
    for module in (corners, strips):
        monkeypatch.setattr(
            module, "open_session", lambda path, threads, _: sessions.open_session(path, threads, "cpu")
        )
    monkeypatch.setattr(paddle, "find_weights", lambda _: None)
    monkeypatch.setattr(paddle, "PaddleText", lambda _: object())
    engines = load_engines(Settings(device=device, batch_ms=wait_ms))
    assert (type(engines.strips), type(engines.again)) == (kind, kind)
