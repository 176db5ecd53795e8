"""Strips are as long as print, told by strokes that are darker than the lines of the ground."""

import cv2
import numpy as np
import pytest
from cards import HEIGHT, WIDTH
from made_tables import TO_CARD, draw_page

from worker.ktp.layout import CITY_Y, PROVINCE_Y, ROW_Y, VALUE_MAX_X, VALUE_X, Row
from worker.pipeline.ink import HEADER, measure_ink
from worker.pipeline.types import Page


def lined(page: Page, dark: int, pitch: int = 9) -> Page:
    """The page with thin upright lines of the ground all over it, `dark` levels darker, under its print."""
    pixels = page.pixels.astype(int)
    pixels[:, ::pitch] -= dark
    pixels[:, 1::pitch] -= dark
    return Page(np.minimum(page.pixels, np.clip(pixels, 0, 255)).astype(np.uint8), np.eye(3))


@pytest.mark.parametrize("long", [0.1, 0.25])
def test_lines_of_the_ground_are_no_print(long):
    ink = measure_ink(lined(draw_page(long=long), dark=40), TO_CARD)
    for row in (Row.NAME, Row.ADDRESS, Row.DISTRICT):
        assert VALUE_X + long < ink.end_at(ROW_Y[row]) < VALUE_X + long + 0.07, row


def test_of_a_line_without_print_the_beginning_is_looked_at():
    page = draw_page(long=0.25)
    page.pixels[round(0.74 * HEIGHT) :] = 127
    ink = measure_ink(lined(page, dark=40), TO_CARD)
    assert VALUE_X < ink.end_at(ROW_Y[Row.VALID_UNTIL]) < VALUE_X + 0.2
    assert ink.end_at(ROW_Y[Row.NAME]) > VALUE_X + 0.25


def test_where_all_lines_are_long_none_is_taken_for_empty():
    ink = measure_ink(draw_page(), TO_CARD)
    assert {ink.end_at(ROW_Y[row]) for row in Row if row is not Row.NIK} == {VALUE_MAX_X}


def test_the_header_is_as_wide_as_its_print():
    page = draw_page(long=0.2)
    for x in range(round(0.3 * WIDTH), round(0.7 * WIDTH), 14):
        cv2.line(
            page.pixels, (x, round((CITY_Y - 0.019) * HEIGHT)), (x, round((CITY_Y + 0.019) * HEIGHT)), (0, 0, 0), 4
        )
    first, last = measure_ink(page, TO_CARD).header_at(CITY_Y)
    assert 0.25 <= first < 0.3
    assert 0.69 < last <= 0.75
    assert measure_ink(draw_page(ink=False), TO_CARD).header_at(PROVINCE_Y) == HEADER
