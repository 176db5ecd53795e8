import cv2
import numpy as np
import pytest

from worker.ktp.layout import CARD_RATIO
from worker.pipeline.geometry import UNIT, map_points
from worker.pipeline.rectify import MAX_WIDTH, MIN_WIDTH, WHOLE_SIDE, approach, rectify, whole_page
from worker.pipeline.types import Page

QUAD = np.array([[150.0, 80], [700, 120], [680, 470], [130, 430]])


def photo_of(quad, width=800, height=600):
    pixels = np.zeros((height, width, 3), dtype=np.uint8)
    cv2.fillConvexPoly(pixels, np.round(quad).astype(np.int32), (0, 0, 255))
    return Page(pixels, np.eye(3))


def edge(page):
    height, width = page.pixels.shape[:2]
    return np.array([[0.0, 0], [width, 0], [width, height], [0, height]]) - 0.5


def test_corners_lead_back_to_the_quad():
    page = rectify(photo_of(QUAD), QUAD)
    assert np.allclose(map_points(page.to_photo, edge(page)), QUAD, atol=1e-3)
    height, width = page.pixels.shape[:2]
    assert width / height == pytest.approx(CARD_RATIO, rel=0.01)
    assert (page.pixels[5:-5, 5:-5, 2] > 250).all()


@pytest.mark.parametrize("turned", [np.roll(QUAD, 2, axis=0), QUAD[[1, 0, 3, 2]], QUAD[[3, 2, 1, 0]]])
def test_a_card_upside_down_or_mirrored_comes_out_as_it_is(turned):
    page = rectify(photo_of(turned), turned)
    assert np.allclose(map_points(page.to_photo, edge(page)), turned, atol=1e-3)
    assert page.pixels.shape[1] > page.pixels.shape[0]


@pytest.mark.parametrize(("scale", "width"), [(0.5, MIN_WIDTH), (2.0, 1112), (6.0, MAX_WIDTH)])
def test_width_keeps_the_detail_within_bounds(scale, width):
    quad = QUAD * scale
    page = rectify(photo_of(quad, int(800 * scale), int(600 * scale)), quad)
    assert abs(page.pixels.shape[1] - width) <= 1


def test_coordinates_refer_to_the_photograph_behind_the_photograph():
    photo = Page(photo_of(QUAD).pixels, np.diag([2.0, 2.0, 1.0]))
    page = rectify(photo, QUAD)
    assert np.allclose(map_points(page.to_photo, edge(page)), 2 * QUAD, atol=1e-2)


def test_the_surroundings_of_a_card_are_the_photograph_as_it_is():
    photo = Page(photo_of(QUAD).pixels, np.diag([2.0, 2.0, 1.0]))
    page, to_card = approach(photo, QUAD)
    (left, top), (right, bottom) = QUAD.min(axis=0) - 20, QUAD.max(axis=0) + 20
    first, last = map_points(page.to_photo, edge(page))[[0, 2]] / 2
    assert (first <= QUAD.min(axis=0)).all()
    assert (first >= (left, top)).all()
    assert (last >= QUAD.max(axis=0)).all()
    assert (last <= (right, bottom)).all()
    assert map_points(to_card, map_points(np.linalg.inv(page.to_photo), 2 * QUAD)) == pytest.approx(UNIT, abs=1e-4)
    x, y = np.round(first + 0.5).astype(int)
    assert (page.pixels == photo.pixels[y : y + page.pixels.shape[0], x : x + page.pixels.shape[1]]).all()


def test_the_surroundings_of_a_far_too_large_card_are_averaged_down():
    quad = QUAD * 8
    page, _ = approach(photo_of(quad, 6400, 4800), quad)
    seen = map_points(np.linalg.inv(page.to_photo), quad)
    assert np.linalg.norm(seen[1] - seen[0]) == pytest.approx(MAX_WIDTH, rel=0.05)


@pytest.mark.parametrize("shift", [(-2000.0, 0.0), (0.0, 5000.0), (-300.0, -200.0)])
def test_a_card_beyond_the_photograph_leaves_a_pixel_at_least(shift):
    page, _ = approach(photo_of(QUAD), QUAD + shift)
    assert min(page.pixels.shape[:2]) >= 1
    assert page.pixels.size <= 800 * 600 * 3


def test_whole_page_is_scaled_down_only():
    small = photo_of(QUAD)
    assert whole_page(small) is small
    large = whole_page(Page(np.zeros((2400, 3200, 3), dtype=np.uint8), np.eye(3)))
    assert large.pixels.shape == (WHOLE_SIDE * 3 // 4, WHOLE_SIDE, 3)
    assert np.allclose(map_points(large.to_photo, edge(large))[2], [3199.5, 2399.5])
