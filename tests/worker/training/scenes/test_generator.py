"""Scenes are the same for the same seed, and what they say of themselves is true."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections import Counter

import cv2
import numpy as np
import pytest

from worker.training.camera import homography, sheet_quad, signed_area, tilt_of
from worker.training.scenes import faces, generator
from worker.training.scenes.generator import KIND_SHARES, LabelledScene, generate_scene
from worker.training.scenes.styles import StyleName

_SEEDS = (3, 4, 9)
_SMALL = (240, 151)


def _digest(scene: LabelledScene) -> str:
    truth = repr((scene.quad, scene.kind, scene.whole, scene.tilt, scene.mirrored, sorted(scene.conditions)))
    return hashlib.sha256(scene.pixels.tobytes() + truth.encode()).hexdigest()


def _forget_faces() -> None:
    for face in (faces.ktp_face, faces.other_card, faces.blank_card, faces.paper, faces.phone):
        face.cache_clear()


@pytest.mark.parametrize("style", ["own", "foreign"])
def test_a_scene_does_not_depend_on_what_was_drawn_before(style: StyleName) -> None:
    warm = [_digest(generate_scene(seed, style, long_side=640)) for seed in _SEEDS]
    _forget_faces()
    cold = [_digest(generate_scene(seed, style, long_side=640)) for seed in reversed(_SEEDS)]
    assert warm == cold[::-1]
    assert len(set(warm)) == len(_SEEDS)


def test_another_process_makes_the_same_pixels() -> None:
    program = (
        "import hashlib; from worker.training.scenes.generator import generate_scene\n"
        f"for seed in {_SEEDS}:\n"
        "    print(hashlib.sha256(generate_scene(seed, long_side=640).pixels.tobytes()).hexdigest())"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    here = [hashlib.sha256(generate_scene(seed, long_side=640).pixels.tobytes()).hexdigest() for seed in _SEEDS]
    assert done.stdout.split() == here


def test_the_styles_draw_different_scenes_from_one_seed() -> None:
    own, foreign = (generate_scene(5, style, long_side=640) for style in ("own", "foreign"))
    assert _digest(own) != _digest(foreign)


def test_size_and_type_of_the_pixels(scenes: list[LabelledScene]) -> None:
    for scene in scenes:
        assert scene.pixels.dtype == np.uint8
        assert scene.pixels.ndim == 3
        assert scene.pixels.flags.c_contiguous
        assert max(scene.pixels.shape) == 640


@pytest.mark.parametrize("long_side", [639, 1601])
def test_a_long_side_out_of_range_is_refused(long_side: int) -> None:
    with pytest.raises(ValueError, match="long_side"):
        generate_scene(1, long_side=long_side)


def test_without_a_wish_the_long_side_varies() -> None:
    sides = {max(generate_scene(seed).pixels.shape) for seed in range(6)}
    assert len(sides) > 3
    assert sides <= set(range(800, 1281))


def test_the_kinds_come_in_their_shares(scenes: list[LabelledScene]) -> None:
    assert sum(KIND_SHARES.values()) == pytest.approx(1.0)
    counts = Counter(scene.kind for scene in scenes)
    for kind, share in KIND_SHARES.items():
        spread = (share * (1 - share) / len(scenes)) ** 0.5
        assert counts[kind] / len(scenes) == pytest.approx(share, abs=3 * spread)


def test_each_kind_has_the_truth_that_belongs_to_it(scenes: list[LabelledScene]) -> None:
    for scene in scenes:
        assert (scene.fields is not None) is (scene.kind == "ktp")
        if scene.kind != "document":
            assert (scene.quad is not None) is (scene.kind == "ktp")
        if scene.quad is None:
            assert (scene.tilt, scene.mirrored, scene.whole) == (0.0, False, False)


def test_tilt_and_mirroring_are_those_of_the_quad(scenes: list[LabelledScene]) -> None:
    cards = [scene for scene in scenes if scene.quad is not None]
    assert {scene.mirrored for scene in cards} == {True, False}
    for scene in cards:
        assert scene.quad is not None
        assert scene.quad.shape == (4, 2)
        assert (signed_area(scene.quad) < 0) is scene.mirrored
        assert ("mirrored" in scene.conditions) is scene.mirrored
        assert scene.tilt == tilt_of(scene.quad)
        assert 0 <= scene.tilt < 360


def test_a_whole_card_is_in_the_frame(scenes: list[LabelledScene]) -> None:
    for scene in scenes:
        if scene.whole:
            assert scene.quad is not None
            margin = generator.MAX_OVERHANG * float(np.hypot(*(scene.quad[1] - scene.quad[0]))) + 1
            height, width = scene.pixels.shape[:2]
            assert scene.quad.min() >= -margin
            assert (scene.quad.max(axis=0) <= np.array((width, height)) + margin).all()
            assert "overflow" not in scene.conditions


def _likeness(first: np.ndarray, second: np.ndarray) -> float:
    grey = [cv2.cvtColor(image, cv2.COLOR_BGR2GRAY).astype(np.float32) for image in (first, second)]
    return float(cv2.matchTemplate(grey[0], grey[1], cv2.TM_CCOEFF_NORMED)[0, 0])


def test_unwarped_by_its_quad_a_scene_shows_its_card_upright(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[faces.KtpFace] = []

    def remember(seed: int, style: StyleName) -> faces.KtpFace:
        shown.append(faces.ktp_face(seed, style))
        return shown[-1]

    monkeypatch.setattr(generator, "ktp_face", remember)
    monkeypatch.setattr(generator, "KTPS_PER_BLOCK", 4)
    monkeypatch.setattr(generator, "SHEETS_PER_BLOCK", 4)
    compared = 0
    for seed in range(80):
        before = len(shown)
        scene = generate_scene(seed, long_side=640)
        if len(shown) == before or not scene.whole or scene.conditions & {"dark", "glare", "photocopy", "blur"}:
            continue
        assert scene.quad is not None
        assert scene.fields == shown[-1].fields
        flat = cv2.warpPerspective(scene.pixels, homography(scene.quad, sheet_quad(*_SMALL)), _SMALL)
        card = cv2.resize(shown[-1].pixels, _SMALL, interpolation=cv2.INTER_AREA)
        right = _likeness(flat, card)
        wrong = max(_likeness(turned, card) for turned in (flat[::-1], flat[:, ::-1], flat[::-1, ::-1]))
        assert right > max(0.6, wrong + 0.08), seed
        compared += 1
    assert compared > 15
