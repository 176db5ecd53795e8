"""The benchmark of speed measures what it says, on a few pictures with canned engines."""

import time

import cv2
import numpy as np
import pytest

from shared.settings import Settings
from worker.engines import load_engines
from worker.engines.paddle_default import PlainLine
from worker.engines.sessions import MODELS
from worker.engines.strips import model_file
from worker.pipeline.types import Engines, StripText
from worker.training.fonts import FontMissingError, require_fonts
from worker.training.speed import batch_sizes, device
from worker.training.speed.batch_sizes import describe_batches
from worker.training.speed.device import benchmark_device
from worker.training.speed.gemm import multiply_adds_a_second
from worker.training.speed.pictures import take_pictures
from worker.training.speed.plain import parse_plainly
from worker.training.speed.runs import multiply_adds
from worker.training.speed.stopwatch import Stopwatch, timed
from worker.training.speed.together import Way, ways_of


def test_pictures_are_the_same_each_time_and_of_their_size():
    try:
        require_fonts()
    except FontMissingError as missing:
        pytest.skip(str(missing))
    first, second = take_pictures(2, 1024, 768), take_pictures(2, 1024, 768)
    assert [each.data for each in first] == [each.data for each in second]
    assert first[0].data != first[1].data
    assert cv2.imdecode(np.frombuffer(first[0].data, np.uint8), cv2.IMREAD_COLOR).shape == (768, 1024, 3)
    assert len(first[0].fields.identity_id or "") == 16


def test_a_stopwatch_notes_each_part():
    class Strips:
        def read(self, strips):
            until = time.thread_time() + 0.02
            while time.thread_time() < until:
                pass
            return [StripText("", 0.0, (), np.zeros((0, 2), np.float32))] * len(strips)

    null = load_engines(Settings(engine="null"))
    watch = Stopwatch()
    engines = timed(Engines(null.text, null.cards, Strips()), watch)
    pixels = np.zeros((400, 640, 3), np.uint8)
    assert len(engines.strips.read([pixels[..., 0]] * 2)) == 2
    assert engines.cards.find(pixels).quad.shape == (4, 2)
    quads = engines.text.find_text(pixels)
    assert len(engines.text.recognize([pixels] * len(quads))) == len(quads)
    assert watch.calls == {
        "line reader": 1,
        "card model": 1,
        "text detection (PP-OCR)": 1,
        "text recognition (PP-OCR)": 1,
    }
    assert 0.02 <= watch.seconds["line reader"] < 1


def line(text: str, left: float, top: float) -> PlainLine:
    return PlainLine(text, left, top, left + 10 * len(text), top + 20)


def test_plain_parsing_takes_the_rest_of_the_line_or_what_stands_beside():
    fields = parse_plainly(
        [
            line("PROVINSI JAWA BARAT", 300, 0),
            line("KOTA BANDUNG", 320, 30),
            line("NIK", 0, 60),
            line(": 3273014507900003", 200, 62),
            line("Nama", 0, 90),
            line(":", 190, 90),
            line("SITI AMINAH", 210, 91),
            line("Tempat/Tgl Lahir : BANDUNG, 05-07-1990", 0, 120),
            line("Jenis Kelamin : PEREMPUAN Gol. Darah : O", 0, 150),
            line("Agama :ISLAM", 0, 180),
        ]
    )
    assert (fields.province, fields.city) == ("JAWA BARAT", "KOTA BANDUNG")
    assert (fields.identity_id, fields.full_name) == ("3273014507900003", "SITI AMINAH")
    assert (fields.birth_place, fields.birth_date, fields.gender) == ("BANDUNG", "05-07-1990", "PEREMPUAN")
    assert (fields.religion, fields.address) == ("ISLAM", None)


def test_multiply_adds_grow_with_the_width_of_a_line():
    narrow, wide = (
        multiply_adds(MODELS / model_file("strips", integers=False), (1, 40, width)) for width in (160, 480)
    )
    assert wide == pytest.approx(3 * narrow, rel=0.02)
    assert multiply_adds(MODELS / model_file("strips", integers=True), (2, 40, 160)) == 2 * narrow
    assert 50e6 < narrow < 500e6


@pytest.mark.parametrize("kind", ["float32", "8 bits"])
def test_what_one_core_does_in_a_large_product_is_measured(kind):
    assert 1e8 < multiply_adds_a_second(kind) < 1e13


def test_the_cores_are_shared_out_in_three_ways():
    assert [str(way) for way in ways_of(2)] == [
        "2 processes of one thread",
        "one process, 2 threads for each model",
        "one process, 2 cards at once in threads",
    ]
    assert [str(way) for way in ways_of(1)] == ["one process of one thread"]
    assert str(Way(processes=2, cards_at_once=4)) == "2 processes, 4 cards at once in threads"


def test_the_table_of_a_device_says_each_way_when_it_is_measured(monkeypatch):
    said = []

    def pace(pictures, ways):
        assert said[-1].startswith("| ") or said[-1].endswith("--:|")
        return {way: 10.0 * way.processes for way in ways}

    monkeypatch.setattr(device, "compare_ways", pace)
    monkeypatch.setattr(device, "describe_batches", lambda settings, batches: f"batches {batches}")
    monkeypatch.setattr(device, "take_pictures", lambda count, width, height: [])
    benchmark_device(3, (1, 4), (1, 2), (8,), said.append)
    assert said[0] == "Device cpu"
    assert said.count("| 2 | 4 | 20.0 |") == 2, "of each size"
    assert said[-1] == "\nbatches (8,)"


def test_more_strips_at_once_take_longer(monkeypatch):
    monkeypatch.setattr(batch_sizes, "_LEAST_S", 0.01)
    rows = describe_batches(Settings(), (1, 8)).splitlines()[2:]
    one, eight = ([float(each) for each in row.replace(",", "").strip("| ").split(" | ")] for row in rows)
    assert (one[0], eight[0]) == (1, 8)
    assert eight[1] > 2 * one[1], "all of it"
    assert eight[2] > 2 * one[2], "the network alone"
