"""Cards lie where and as often as the arrangements say."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from worker.training.camera import signed_area, tilt_of
from worker.training.scenes.poses import ARRANGEMENT_SHARES, Placement, place_card


@pytest.fixture(scope="module")
def placements() -> list[Placement]:
    rng = np.random.default_rng(3)
    return [place_card(1000, rng) for _ in range(3000)]


def _off_upright(tilt: float) -> float:
    return abs((tilt + 180) % 360 - 180)


def test_arrangements_come_in_their_shares(placements: list[Placement]) -> None:
    counts = Counter(placement.arrangement for placement in placements)
    for arrangement, share in ARRANGEMENT_SHARES.items():
        assert counts[arrangement] / len(placements) == pytest.approx(share, abs=0.03)


def test_no_placement_is_mirrored_and_frames_have_the_long_side(placements: list[Placement]) -> None:
    for placement in placements:
        assert signed_area(placement.quad) > 0
        assert max(placement.size) == 1000


def test_upright_cards_are_upright(placements: list[Placement]) -> None:
    tilts = [_off_upright(tilt_of(p.quad)) for p in placements if p.arrangement == "upright"]
    assert max(tilts) < 25
    assert float(np.quantile(tilts, 0.95)) < 15


def test_any_angle_is_any_angle(placements: list[Placement]) -> None:
    tilts = [tilt_of(p.quad) for p in placements if p.arrangement == "any_angle"]
    counts, _ = np.histogram(tilts, bins=8, range=(0, 360))
    assert counts.min() > 0.6 * counts.mean()


@pytest.mark.parametrize(("name", "tilts"), [("sideways", (90, 270)), ("upside_down", (180,))])
def test_turned_scans_are_named(placements: list[Placement], name: str, tilts: tuple[float, ...]) -> None:
    scans = [p for p in placements if "scan" in p.conditions]
    named = [p for p in scans if name in p.conditions]
    assert 0 < len(named) < 0.2 * len(scans)
    for placement in named:
        assert min(_off_upright(tilt_of(placement.quad) - tilt) for tilt in tilts) < 10


def test_cards_are_from_small_to_overflowing(placements: list[Placement]) -> None:
    widths = [float(np.hypot(*(p.quad[1] - p.quad[0]))) for p in placements]
    assert 165 < min(widths) < 200
    outside = [p for p in placements if p.quad.min() < -20 or (p.quad.max(axis=0) > np.array(p.size) + 20).any()]
    assert 0.03 < len(outside) / len(placements) < 0.2
