"""What is laid into a frame lies where its quad says, and what covers it is counted."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from worker.pipeline.types import Quad
from worker.training.camera import Pose, place_sheet
from worker.training.scenes.compositing import cast_shadow, draw_edge, lay_sheet
from worker.training.scenes.hands import Capsule, hold_from_below, reach_over
from worker.training.scenes.occluders import covered_share
from worker.training.sheet import Sheet

_FRAME = (640, 480)
_OUTSIDE: Quad = np.array([(-300.0, -300), (-200, -300), (-200, -240), (-300, -240)])


def _white(width: int, height: int) -> Sheet:
    return Sheet(np.full((height, width, 3), 255, dtype=np.uint8), np.full((height, width), 255, dtype=np.uint8))


def _ground(level: int) -> np.ndarray:
    return np.full((_FRAME[1], _FRAME[0], 3), level, dtype=np.uint8)


@pytest.mark.parametrize("source", [(480, 303), (960, 605)])
@pytest.mark.parametrize("pose", [Pose(0, share=0.5), Pose(37, 15, -20, 0.8), Pose(200, share=1.25, off_x=0.7)])
def test_the_edges_of_a_sheet_are_on_its_quad(pose: Pose, source: tuple[int, int]) -> None:
    frame, quad = _ground(0), place_sheet(source, _FRAME, pose)
    lay_sheet(frame, _white(*source), quad)
    truth = np.zeros((_FRAME[1] * 4, _FRAME[0] * 4), dtype=np.uint8)
    cv2.fillPoly(truth, [((quad + 0.5) * 4 - 0.5).round().astype(np.int32)], (255,))
    expected = cv2.resize(truth, _FRAME, interpolation=cv2.INTER_AREA).astype(int)
    assert np.abs(frame[:, :, 0].astype(int) - expected).mean() < 0.5


def test_what_is_outside_the_frame_leaves_it_alone() -> None:
    frame = _ground(90)
    lay_sheet(frame, _white(100, 60), _OUTSIDE)
    cast_shadow(frame, _OUTSIDE, 0.5, (2.0, 2.0), 4.0)
    draw_edge(frame, _OUTSIDE, 3.0, (0, 0, 0), 1.0)
    assert (frame == 90).all()


def test_a_shadow_darkens_around_the_quad_only() -> None:
    frame, quad = _ground(200), place_sheet((160, 100), _FRAME, Pose(share=0.4))
    cast_shadow(frame, quad, 0.5, (0.0, 0.0), 5.0)
    assert frame[240, 320].max() < 110
    assert frame[5, 5].min() == 200


def test_the_covered_share_counts_what_is_in_the_frame() -> None:
    quad = np.array([(100.0, 100), (500, 100), (500, 300), (100, 300)])
    half = np.array([(300.0, 0), (640, 0), (640, 480), (300, 480)])
    assert covered_share(quad, _FRAME, [], []) == 0
    assert covered_share(quad, _FRAME, [], [half]) == pytest.approx(0.5, abs=0.02)
    bar = Capsule((0.0, 200.0), (640.0, 200.0), 40.0)
    assert covered_share(quad, _FRAME, [bar], []) == pytest.approx(0.2, abs=0.03)
    assert covered_share(_OUTSIDE, _FRAME, [], []) == 1.0


def test_hands_are_drawn_at_the_card() -> None:
    quad = place_sheet((1586, 1000), _FRAME, Pose(share=0.6))
    for seed in range(5):
        over, under = _ground(0), _ground(0)
        limbs = reach_over(over, quad, 0.1, np.random.default_rng(seed))
        hold_from_below(under, quad, np.random.default_rng(seed))
        assert 0 < covered_share(quad, _FRAME, limbs, []) < 0.4
        assert over.any()
        assert under.any()
