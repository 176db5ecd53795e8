"""The slant of a card's rows is measured and taken away, and level rows stay as they are."""

import cv2
import numpy as np
import pytest
from made_tables import TO_CARD, draw_page

from worker.pipeline.geometry import map_points
from worker.pipeline.ink import draw_strokes
from worker.pipeline.slant import measure_slant, straighten
from worker.pipeline.types import Page


def slanted(fall: float) -> Page:
    """The page with its rows falling by `fall` heights over its width."""
    page = draw_page()
    height, width = page.pixels.shape[:2]
    matrix = np.array([[1.0, 0.0, 0.0], [fall * height / width, 1.0, -fall * height / 2]])
    return Page(cv2.warpAffine(page.pixels, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE), page.to_photo)


@pytest.mark.parametrize("fall", [-0.04, -0.02, 0.01, 0.03])
def test_a_slant_is_measured(fall: float):
    assert measure_slant(draw_strokes(slanted(fall), TO_CARD)) == pytest.approx(fall, abs=0.004)


def test_level_rows_and_empty_pages_have_none():
    assert measure_slant(draw_strokes(draw_page(), TO_CARD)) == 0
    assert measure_slant(draw_strokes(draw_page(ink=False), TO_CARD)) == 0


def test_the_rows_of_a_straightened_card_are_level():
    to_card, strokes = straighten(slanted(0.03), TO_CARD)
    assert measure_slant(strokes) == 0
    assert (strokes == draw_strokes(slanted(0.03), to_card)).all()
    level = map_points(np.linalg.inv(to_card), np.array([[0.1, 0.5], [0.7, 0.5]]))
    height, width = draw_page().pixels.shape[:2]
    fall = (level[1, 1] - level[0, 1]) / height / ((level[1, 0] - level[0, 0]) / width)
    assert fall == pytest.approx(0.03, abs=0.004)


def test_a_level_card_stays_where_it_is():
    to_card, strokes = straighten(draw_page(), TO_CARD)
    assert (to_card == TO_CARD).all()
    assert (strokes == draw_strokes(draw_page(), TO_CARD)).all()
