"""Pictures spoilt step by step: each fault shows in its own measure, and more of it shows more."""

import numpy as np
import pytest

from worker.pipeline.geometry import frame_quad
from worker.pipeline.quality import measure_quality
from worker.pipeline.rectify import rectify
from worker.pipeline.types import Page
from worker.training.fonts import FontMissingError, require_fonts
from worker.training.reading.spoiling import CARD_WIDTHS, spoil_picture
from worker.training.scenes.faces import ktp_face
from worker.training.scenes.styles import STYLES


@pytest.fixture(scope="module")
def spoilt():
    try:
        require_fonts(STYLES["own"].faces)
    except FontMissingError as error:
        pytest.skip(str(error))
    pixels = ktp_face(1, "own").pixels
    return list(spoil_picture(pixels, frame_quad(pixels.shape[1], pixels.shape[0]), np.random.default_rng(1)))


def values_of(spoilt, measure):
    of_fault = sorted((each for each in spoilt if each.measure == measure), key=lambda each: each.step)
    pages = [(rectify(Page(each.pixels, np.eye(3)), each.quad), each.quad) for each in of_fault]
    return [getattr(measure_quality(page, quad, {}), measure).value for page, quad in pages]


@pytest.mark.parametrize("measure", ["blur", "dark", "bright", "glare", "resolution"])
def test_a_worse_fault_shows_more(spoilt, measure):
    values = values_of(spoilt, measure)
    assert len(values) >= 4
    assert values == sorted(values)
    assert values[0] < values[-1]


def test_a_copy_is_grey(spoilt):
    assert values_of(spoilt, "grayscale") == [0.0]


def test_a_shrunk_card_has_the_width_of_its_step(spoilt):
    assert values_of(spoilt, "resolution") == sorted(CARD_WIDTHS)
