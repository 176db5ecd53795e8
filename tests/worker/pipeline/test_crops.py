"""Portrait and signature out of the sample cards, whatever way they lie in their picture."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from worker.pipeline.crops import cut_crops
from worker.pipeline.geometry import frame_quad
from worker.pipeline.rectify import rectify
from worker.pipeline.types import CardCrops, Page

DATA = Path(__file__).parents[2] / "data"
TRUTHS = {truth["file"]: truth for truth in json.loads((DATA / "cards.json").read_text())}


def picture(jpeg):
    assert jpeg.startswith(b"\xff\xd8\xff")
    return cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)


def drawn(width=1000, height=631):
    """A blue card with a red portrait and a black stroke for a signature."""
    card = np.full((height, width, 3), (220, 180, 120), dtype=np.uint8)
    card[round(0.27 * height) : round(0.725 * height), round(0.72 * width) : round(0.95 * width)] = (30, 30, 200)
    cv2.line(card, (round(0.76 * width), round(0.9 * height)), (round(0.89 * width), round(0.88 * height)), (0,) * 3, 4)
    return card


def assert_right(crops):
    photo, signature = picture(crops.photo), picture(crops.signature)
    red = (photo[:, :, 2] > 150) & (photo[:, :, 0] < 90)
    # All of the portrait, and a rim around it.
    assert not red[[0, -1]].any()
    assert not red[:, [0, -1]].any()
    assert 0.6 < red.mean() < 0.9
    dark = signature.max(axis=2) < 60
    assert 0.005 < dark.mean() < 0.2
    assert not dark[[0, -1]].any()
    assert not dark[:, [0, -1]].any()
    assert photo.shape[0] > photo.shape[1]
    assert signature.shape[1] > signature.shape[0]


def test_a_card_that_is_the_whole_page():
    card = drawn()
    crops = cut_crops(Page(card, np.eye(3)), frame_quad(1000, 631))
    assert_right(crops)
    assert picture(crops.photo).shape[1] == pytest.approx(270, abs=1)


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_crops_are_upright_whatever_way_the_card_lies(turns, mirrored):
    turned = np.rot90(drawn()[:, ::-1] if mirrored else drawn(), -turns)
    corners = frame_quad(turned.shape[1], turned.shape[0])
    # A quarter turn clockwise brings the top-left corner to the top right; a mirror swaps left and right before that.
    quad = np.roll(corners, -turns, axis=0)[[1, 0, 3, 2] if mirrored else [0, 1, 2, 3]]
    assert_right(cut_crops(Page(np.ascontiguousarray(turned), np.eye(3)), quad))


def test_the_quad_is_in_pixels_of_the_image_as_sent():
    half = np.diag([0.5, 0.5, 1.0])
    assert_right(cut_crops(Page(drawn(), half), frame_quad(1000, 631) / 2))


@pytest.mark.parametrize("file", ["sample.jpg", "photo_perspective.jpg", "photo_mirrored.jpg"])
def test_the_samples_have_a_portrait(file):
    quad = np.array(TRUTHS[file]["quad"])
    page = rectify(Page(cv2.imread(str(DATA / file)), np.eye(3)), quad)
    crops = cut_crops(page, quad)
    photo = picture(crops.photo)
    height, width = photo.shape[:2]
    assert width == pytest.approx(0.27 * page.pixels.shape[1], abs=2)
    # The middle is a person before one colour: it differs from the rim, which is the card's own ground.
    inner = photo[height // 8 : height // 5, width // 4 : width // 2].reshape(-1, 3).mean(axis=0)
    rim = photo[: height // 40].reshape(-1, 3).mean(axis=0)
    assert np.abs(inner - rim).max() > 25
    assert len(crops.photo) + len(crops.signature) < 150_000


def test_without_a_card_there_is_none():
    assert cut_crops(Page(drawn(), np.eye(3)), None) == CardCrops(None, None)


def test_what_the_picture_does_not_show_is_not_cut():
    card = drawn()
    left = cut_crops(Page(np.ascontiguousarray(card[:, :650]), np.eye(3)), frame_quad(1000, 631))
    assert left == CardCrops(None, None)
    upper = cut_crops(Page(np.ascontiguousarray(card[:520]), np.eye(3)), frame_quad(1000, 631))
    assert upper.photo
    assert upper.signature is None


def test_a_card_of_few_pixels_has_no_crops():
    assert cut_crops(Page(np.zeros((6, 9, 3), dtype=np.uint8), np.eye(3)), frame_quad(9, 6)) == CardCrops(None, None)
    assert cut_crops(Page(drawn(), np.eye(3)), np.full((4, 2), 5.0)) == CardCrops(None, None)


def test_corners_that_cross_are_no_card():
    crossed = np.array([[0.0, 0.0], [9e5, 631.0], [9e5, 0.0], [0.0, 631.0]])
    assert cut_crops(Page(drawn(), np.eye(3)), crossed) == CardCrops(None, None)


def test_pictures_of_a_person_are_not_in_a_representation():
    assert "xff" not in repr(CardCrops(b"\xff", b"\xff"))
