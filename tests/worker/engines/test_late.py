"""The text engine comes late, once, and to one caller at a time."""

import threading
import time

import numpy as np
import pytest

from worker.engines.late import LateText
from worker.pipeline.types import RecognizedText

PIXELS = np.zeros((10, 10, 3), np.uint8)


class Text:
    """Notes how many use it at once."""

    def __init__(self):
        self.inside = self.most = 0

    def find_text(self, pixels):
        return []

    def recognize(self, crops):
        self.inside += 1
        self.most = max(self.most, self.inside)
        time.sleep(0.01)
        self.inside -= 1
        return [RecognizedText("A", 1.0)] * len(crops)


def test_it_is_made_when_it_is_first_needed_and_once():
    made = []
    text = LateText(lambda: made.append(Text()) or made[-1])
    assert made == []
    assert text.find_text(PIXELS) == []
    assert text.recognize([PIXELS]) == [RecognizedText("A", 1.0)]
    text.load()
    assert len(made) == 1


def test_callers_take_turns():
    engine = Text()
    text = LateText(lambda: engine)
    threads = [threading.Thread(target=text.recognize, args=([PIXELS],)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert engine.most == 1


def test_who_needs_it_while_it_is_loaded_waits_for_that():
    begun, may_end = threading.Event(), threading.Event()

    def make():
        begun.set()
        may_end.wait(10)
        return Text()

    text = LateText(make)
    text.load_in_background()
    assert begun.wait(10)
    threading.Timer(0.05, may_end.set).start()
    assert text.recognize([PIXELS, PIXELS]) == [RecognizedText("A", 1.0)] * 2


def test_a_failed_loading_is_tried_again_by_who_needs_it(caplog):
    engines = [None, None, Text()]

    def make():
        engine = engines.pop(0)
        if engine is None:
            raise RuntimeError("not now")
        return engine

    text = LateText(make)
    text.load_in_background()
    while len(engines) == 3:
        time.sleep(0.001)
    with pytest.raises(RuntimeError, match="not now"):
        text.find_text(PIXELS)
    assert text.find_text(PIXELS) == []
    until = time.monotonic() + 5
    while "could not be loaded" not in caplog.text:
        assert time.monotonic() < until
