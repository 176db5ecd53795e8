import io
from dataclasses import fields

import numpy as np
import pytest
from PIL import Image

from shared.errors import TextNotFound
from shared.settings import Settings
from worker.engines import load_engines
from worker.engines.null import MIN_SIDE
from worker.pipeline.read import read_card
from worker.pipeline.types import ReadOptions


def png(width, height, noise=False):
    levels = (
        np.random.default_rng(0).integers(0, 255, (height, width, 3)) if noise else np.full((height, width, 3), 128)
    )
    buffer = io.BytesIO()
    Image.fromarray(levels.astype(np.uint8)).save(buffer, "PNG")
    return buffer.getvalue()


def read(data, options=None):
    return read_card(data, options or ReadOptions(), load_engines(Settings(engine="null")), 10**8)


@pytest.mark.parametrize("size", [(1024, 768), (640, 400), (600, 1100), (MIN_SIDE, MIN_SIDE), (2600, 1500)])
@pytest.mark.parametrize("noise", [False, True])
def test_any_image_gives_all_fields(size, noise):
    reading = read(png(*size, noise))
    assert all(getattr(reading.fields, each.name) for each in fields(reading.fields))
    assert reading.fields.full_name == "SPESIMEN PERTAMA"
    assert reading.fields.identity_id == "3273014507900003"
    assert (reading.tilt, reading.card_detected, reading.flipped) == (0.0, True, False)


def test_options_reach_the_reading():
    assert read(png(640, 400), ReadOptions(card_detect=False)).card_detected is False
    assert read(png(640, 400), ReadOptions(flip_image=True)).flipped is True


def test_small_images_show_nothing():
    with pytest.raises(TextNotFound):
        read(png(MIN_SIDE - 1, 400))
