"""What the model says and what the labels say, and who is believed."""

import numpy as np
import pytest

from worker.engines.null import NullText
from worker.pipeline.detect import SURE_CARD
from worker.pipeline.geometry import frame_quad, measure_tilt
from worker.pipeline.locate import find_sheet
from worker.pipeline.types import Engines, FoundCard, Page

WIDTH, HEIGHT = 900, 568
PHOTO = Page(np.full((HEIGHT, WIDTH, 3), 128, np.uint8), np.eye(3))
FRAME = frame_quad(WIDTH, HEIGHT)


class Cards:
    """A card model that gives one answer."""

    def __init__(self, quad, ktp=1.0):
        self.answer = FoundCard(quad, ktp, 0.0)

    def find(self, pixels):
        return self.answer


class Nothing(NullText):
    """Finds no text."""

    def find_text(self, pixels):
        return []


class OnlyWhole(NullText):
    """Finds the text of the whole image only, as if the model's quad showed something else."""

    def find_text(self, pixels):
        return super().find_text(pixels) if pixels.shape == PHOTO.pixels.shape else []


def sheet(quad, ktp=1.0, text=None, card_detect=True):
    return find_sheet(PHOTO, Engines(text or NullText(), Cards(quad, ktp)), card_detect)


def test_a_card_that_the_model_found_is_read_where_it_is():
    quad = FRAME * 0.5 + (200, 100)
    found = sheet(quad)
    assert found.is_card
    assert np.allclose(found.quad, quad, atol=0.5)


@pytest.mark.parametrize("first", [1, 2, 3])
def test_the_models_order_tells_the_turn(first):
    found = sheet(np.roll(FRAME, -first, axis=0))
    assert measure_tilt(found.quad) == pytest.approx(90 * first % 360, abs=0.5)


def test_an_unsure_model_leaves_the_card_to_its_labels():
    found = sheet(FRAME * 0.5, ktp=0.1)
    assert found.is_card
    assert np.allclose(found.quad, FRAME, atol=0.02 * WIDTH)


def test_a_quad_in_which_nothing_can_be_read_is_given_up_for_the_whole_image():
    found = sheet(FRAME * 0.4, text=OnlyWhole())
    assert found.is_card
    assert np.allclose(found.quad, FRAME, atol=0.02 * WIDTH)


def test_a_sure_card_without_text_is_a_card_that_cannot_be_read():
    found = sheet(FRAME * 0.5, text=Nothing())
    assert (found.is_card, found.frame, found.lines) == (True, None, ())


def test_a_likely_card_without_text_is_no_card():
    assert not sheet(FRAME * 0.5, ktp=SURE_CARD - 0.01, text=Nothing()).is_card


def test_without_card_detection_the_model_is_not_asked():
    found = sheet(FRAME * 0.5, card_detect=False)
    assert not found.is_card
    assert np.allclose(found.quad, FRAME, atol=0.02 * WIDTH)
