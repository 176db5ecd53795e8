"""The tables of docs/QUALITY.md, from readings made by hand, and how readings are kept."""

import json
from dataclasses import asdict

import numpy as np
import pytest

from shared.errors import TextNotFound
from worker.pipeline.geometry import frame_quad
from worker.pipeline.types import CardReading, KtpFields
from worker.training.reading import trials as trials_module
from worker.training.reading.quality_table import glare_table, scenes_table, spoilt_table, steps_table
from worker.training.reading.trials import Trial, load_trials, run_trials
from worker.training.scenes.generator import LabelledScene

PERFECT = {"blur": 0.08, "dark": 0.8, "bright": 0.3, "glare": 0.0, "grayscale": 40.0, "resolution": 900.0}


def trial(right, fault=None, step=0.0, style="own", glare_fields=(), **values):
    fields = {name: index < right for index, name in enumerate(("full_name", "city"))}
    return Trial(style, 1, fields, PERFECT | values, list(glare_fields), fault, step)


def row_of(table, *starts):
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()]
    return next(row[len(starts) :] for row in rows if tuple(row[: len(starts)]) == starts)


def test_scenes_stand_by_verdict_and_spoilt_pictures_apart():
    made = [trial(2), trial(1, blur=0.1), trial(0, blur=0.5), trial(0, fault="blur", step=0.3, blur=0.3)]
    assert row_of(scenes_table(made), "blur", "own") == ["75.0 % (2)", "-", "0.0 % (1)"]
    assert row_of(spoilt_table(made), "blur") == ["-", "-", "0.0 % (1)"]


def test_less_is_worse_where_it_is():
    table = scenes_table([trial(2), trial(1, resolution=300.0), trial(0, resolution=100.0)])
    assert row_of(table, "resolution", "own") == ["100.0 % (1)", "50.0 % (1)", "0.0 % (1)"]


def test_steps_stand_in_their_order_with_their_value():
    made = [trial(right, fault="dark", step=step, dark=step) for right, step in ((0, 0.5), (2, 0.08), (1, 0.08))]
    lines = steps_table(made).splitlines()[2:]
    assert lines == ["| dark | 0.08 | 0.08 | 75.0 % (2) |", "| dark | 0.5 | 0.5 | 0.0 % (1) |"]


def test_fields_under_glare_are_counted_one_by_one():
    table = glare_table([trial(1, fault="glare", glare_fields=["city"]), trial(0, fault="glare")])
    assert row_of(table, "covered by glare") == ["0.0 % (1)"]
    assert row_of(table, "not covered, on cards with glare") == ["100.0 % (1)"]


class TestRunning:
    """With a reading and scenes of its own."""

    @pytest.fixture(autouse=True)
    def stand_ins(self, monkeypatch):
        self.read = []

        def generate_scene(seed, style):
            pixels = np.random.default_rng(seed).integers(0, 255, (500, 800, 3), dtype=np.uint8)
            quad, fields = frame_quad(800, 500), KtpFields(full_name=f"SITI {seed}", city="KOTA BANDUNG")
            kind = "none" if seed == trials_module.FIRST_SEED else "ktp"
            return LabelledScene(pixels, quad, kind, True, 0.0, False, frozenset(), fields)

        def read_card(data, options, *_):
            self.read.append(options.include)
            if len(self.read) == 2:
                raise TextNotFound()
            seed = trials_module.FIRST_SEED + trials_module.SEED_STEP
            return CardReading(KtpFields(full_name=f"SITI {seed}", city="KOTA  BANDUNG"), 0.0, True, False)

        monkeypatch.setattr(trials_module, "generate_scene", generate_scene)
        monkeypatch.setattr(trials_module, "read_card", read_card)

    def test_readings_are_kept_and_not_made_again(self, tmp_path):
        kept = tmp_path / "kept.jsonl"
        made = run_trials("own", 2, 0, None, kept)
        assert [list(each.right.values()) for each in made] == [[True, True], [False, False]]
        assert made[0].seed == trials_module.FIRST_SEED + trials_module.SEED_STEP
        assert run_trials("own", 2, 0, None, kept) == made == load_trials(kept)
        assert len(self.read) == 2
        assert all(json.loads(line) for line in kept.read_text().splitlines())

    def test_only_what_is_read_without_error_is_spoilt(self, tmp_path):
        made = run_trials("own", 3, 5, None, tmp_path / "kept.jsonl")
        spoilt = [each for each in made if each.fault]
        assert {each.seed for each in spoilt} == {made[0].seed}
        assert {each.fault for each in spoilt} == set(PERFECT)

    def test_another_style_is_another_reading(self, tmp_path):
        kept = tmp_path / "kept.jsonl"
        kept.write_text(json.dumps(asdict(trial(2, style="foreign"))) + "\n")
        assert [each.style for each in run_trials("own", 1, 0, None, kept)] == ["own"]
