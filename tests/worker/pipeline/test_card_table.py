"""Strips are cut where lines must be, and what they say tells which row each of them is."""

import numpy as np
import pytest
from cards import HEIGHT, VALUES, WIDTH
from made_strips import NO_STRIP, make_strip
from made_tables import (
    BIRTH_U,
    HEADER,
    HEADER_U,
    ISSUE,
    ISSUE_U,
    NIK_U,
    TO_CARD,
    VALUE_U,
    PlaceReader,
    Print,
    draw_page,
    make_line,
    printed_card,
)

from worker.ktp.layout import BLOOD_LABEL_X, CITY_Y, PROVINCE_Y, ROW_PITCH, ROW_Y, VALUE_MAX_X, VALUE_X, Row
from worker.pipeline.characters import decode
from worker.pipeline.geometry import map_points
from worker.pipeline.ink import measure_ink
from worker.pipeline.strips import ISSUE_Y, gender_share, nik_quad, value_quad
from worker.pipeline.table import read_table
from worker.pipeline.types import Page

PLAIN = {row: [text] for row, text in VALUES.items()} | {Row.GENDER: ["PEREMPUAN GOL. DARAH : B"]}


def read(reader, page=None):
    page = page or draw_page()
    return read_table(page, TO_CARD, measure_ink(page, TO_CARD), reader)


def texts(table):
    return {row: [line.text.text for line in lines] for row, lines in table.rows.items()}


def test_a_plain_card():
    table = read(PlaceReader(printed_card()))
    assert texts(table) == PLAIN
    assert [line.text.text for line in table.header] == list(HEADER)
    assert [line.text.text for line in table.issue] == list(ISSUE)
    assert table.grid.evidence > 10


def test_strips_are_asked_for_where_the_layout_has_lines():
    reader = PlaceReader(printed_card())
    read(reader)
    values, rest = reader.calls
    assert len(values) >= len(Row) - 1
    assert all(u == pytest.approx(VALUE_U, abs=0.01) for u, _ in values)
    assert np.diff([v for _, v in values]) == pytest.approx(0.0455, abs=0.004)
    for row, v in ROW_Y.items():
        if row is not Row.NIK:
            assert min(abs(v - asked) for _, asked in values) < 0.3 * ROW_PITCH, row
    expected = [(HEADER_U, PROVINCE_Y), (HEADER_U, CITY_Y), (NIK_U, ROW_Y[Row.NIK]), *((ISSUE_U, v) for v in ISSUE_Y)]
    assert np.array(rest) == pytest.approx(np.array(expected), abs=0.015)


def test_each_line_knows_its_place():
    table = read(PlaceReader(printed_card()))
    for row, (line,) in table.rows.items():
        in_card = map_points(TO_CARD, line.quad)
        assert in_card[:, 1].mean() == pytest.approx(line.v, abs=1e-6)
        assert line.v == pytest.approx(ROW_Y[row], abs=0.3 * ROW_PITCH)
        assert in_card[0, 0] < in_card[1, 0]
        assert in_card[0, 1] < in_card[3, 1]
        assert 0.1 * WIDTH < line.width <= WIDTH


@pytest.mark.parametrize("row", [Row.NAME, Row.ADDRESS, Row.OCCUPATION])
def test_a_value_on_two_lines_is_one_row_of_two(row):
    table = read(PlaceReader(printed_card(folds={row: ["KEDUA"]})), draw_page({row: 1}))
    assert texts(table) == PLAIN | {row: [VALUES[row], "KEDUA"]}


def test_an_address_on_three_lines():
    table = read(
        PlaceReader(printed_card(folds={Row.ADDRESS: ["PERUM INDAH BLOK B2", "SUKAMAJU"]})), draw_page({Row.ADDRESS: 2})
    )
    assert texts(table) == PLAIN | {Row.ADDRESS: [VALUES[Row.ADDRESS], "PERUM INDAH BLOK B2", "SUKAMAJU"]}


