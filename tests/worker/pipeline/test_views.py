"""A doubtful line is read in several cuts, and says what all of them together find likeliest."""

import numpy as np
from made_strips import either, make_strip

from worker.pipeline.readings import SURE, SURE_WORDING, join_strips, measure_texts, split_strip
from worker.pipeline.strips import PrintedLine, cut_strip
from worker.pipeline.types import Page
from worker.pipeline.views import NEVER_SURE, TALLER, brightest_colour, look_again, stretch

QUAD = np.array([[100.0, 50], [300, 50], [300, 87], [100, 87]])
PAGE = Page(np.full((200, 400, 3), 200, dtype=np.uint8), np.eye(3))


class CutReader:
    """Gives one text after the other, and keeps the shapes of the strips that it saw."""

    def __init__(self, *texts):
        self.texts, self.shapes = list(texts), []

    def read(self, strips):
        self.shapes += [strip.shape[:2] for strip in strips]
        return [self.texts.pop(0) for _ in strips]


def line(text):
    return PrintedLine(0.3, QUAD, 200, text)


def doubts_of(lines):
    return [(each, SURE) for each in lines]


def test_a_sure_line_is_not_looked_at_again():
    reader = CutReader()
    lines = [line(make_strip("MELATI")), line(make_strip(""))]
    assert look_again(doubts_of(lines), PAGE, reader) == lines
    assert not reader.shapes


def test_of_names_and_addresses_the_reader_has_to_be_surer():
    reader = CutReader(make_strip("SAIJAH"))
    lines = [line(either("SAUJAH", "SAIJAH", 0.99)), line(either("SAUJAH", "SAIJAH", 0.99))]
    found = look_again(list(zip(lines, (SURE, SURE_WORDING), strict=True)), PAGE, reader)
    assert found[0] == lines[0]
    assert len(found[1].text.views) == 1
    assert not reader.texts


def test_a_line_of_which_nobody_is_sure_is_looked_at_once_more():
    reader = CutReader(make_strip("01-02-1969"))
    (found,) = look_again([(line(make_strip("01-02-1959")), NEVER_SURE)], PAGE, reader)
    assert len(found.text.views) == 1
    assert not reader.texts


def test_two_cuts_outvote_the_first():
    reader = CutReader(make_strip("BUDI"), make_strip("BUDI"))
    (found,) = look_again(doubts_of([line(either("BUOI", "BUDI", 0.7))]), PAGE, reader)
    assert found.text.text == "BUDI"
    assert len(found.text.views) == 2


def test_one_sure_cut_stands_against_two_that_are_torn():
    first = make_strip("SARI")
    doubtful = either("SARI", "SABI", 0.6)
    reader = CutReader(either("SABI", "SARI", 0.55), either("SABI", "SARI", 0.55))
    found = look_again(doubts_of([line(doubtful), line(first)]), PAGE, reader)
    assert [each.text.text for each in found] == ["SARI", "SARI"]
    assert found[1].text.views == ()


def test_further_cuts_are_lower_and_taller_about_the_same_middle():
    reader = CutReader(make_strip("AB"), make_strip("AB"))
    look_again(doubts_of([line(either("AB", "AC", 0.7))]), PAGE, reader)
    heights = [cut_strip(PAGE.grey, stretch(QUAD, by)).shape[0] for by in TALLER]
    assert [height for height, _ in reader.shapes] == heights
    assert heights[0] < heights[1]
    taller = stretch(QUAD, 2.0)
    assert taller.mean(axis=0).tolist() == QUAD.mean(axis=0).tolist()
    assert taller[:, 0].tolist() == QUAD[:, 0].tolist()


def test_coloured_lines_fade_in_the_brightest_colour():
    pixels = np.array([[[255, 90, 60], [30, 28, 33], [230, 240, 220]]], dtype=np.uint8)
    assert brightest_colour(pixels)[0].tolist() == [255, 33, 240]


def test_views_are_asked_joined_and_split_as_the_strip_is():
    reader = CutReader(make_strip("AB"), make_strip("AC"))
    one = look_again(doubts_of([line(either("AB", "AC", 0.7))]), PAGE, reader)[0].text
    alone, together = measure_texts(make_strip("AC"), ["AC"])[0], measure_texts(one, ["AC"])[0]
    assert together < alone
    joined = join_strips([one, make_strip("D")])
    assert joined.text == "AB D"
    assert len(joined.views) == 2
    left, right = split_strip(joined, 0.99)
    assert (len(left.views), len(right.views)) == (2, 2)
