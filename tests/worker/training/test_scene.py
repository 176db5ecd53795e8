"""The truth of a photograph agrees with its pixels: quad, order of corners, tilt and mirroring."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from worker.training.camera import Pose, homography, mirror, place_sheet, sheet_quad, signed_area, tilt_of
from worker.training.card import RenderedCard
from worker.training.negatives import blank_card
from worker.training.scene import SceneOptions, photograph
from worker.training.surfaces import Surface

_CARD = (1600, 1009)
_FRAME = (640, 480)


@pytest.mark.parametrize("turn", [0.0, 7.5, 90.0, 135.0, 180.0, 270.0, 359.0])
def test_without_lean_the_tilt_is_the_turn(turn: float) -> None:
    quad = place_sheet(_CARD, _FRAME, Pose(turn, share=0.8))
    assert tilt_of(quad) == pytest.approx(turn, abs=1e-6)
    assert signed_area(quad) > 0


@pytest.mark.parametrize("turn", [0.0, 30.0, 90.0, 200.0])
def test_a_mirrored_quad_has_negative_area_and_the_opposite_tilt(turn: float) -> None:
    quad = mirror(place_sheet(_CARD, _FRAME, Pose(turn, share=0.8)), _FRAME[0])
    assert signed_area(quad) < 0
    assert tilt_of(quad) == pytest.approx(-turn % 360.0, abs=1e-6)


@pytest.mark.parametrize("pose", [Pose(20, 25, -20, 0.9), Pose(275, -15, 30, 0.6, 1.0, -1.0), Pose(0, share=1.0)])
def test_the_sheet_stays_in_the_frame_and_fills_its_share(pose: Pose) -> None:
    quad = place_sheet(_CARD, _FRAME, pose)
    assert quad.min() >= -0.5 - 1e-9
    assert (quad.max(axis=0) <= np.array(_FRAME) - 0.5 + 1e-9).all()
    assert (np.ptp(quad, axis=0) / _FRAME).max() == pytest.approx(pose.share)


def test_tilt_and_order_follow_from_the_homography() -> None:
    quad = place_sheet(_CARD, _FRAME, Pose(12, 20, -15, 0.9))
    matrix = homography(sheet_quad(*_CARD), quad)
    seen = cv2.perspectiveTransform(sheet_quad(*_CARD).reshape(-1, 1, 2), matrix).reshape(4, 2)
    assert np.allclose(seen, quad, atol=0.05)
    ends = np.array([[(-0.5, 504.0)], [(1599.5, 504.0)]])
    left, right = cv2.perspectiveTransform(ends, matrix).reshape(2, 2)
    assert tilt_of(quad) == pytest.approx(np.degrees(np.arctan2(*(right - left)[::-1])), abs=1.5)


@pytest.mark.parametrize("mirrored", [False, True])
def test_the_quad_is_where_the_pixels_of_the_sheet_are(mirrored: bool) -> None:
    options = SceneOptions(
        *_FRAME, Pose(15, 12, 9, 0.8), surface_colour=(20, 20, 20), shadow=0.0, noise=0.0, mirrored=mirrored
    )
    scene = photograph(blank_card(), np.random.default_rng(1), options)
    bright = (scene.pixels.min(axis=2) > 110).astype(np.uint8)
    truth = np.zeros_like(bright)
    cv2.fillPoly(truth, [scene.quad.round().astype(np.int32)], (1,))
    overlap = np.logical_and(bright, truth).sum() / np.logical_or(bright, truth).sum()
    assert overlap > 0.98
    assert scene.mirrored is mirrored
    assert (signed_area(scene.quad) < 0) is mirrored


@pytest.mark.parametrize("mirrored", [False, True])
def test_unwarping_by_the_quad_gives_the_card_back(card: RenderedCard, mirrored: bool) -> None:
    pose = Pose(200, 10, -12, 0.95)
    options = SceneOptions(1024, 768, pose, Surface.WOOD, noise=1.0, uneven=0.0, mirrored=mirrored)
    scene = photograph(card, np.random.default_rng(4), options)
    flat = cv2.warpPerspective(scene.pixels, homography(scene.quad, sheet_quad(800, 504)), (800, 504))
    original = cv2.resize(card.pixels, (800, 504), interpolation=cv2.INTER_AREA)
    inside = (slice(30, -30), slice(30, -30))
    difference = cv2.absdiff(flat, original)[inside].mean()
    upside_down = cv2.absdiff(flat[::-1, ::-1], original)[inside].mean()
    assert difference < 8 < upside_down


def test_the_same_seed_gives_the_same_photograph(card: RenderedCard) -> None:
    options = SceneOptions(320, 240, Pose(3, share=0.9), Surface.CLOTH)
    first, again, other = (photograph(card, np.random.default_rng(seed), options) for seed in (8, 8, 9))
    assert np.array_equal(first.pixels, again.pixels)
    assert not np.array_equal(first.pixels, other.pixels)
