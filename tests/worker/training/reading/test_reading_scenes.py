"""The scenes of the reading benchmark: whole cards, told apart by what makes them hard; the picture of the worst."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from worker.pipeline.types import KtpFields
from worker.training.reading.scenes import ktp_seeds, make_scene, other_scenes, print_class
from worker.training.reading.score import judge_card
from worker.training.reading.worst import draw_worst
from worker.training.scenes.generator import CAPITALS_SHARE, generate_scene

FIRST = 14_000_000


def test_only_whole_ktps_are_chosen_and_are_the_same_each_time():
    seeds = ktp_seeds("own", 3, FIRST)
    assert seeds == ktp_seeds("own", 3, FIRST)
    scenes = [make_scene(seed, "own") for seed in seeds]
    assert scenes == [make_scene(seed, "own") for seed in seeds]
    for scene in scenes:
        assert scene.fields is not None
        assert cv2.imdecode(np.frombuffer(scene.data, dtype=np.uint8), cv2.IMREAD_COLOR) is not None
        assert sum(name.startswith("quality ") for name in scene.conditions) == 1
        assert sum(name.endswith(" px") for name in scene.conditions) == 1
        assert sum(name.startswith("print ") for name in scene.conditions) == 1


def test_they_are_the_same_in_any_number_of_workers_and_with_none_left_out():
    with ThreadPoolExecutor(2) as pool:
        seeds = ktp_seeds("own", 5, FIRST, pool)
    assert seeds == ktp_seeds("own", 5, FIRST)
    scenes = {seed: generate_scene(seed, "own") for seed in range(FIRST, seeds[-1] + 1, 64)}
    assert seeds == [seed for seed, scene in scenes.items() if scene.kind == "ktp" and scene.whole]


def test_print_is_clear_by_what_the_scene_was_made_with():
    (seed,) = ktp_seeds("own", 1, FIRST)
    scene = generate_scene(seed, "own")
    assert scene.quad is not None
    tall = float(np.linalg.norm(scene.quad[3] - scene.quad[0]))
    assert 0.25 * CAPITALS_SHARE * tall < scene.capitals < 1.001 * CAPITALS_SHARE * tall
    clear = replace(scene, capitals=7.5, spread=0.1, noise=0.1)
    assert print_class(clear) == "print clear"
    for worse in ({"capitals": 6.5}, {"spread": 0.2}, {"noise": 0.2}):
        assert print_class(replace(clear, **worse)) == "print not clear"


def test_other_scenes_have_nothing_to_read():
    others = list(other_scenes("foreign", range(FIRST, FIRST + 12 * 64, 64)))
    assert 0 < len(others) < 12
    assert all(scene.fields is None for scene in others)
    assert {name for scene in others for name in scene.conditions} <= {"document", "none"}


def test_the_worst_cards_are_drawn_and_the_right_ones_are_not(tmp_path: Path):
    (seed,) = ktp_seeds("own", 1, FIRST)
    truth = make_scene(seed, "own").fields
    assert truth
    right = judge_card(seed, frozenset(), truth, truth, None)
    wrong = judge_card(seed, frozenset(), truth, KtpFields(), None, "parsing_failed")
    draw_worst([(right, truth, truth)], "own", tmp_path / "none.png")
    assert not (tmp_path / "none.png").exists()
    draw_worst([(right, truth, truth), (wrong, None, truth)], "own", tmp_path / "one" / "worst.png")
    picture = cv2.imread(str(tmp_path / "one" / "worst.png"))
    assert picture.shape[0] < 400
    assert (picture == 255).all(axis=2).mean() < 0.9
