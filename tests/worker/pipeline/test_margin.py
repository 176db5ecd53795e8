"""A card whose values do not begin in their place is moved until they do."""

from dataclasses import replace

import numpy as np
import pytest
from made_strips import make_strip
from made_tables import MARGIN, TO_CARD, OffAtFirst, PlaceReader, begin_at, draw_page, make_line, printed_card

from worker.ktp.layout import ROW_Y, Row
from worker.pipeline.geometry import map_points
from worker.pipeline.ink import measure_ink
from worker.pipeline.margin import Slack, follow_margin
from worker.pipeline.strips import value_quad
from worker.pipeline.table import read_table

SLACK = Slack(0.01, 0.02)
VALUES = [v for row, v in ROW_Y.items() if row is not Row.NIK]


def lines_at(margin, slope=0.0, heights=VALUES):
    """Lines that begin so many widths of the card behind the edge of their strips, at half of the card's height."""
    lines = [make_line(v, value_quad(v, TO_CARD), make_strip("KAWIN")) for v in heights]
    left, right = map_points(TO_CARD, lines[0].quad)[:2, 0]
    card = lines[0].width / (right - left)
    return [replace(line, text=begin_at(line.text, (margin + slope * (line.v - 0.5)) * card)) for line in lines]


def moved_by(to_card, v):
    """How far right the moved card has what it had at height `v`."""
    before = np.array([[0.3, v]])
    return (map_points(to_card, map_points(np.linalg.inv(TO_CARD), before)) - before)[0]


def test_values_in_their_place_stay_there():
    for margin in (MARGIN - 0.008, MARGIN, MARGIN + 0.018):
        assert follow_margin(lines_at(margin), TO_CARD, SLACK) is None


def test_values_that_begin_too_far_right_are_moved_back():
    to_card = follow_margin(lines_at(MARGIN + 0.03), TO_CARD, SLACK)
    assert moved_by(to_card, 0.5) == pytest.approx((-0.03, 0), abs=0.002)


def test_values_that_may_have_lost_letters_are_moved_further():
    to_card = follow_margin(lines_at(MARGIN - 0.015), TO_CARD, SLACK)
    assert moved_by(to_card, 0.5)[0] == pytest.approx(0.03, abs=0.002)


def test_a_margin_that_changes_from_row_to_row_is_sheared():
    to_card = follow_margin(lines_at(MARGIN + 0.015, slope=0.05), TO_CARD, SLACK)
    for v in (0.35, 0.5, 0.8):
        assert moved_by(to_card, v)[0] == pytest.approx(-0.015 - 0.05 * (v - 0.5), abs=0.003)


def test_a_line_that_errs_does_not_count():
    lines = lines_at(MARGIN)
    lines[3] = lines_at(MARGIN + 0.1)[3]
    assert follow_margin(lines, TO_CARD, SLACK) is None


def test_few_lines_or_improbable_ones_tell_nothing():
    assert follow_margin(lines_at(0.1, heights=VALUES[:4]), TO_CARD, SLACK) is None
    faint = [replace(line, text=make_strip("KAWIN", 0.4)) for line in lines_at(0.1)]
    assert follow_margin(faint, TO_CARD, SLACK) is None
    assert follow_margin([], TO_CARD, SLACK) is None


class LostLetters(PlaceReader):
    """Says of its first look that letters may be lost, of the next that there is room to spare, then that all is in
    place; `second` is what it reads from the second look on."""

    def __init__(self, prints, second=None):
        super().__init__(prints)
        self.first, self.second = prints, second or prints

    def read(self, strips):
        self.margin = (MARGIN - 0.015, MARGIN + 0.012, MARGIN)[min(2, len(self.calls) // 2)]
        self.prints = self.first if len(self.calls) < 2 else self.second
        return super().read(strips)


def left_of(table):
    return map_points(TO_CARD, table.rows[Row.NAME][0].quad)[0, 0] - map_points(TO_CARD, value_quad(0.5, TO_CARD))[0, 0]


def test_where_letters_may_be_lost_the_card_is_moved_further_and_back():
    page, reader = draw_page(), LostLetters(printed_card())
    table = read_table(page, TO_CARD, measure_ink(page, TO_CARD), reader)
    assert len(reader.calls) == 6
    assert left_of(table) == pytest.approx(-0.015 - 0.015 + 0.012, abs=0.003)


def test_a_look_that_says_less_does_not_count():
    page, reader = draw_page(), LostLetters(printed_card(), printed_card(dict.fromkeys(list(Row)[:8])))
    table = read_table(page, TO_CARD, measure_ink(page, TO_CARD), reader)
    assert left_of(table) == pytest.approx(0, abs=0.002)
    assert (table.to_card == TO_CARD).all()


def test_a_card_that_is_off_sideways_is_read_where_it_is():
    page, reader = draw_page(), OffAtFirst(printed_card())
    table = read_table(page, TO_CARD, measure_ink(page, TO_CARD), reader)
    assert len(reader.calls) == 4, "values and the rest, twice"
    assert moved_by(table.to_card, 0.5) == pytest.approx((-0.03, 0), abs=0.002)
    for row in (Row.NAME, Row.VALID_UNTIL):
        left = map_points(TO_CARD, table.rows[row][0].quad)[0, 0]
        assert left == pytest.approx(map_points(TO_CARD, value_quad(0.5, TO_CARD))[0, 0] + 0.03, abs=0.002)
