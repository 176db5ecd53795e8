import numpy as np
import pytest

from worker.pipeline.lines import CROP_HEIGHT, MARGIN, MAX_LINES, crop_line, read_lines
from worker.pipeline.types import OrientedText, Page, RecognizedText, TextLine

PAGE = Page(np.zeros((200, 400, 3), dtype=np.uint8), np.eye(3))


def box(x, y, width, height):
    return np.array([[x, y], [x + width, y], [x + width, y + height], [x, y + height]], dtype=float)


class Scripted:
    """Says the given readings one after the other."""

    def __init__(self, *readings):
        self.readings = list(readings)
        self.crops = []

    def find_text(self, pixels):
        raise AssertionError("not to be asked")

    def recognize(self, crops):
        self.crops += crops
        return [self.readings.pop(0) for _ in crops]


def read(*readings, count=1):
    engine = Scripted(*readings)
    quads = tuple(box(10, 10 + 30 * index, 100, 20) for index in range(count))
    return read_lines(OrientedText(PAGE, quads, ()), engine), engine


def test_crop_is_upright_whatever_the_corners_order():
    pixels = np.zeros((100, 200, 3), dtype=np.uint8)
    pixels[40:60, 50:100] = 255
    quad = box(50, 40, 100, 20)
    plain, turned, mirrored = (crop_line(pixels, quad[order]) for order in ([0, 1, 2, 3], [2, 3, 0, 1], [1, 0, 3, 2]))
    assert plain.shape == (CROP_HEIGHT, round(100 * CROP_HEIGHT / (20 * (1 + 2 * MARGIN))), 3)
    middle, half = CROP_HEIGHT // 2, plain.shape[1] // 2
    assert plain[middle, 5 : half - 5].min() == 255
    assert plain[middle, half + 5 :].max() == 0
    for other in (turned, mirrored):
        assert other[middle, 5 : half - 5].max() == 0
        assert other[middle, half + 5 : -5].min() == 255


def test_smears_are_no_text():
    lines, _ = read(RecognizedText("BUDI", 0.9), RecognizedText("2X0", 0.4), RecognizedText(" ", 0.9), count=3)
    assert [line.text for line in lines] == ["BUDI"]


@pytest.mark.parametrize(
    ("first", "second", "text"),
    [
        ("GG.MAWAR NO.1", "GG. MAWAR NO. 1", "GG. MAWAR NO. 1"),
        ("GG.MAWAR NO.1", "GG.MAWAR NO.1", "GG.MAWAR NO.1"),
        ("GG.MAWAR", "GG. MELATI", "GG.MAWAR"),
        ("IKOMANG", "I KOMANG", "I KOMANG"),
        ("JL. CEMARA III49", "JL. CEMARA III 49", "JL. CEMARA III 49"),
    ],
)
def test_a_second_look_may_only_add_blanks(first, second, text):
    lines, engine = read(RecognizedText(first, 0.9), RecognizedText(second, 0.9))
    assert [line.text for line in lines] == [text]
    assert len(engine.crops) == 2
    assert engine.crops[1].shape[1] < engine.crops[0].shape[1]


def test_a_second_look_finds_an_apostrophe():
    lines, engine = read(RecognizedText("SYAFII", 0.9), RecognizedText("SYAFI'I", 0.9))
    assert [line.text for line in lines] == ["SYAFI'I"]
    assert engine.crops[1].shape[1] > engine.crops[0].shape[1]


def test_what_looks_whole_is_read_once():
    _, engine = read(RecognizedText("GG. MAWAR", 0.9))
    assert len(engine.crops) == 1


def test_a_page_full_of_print_is_read_in_part_and_what_was_read_is_kept():
    engine = Scripted(*[RecognizedText("X", 0.9)] * 500)
    known = TextLine("KNOWN", 0.9, box(0, 0, 50, 10))
    quads = tuple(box(0, index, 50, 10 + index % 7) for index in range(200))
    lines = read_lines(OrientedText(PAGE, quads, (known,)), engine)
    assert len(lines) == MAX_LINES
    assert lines[0] is known