@pytest.mark.parametrize("rows", [-1, 1])
def test_a_table_that_begins_a_row_off_is_read_again_from_there(rows):
    reader = PlaceReader(printed_card(shift=rows * 0.0463))
    table = read(reader, draw_page(ink=False))
    assert texts(table) == PLAIN
    assert [line.text.text for line in table.header] == list(HEADER)
    assert [line.text.text for line in table.issue] == list(ISSUE)
    assert sum(len(call) == 5 for call in reader.calls) == 2, "the header was asked for again"


def test_a_table_without_a_nik_is_looked_for_in_other_places_too_unless_it_is_plain():
    looks = []
    for lost in ((Row.RELIGION, Row.NATIONALITY), (Row.NIK,), (Row.NIK, Row.RELIGION, Row.NATIONALITY, Row.RTRW)):
        reader = PlaceReader(printed_card(dict.fromkeys(lost)))
        assert texts(read(reader)) == PLAIN | {row: [""] for row in lost}
        looks.append(len(reader.calls) // 2)
    assert looks[:2] == [1, 1]
    assert looks[2] > 1


def test_a_table_that_begins_where_it_should_is_read_once():
    reader = PlaceReader(printed_card())
    read(reader)
    assert len(reader.calls) == 2


def test_lines_without_doubt_are_not_read_again():
    reader, again, page = PlaceReader(printed_card()), PlaceReader(printed_card()), draw_page()
    table = read_table(page, TO_CARD, measure_ink(page, TO_CARD), reader, again)
    assert texts(table) == PLAIN
    assert again.places == []


def test_of_lines_less_than_certain_the_name_and_the_address_are_read_again():
    prints = printed_card({row: make_strip(VALUES[row], 0.99) for row in (Row.NAME, Row.ADDRESS, Row.VILLAGE, Row.NIK)})
    again, page = PlaceReader(printed_card()), draw_page()
    table = read_table(page, TO_CARD, measure_ink(page, TO_CARD), PlaceReader(prints), again)
    assert texts(table) == PLAIN
    assert [round((v - ROW_Y[Row.NAME]) / ROW_PITCH) for _, v in again.places] == [0, 3]


def test_a_nik_and_a_birth_date_that_contradict_each_other_are_read_again():
    again, page = PlaceReader(printed_card()), draw_page()
    wrong = {Row.BIRTH: VALUES[Row.BIRTH].replace("1990", "1991")}
    table = read_table(page, TO_CARD, measure_ink(page, TO_CARD), PlaceReader(printed_card(wrong)), again)
    assert len(table.rows[Row.BIRTH][0].text.views) == len(table.rows[Row.NIK][0].text.views) == 1
    assert [v for _, v in again.places] == pytest.approx([ROW_Y[Row.NIK], ROW_Y[Row.BIRTH]], abs=0.015)


class EndlessReader:
    """Says of each strip that its text goes on to its end, or ends `before` it, and keeps how long the strips are."""

    def __init__(self, before: int):
        self.before, self.calls = before, []

    def read(self, strips):
        self.calls.append([strip.shape[1] / strip.shape[0] for strip in strips])
        text = make_strip("KAWIN" * 4).log_probabilities[:-1]
        steps = np.concatenate([text, np.repeat(NO_STRIP.log_probabilities, self.before, axis=0)])
        return [decode(steps, scale=strip.shape[1] / len(steps)) for strip in strips]


def test_a_value_that_goes_on_where_its_ink_was_not_seen_is_read_to_its_end():
    page = draw_page(long=0.25)
    reader = EndlessReader(before=0)
    read(reader, page)
    first, second = reader.calls[:2]
    assert len(second) == sum(shape < 9 for shape in first) > 0
    assert min(second) > 11.9
    seen = EndlessReader(before=10)
    read(seen, page)
    assert min(shape for shape in seen.calls[0]) < 9
    assert len(seen.calls[1]) == len((*HEADER, "NIK", *ISSUE))


@pytest.mark.parametrize("lost", [Row.NIK, Row.NAME, Row.VILLAGE, Row.RELIGION, Row.VALID_UNTIL])
def test_a_line_that_says_nothing_moves_no_other(lost):
    assert texts(read(PlaceReader(printed_card({lost: None})))) == PLAIN | {lost: [""]}


def test_nothing_printed_at_all():
    table = read(PlaceReader([]), draw_page(ink=False))
    assert set(table.rows) == set(Row)
    assert {text for found in texts(table).values() for text in found} == {""}
    assert table.grid.evidence < 5
    assert (len(table.header), len(table.issue)) == (2, 2)


def test_a_card_somewhere_on_the_page_is_read_there():
    # The same page, seen as the left upper quarter of a card twice as large in each direction.
    reader = PlaceReader([])
    page, to_card = draw_page(ink=False), np.diag([0.5, 0.5, 1.0]) @ TO_CARD
    read_table(page, to_card, measure_ink(page, to_card), reader)
    values = reader.calls[0]
    assert values[0][1] == pytest.approx(2 * ROW_Y[Row.NAME], abs=0.05)
    assert HEIGHT < WIDTH


@pytest.mark.parametrize("long", [0.1, 0.25, 0.4])
def test_strips_of_values_end_where_their_print_does(long):
    ink = measure_ink(draw_page(long=long), TO_CARD)
    for row in (Row.NAME, Row.ADDRESS, Row.VALID_UNTIL):
        end = ink.end_at(ROW_Y[row])
        assert VALUE_X + long < end <= min(VALUE_MAX_X, VALUE_X + long + 0.06)
        width, full = (value_quad(0.5, TO_CARD, each)[1, 0] / WIDTH for each in (end, VALUE_MAX_X))
        assert end < width <= full


def test_without_print_a_strip_is_as_long_as_the_column():
    assert measure_ink(draw_page(ink=False), TO_CARD).end_at(ROW_Y[Row.NAME]) == VALUE_MAX_X
    noise = np.random.default_rng(0).integers(0, 256, (HEIGHT, WIDTH, 3), dtype=np.uint8)
    assert measure_ink(Page(noise, np.eye(3)), TO_CARD).end_at(ROW_Y[Row.NAME]) == pytest.approx(VALUE_MAX_X, abs=0.01)


def test_the_gender_ends_at_the_same_place_however_long_its_strip_is():
    nik = make_line(ROW_Y[Row.NIK], nik_quad(ROW_Y[Row.NIK], TO_CARD), NO_STRIP)
    for end in (0.55, 0.6, VALUE_MAX_X):
        quad = value_quad(0.4, TO_CARD, end)
        place = quad[0, 0] + gender_share(make_line(0.4, quad, NO_STRIP), nik) * (quad[1, 0] - quad[0, 0])
        assert place / WIDTH == pytest.approx(BLOOD_LABEL_X - 0.008, abs=0.001)
    assert gender_share(make_line(0.4, value_quad(0.4, TO_CARD, 0.45), NO_STRIP), nik) == 1


def test_the_gender_ends_where_the_label_of_the_blood_type_was_read():
    nik = make_line(ROW_Y[Row.NIK], nik_quad(ROW_Y[Row.NIK], TO_CARD), NO_STRIP)
    line = make_line(0.4, value_quad(0.4, TO_CARD), make_strip("PEREMPUAN GOL. DARAH : B"))
    assert gender_share(line, nik) == pytest.approx(line.text.characters[10].left / line.width)


@pytest.mark.parametrize(
    ("seen", "beyond", "read_as"),
    [
        ("TANGERANG SELATAN, 07-10-1", "TANGERANG SELATAN, 07-10-1982", "TANGERANG SELATAN, 07-10-1982"),
        ("TANGERANG SELATAN, 07-10-1", "TANGERANG SELATAN, 07-10-1 M", "TANGERANG SELATAN, 07-10-1"),
        ("TANGERANG SELATAN, 07-10-1982", "TANGERANG SELATAN, 07-10-1982 11-11-1111", "TANGERANG SELATAN, 07-10-1982"),
    ],
)
def test_a_date_that_runs_into_the_photo_is_read_to_its_end(seen, beyond, read_as):
    longer = Print(BIRTH_U, ROW_Y[Row.BIRTH], beyond)
    reader = PlaceReader([*printed_card({Row.BIRTH: seen}), longer])
    assert texts(read(reader))[Row.BIRTH] == [read_as]
    assert any(u == pytest.approx(BIRTH_U, abs=0.005) for u, _ in reader.places) == (
        seen != read_as or beyond[-1] == "M"
    )
