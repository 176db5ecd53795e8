"""The card model that is checked in, on scenes that it never saw."""

from __future__ import annotations

import hashlib
from itertools import pairwise

import numpy as np
import pytest

from worker.engines.corners import LOCATOR_MODEL, REFINER_MODEL, CornerEngine, Levels, halvings, parts_of
from worker.engines.sessions import MODELS
from worker.pipeline.detect import SURE_CARD
from worker.pipeline.geometry import is_mirrored, measure_tilt
from worker.pipeline.types import Quad
from worker.training.camera import Pose
from worker.training.card import render_card
from worker.training.corners.evaluate import overlap
from worker.training.fonts import FontMissingError, require_fonts
from worker.training.person import random_person
from worker.training.scene import SceneOptions, photograph
from worker.training.sheet import Sheet
from worker.training.style import CardStyle
from worker.training.surfaces import Surface, draw_surface

_LARGEST_TOGETHER = 10_000_000


@pytest.fixture(scope="module")
def engine() -> CornerEngine:
    return CornerEngine()


@pytest.fixture(scope="module")
def sheet() -> Sheet:
    try:
        require_fonts()
    except FontMissingError as error:
        pytest.skip(str(error))
    rng = np.random.default_rng(71)
    return render_card(random_person(rng), CardStyle(), rng)


@pytest.mark.parametrize(
    ("pose", "surface", "mirrored"),
    [
        (Pose(0, share=0.8), Surface.WOOD, False),
        (Pose(92, share=0.85), Surface.DESK, False),
        (Pose(180, 10, 5, 0.7), Surface.CLOTH, False),
        (Pose(33, share=0.6), Surface.WOOD, False),
        (Pose(271, 5, -8, 0.8), Surface.WOOD, True),
        (Pose(0, share=0.7), Surface.DESK, True),
    ],
)
def test_a_card_is_found_with_its_own_corners(
    engine: CornerEngine, sheet: Sheet, pose: Pose, surface: Surface, mirrored: bool
) -> None:
    options = SceneOptions(pose=pose, surface=surface, surface_colour=(70, 90, 110), mirrored=mirrored)
    scene = photograph(sheet, np.random.default_rng(72), options)
    found = engine.find(scene.pixels)
    assert found.ktp >= SURE_CARD
    assert overlap(found.quad, scene.quad) > 0.9
    assert is_mirrored(found.quad) is mirrored
    off = (measure_tilt(found.quad) - scene.tilt + 180) % 360 - 180
    assert abs(off) < 2


def test_it_finds_the_same_card_in_a_larger_photograph(engine: CornerEngine, sheet: Sheet) -> None:
    for width in (640, 2400):
        options = SceneOptions(width, width * 3 // 4, Pose(12, share=0.7), Surface.WOOD, surface_colour=(60, 80, 110))
        scene = photograph(sheet, np.random.default_rng(73), options)
        assert overlap(engine.find(scene.pixels).quad, scene.quad) > 0.9


def test_parts_show_the_same_at_every_level() -> None:
    pixels = np.random.default_rng(75).integers(0, 255, (777, 1023, 3)).astype(np.uint8)
    parts = parts_of(halvings(pixels))
    assert len(parts) == 5
    for x, y, levels in parts:
        height, width = levels[0].shape[:2]
        assert 0.5 < height / 777 < 0.65
        assert 0.5 < width / 1023 < 0.65
        assert np.array_equal(levels[0], pixels[y : y + height, x : x + width])
        for finer, coarser in pairwise(levels):
            assert np.array_equal(coarser, halvings(finer)[1] if max(finer.shape) >= 232 else coarser)


def test_a_small_card_is_found_in_a_part_of_the_photograph(engine: CornerEngine, sheet: Sheet) -> None:
    options = SceneOptions(1600, 1200, Pose(8, share=0.12, off_x=0.2, off_y=-0.1), Surface.CLOTH)
    scene = photograph(sheet, np.random.default_rng(76), options)
    found = engine.find(scene.pixels)
    assert found.ktp >= SURE_CARD
    assert overlap(found.quad, scene.quad) > 0.9


def test_mirrored_transposed_and_in_part_the_card_is_found_in_its_place(engine: CornerEngine, sheet: Sheet) -> None:
    options = SceneOptions(1600, 1200, Pose(25, share=0.5), Surface.WOOD, surface_colour=(60, 80, 110))
    scene = photograph(sheet, np.random.default_rng(77), options)
    quads = list(engine.locate_otherwise(halvings(scene.pixels)))[:3]
    assert len(quads) == 3
    for quad in quads:
        assert overlap(quad, scene.quad) > 0.85
        assert not is_mirrored(quad)
        assert np.linalg.norm(quad[1] - quad[0]) > np.linalg.norm(quad[2] - quad[1])


def test_a_sure_first_look_is_the_only_one(engine: CornerEngine, sheet: Sheet, monkeypatch: pytest.MonkeyPatch) -> None:
    options = SceneOptions(1600, 1200, Pose(25, share=0.5), Surface.WOOD, surface_colour=(60, 80, 110))
    scene = photograph(sheet, np.random.default_rng(77), options)
    asked: list[int] = []

    def locate_otherwise(levels: Levels) -> list[Quad]:
        asked.append(len(levels))
        return [scene.quad]

    monkeypatch.setattr(engine, "locate_otherwise", locate_otherwise)
    assert engine.find(scene.pixels).ktp >= SURE_CARD
    assert asked == []
    # Where the whole shows something else, another look finds the card.
    monkeypatch.setattr(
        engine, "locate", lambda levels: np.array([(0.0, 0.0), (200.0, 0.0), (200.0, 120.0), (0.0, 120.0)])
    )
    found = engine.find(scene.pixels)
    assert len(asked) == 1
    assert found.ktp >= SURE_CARD
    assert overlap(found.quad, scene.quad) > 0.9


@pytest.mark.parametrize("surface", list(Surface))
def test_an_empty_desk_is_no_card(engine: CornerEngine, surface: Surface) -> None:
    ground = draw_surface(surface, (120, 140, 160), 1024, 768, np.random.default_rng(74))
    assert engine.find(np.clip(ground, 0, 255).astype(np.uint8)).ktp < SURE_CARD


@pytest.mark.parametrize("shape", [(1, 1), (3, 900), (900, 3), (40, 60)])
def test_any_size_of_image_gives_an_answer(engine: CornerEngine, shape: tuple[int, int]) -> None:
    found = engine.find(np.full((*shape, 3), 90, dtype=np.uint8))
    assert found.quad.shape == (4, 2)
    assert np.isfinite(found.quad).all()
    assert 0 <= found.ktp <= found.ktp + found.document <= 1 + 1e-6


def test_both_models_together_are_small() -> None:
    assert sum((MODELS / name).stat().st_size for name in (LOCATOR_MODEL, REFINER_MODEL)) <= _LARGEST_TOGETHER


def test_the_model_card_is_that_of_the_models() -> None:
    card = (MODELS / "corners.md").read_text(encoding="utf-8")
    for name in (LOCATOR_MODEL, REFINER_MODEL):
        assert f"`{name}`" in card
        assert hashlib.sha256((MODELS / name).read_bytes()).hexdigest() in card
