"""Labels follow the pixels: orders of corners, mirroring, random placements, pasted cards."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from worker.engines.corners import LOCATOR_SIDE, SLOT, order_corners
from worker.pipeline.geometry import is_mirrored, map_points, measure_tilt, signed_area
from worker.training.corners.pasting import lay_card
from worker.training.corners.transforms import random_slot, random_view, similarity

_MIDDLE = np.array((50.0, 50.0))


@pytest.mark.parametrize(("order", "tilt"), [(0, 0.0), (1, 90.0), (2, 180.0), (3, 270.0)])
def test_an_order_below_four_is_a_turn_by_quarters(order: int, tilt: float) -> None:
    quad = order_corners(SLOT, order)
    assert not is_mirrored(quad)
    assert measure_tilt(quad) == pytest.approx(tilt)


@pytest.mark.parametrize("order", [4, 5, 6, 7])
def test_an_order_from_four_on_is_mirrored(order: int) -> None:
    quad = order_corners(SLOT, order)
    assert signed_area(quad) == pytest.approx(-signed_area(SLOT))
    assert np.array_equal(quad[0], SLOT[order - 4])


def test_a_card_that_stands_upright_in_a_mirror_has_order_five() -> None:
    assert measure_tilt(order_corners(SLOT, 5)) == pytest.approx(0.0)


def test_a_similarity_turns_clockwise_and_mirrors_left_to_right() -> None:
    turned = map_points(similarity(_MIDDLE, _MIDDLE, 2.0, 90.0, False), np.array([(60.0, 50.0)]))
    assert turned[0] == pytest.approx((50.0, 70.0))
    flipped = map_points(similarity(_MIDDLE, _MIDDLE, 1.0, 0.0, True), np.array([(60.0, 40.0)]))
    assert flipped[0] == pytest.approx((40.0, 40.0))


def test_a_view_keeps_its_frame_inside_the_part_it_names() -> None:
    rng = np.random.default_rng(3)
    quad = np.array([(60.0, 60.0), (180.0, 60.0), (180.0, 130.0), (60.0, 130.0)])
    for _ in range(200):
        matrix, part = random_view((256, 192), quad, rng)
        assert abs(np.linalg.det(matrix)) > 0
        if part is not None:
            assert min(part) >= 0
            assert max(part) <= LOCATOR_SIDE
            assert part[0] < part[2]
            assert part[1] < part[3]


def test_a_slot_is_near_the_slot_and_comes_in_all_orders() -> None:
    rng = np.random.default_rng(4)
    drawn = [random_slot(rng) for _ in range(400)]
    assert {order for _, order in drawn} == set(range(8))
    assert max(float(np.abs(quad - SLOT).max()) for quad, _ in drawn) < 0.35 * np.ptp(SLOT[:, 0])
    assert all(signed_area(quad) > 0 for quad, _ in drawn)


@pytest.mark.parametrize("mirrored", [False, True])
def test_a_pasted_card_lies_at_its_quad_with_its_own_top_left(mirrored: bool) -> None:
    card = np.full((252, 400, 3), 255, dtype=np.uint8)
    card[:60, :90] = (0, 0, 255)
    quad = np.array([(40.0, 30.0), (160.0, 50.0), (150.0, 120.0), (30.0, 100.0)])
    quad = quad[[1, 0, 3, 2]] if mirrored else quad
    image = lay_card(np.zeros((160, 200, 3), dtype=np.uint8), card, quad, np.random.default_rng(0))
    centre = quad.mean(axis=0)
    x, y = (quad[0] + (centre - quad[0]) * 0.2).round().astype(int).tolist()
    assert image[y, x].tolist() == [0, 0, 255]
    wanted = np.zeros(image.shape[:2], dtype=np.uint8)
    cv2.fillConvexPoly(wanted, quad.round().astype(np.int32), (1,))
    seen = image.max(axis=2) > 127
    assert np.logical_and(seen, wanted).sum() / np.logical_or(seen, wanted).sum() > 0.97
