"""Lines as they are set, spoilt, kept on disk and cut again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from worker.engines.strips import HEIGHT
from worker.training.fonts import Face
from worker.training.strips.bank import LINE_HEIGHT, CutLine, read_lines, write_lines
from worker.training.strips.degradation import degrade
from worker.training.strips.grounds import Grounds
from worker.training.strips.lettering import ABOVE, INK_HEIGHT, Setting, set_line
from worker.training.strips.samples import MAX_WIDTH, Sampler
from worker.training.strips.scenes import photograph_lines
from worker.training.strips.textures import TEXTURES
from worker.training.strips.typefaces import CAP_HEIGHT

_SANS = Setting(Face.SANS.value)


@pytest.fixture(scope="module")
def grounds(strip_fonts: None) -> Grounds:
    return Grounds(np.random.default_rng(0), artworks=2)


@pytest.fixture(scope="module")
def cut_lines(strip_fonts: None) -> list[CutLine]:
    for seed in range(6_000_000, 6_000_640, 64):
        lines = photograph_lines(seed)
        if lines:
            return lines
    raise AssertionError("all cards are covered")


def test_capitals_stand_where_they_should() -> None:
    rows = np.flatnonzero(set_line("HEM", _SANS).max(axis=1) > 127)
    assert rows[0] == pytest.approx(ABOVE, abs=1)
    assert rows[-1] == pytest.approx(ABOVE + CAP_HEIGHT - 1, abs=1)
    assert set_line("Q,", _SANS).shape[0] == INK_HEIGHT


def test_blanks_gaps_pitch_and_spacing_make_a_line_longer() -> None:
    plain = set_line("NO.35", _SANS).shape[1]
    assert set_line("NO. 35", _SANS).shape[1] > plain + 3
    assert set_line("NO.\t35", Setting(Face.SANS.value, gap=3)).shape[1] > plain + 2 * CAP_HEIGHT
    assert set_line("NO.35", Setting(Face.SANS.value, spacing=0.2)).shape[1] > plain + 15
    assert set_line("12345", Setting(Face.OCR_A.value, pitch=1.0)).shape[1] == pytest.approx(5 * CAP_HEIGHT, abs=5)


def test_weight_thickens_and_thins_strokes() -> None:
    ink = [float(set_line("HALIM", Setting(Face.SANS.value, weight=weight)).mean()) for weight in (-4.0, 0.0, 4.0)]
    assert ink[0] < ink[1] < ink[2]


@pytest.mark.parametrize("texture", TEXTURES)
def test_a_texture_has_its_shape_and_about_the_range_of_one(texture) -> None:
    drawn = [texture(180, HEIGHT, np.random.default_rng(seed)) for seed in range(5)]
    assert all(each.shape == (HEIGHT, 180) and each.dtype == np.float32 for each in drawn)
    assert all(0.01 < float(each.std()) < 1 and float(np.abs(each).max()) < 4 for each in drawn)


def test_a_spoilt_strip_keeps_its_shape_and_what_is_not_spoilt_its_look() -> None:
    strip = np.full((HEIGHT, 200), 230, dtype=np.uint8)
    strip[12:28, 40:44] = 20
    rng = np.random.default_rng(1)
    for _ in range(100):
        spoilt = degrade(strip, 1.0, rng)
        assert spoilt.shape == strip.shape
        assert spoilt.dtype == np.uint8
    clean = degrade(strip, 0.0, rng)
    assert clean[20, 41] < clean[20, 100] - 60


def test_samples_are_of_one_height_and_not_too_wide(grounds: Grounds) -> None:
    rng = np.random.default_rng(2)
    sampler = Sampler(grounds, None, "strips")
    for _ in range(200):
        sample = sampler.draw(rng)
        assert sample.pixels.shape[0] == HEIGHT
        assert 0 < sample.pixels.shape[1] <= MAX_WIDTH
        assert sample.pixels.dtype == np.uint8


def test_lines_of_a_scene_are_cut_where_their_text_is(cut_lines: list[CutLine]) -> None:
    assert {"NIK", "NAMA", "ALAMAT"} <= {line.text for line in cut_lines}
    for line in cut_lines:
        assert line.pixels.shape[0] == LINE_HEIGHT
        assert 0 <= line.left < line.right <= line.pixels.shape[1] + 1


def test_lines_come_back_from_disk_and_into_samples(cut_lines: list[CutLine], grounds: Grounds, tmp_path: Path) -> None:
    assert read_lines(tmp_path) is None
    write_lines(tmp_path / "1.npz", [])
    assert read_lines(tmp_path) is None
    write_lines(tmp_path / "2.npz", cut_lines[:5])
    write_lines(tmp_path / "3.npz", cut_lines[5:])
    bank = read_lines(tmp_path)
    assert bank is not None
    assert [str(text) for text in bank.texts] == [line.text for line in cut_lines]
    for index in (0, 4, len(cut_lines) - 1):
        assert np.array_equal(bank.line(index).pixels, cut_lines[index].pixels)
        assert bank.line(index).left == pytest.approx(cut_lines[index].left, abs=1e-3)
    rng = np.random.default_rng(3)
    drawn = [Sampler(grounds, bank, "strips").draw(rng) for _ in range(100)]
    assert {line.text for line in cut_lines} & {sample.text for sample in drawn}
    assert all(sample.pixels.shape[0] == HEIGHT and sample.pixels.shape[1] <= MAX_WIDTH for sample in drawn)
