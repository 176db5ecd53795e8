"""A bank on disk and the samples drawn from it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from worker.engines.corners import LOCATOR_SIDE, REFINER_SIZE, flatten, halvings
from worker.engines.edges import fit_quad
from worker.pipeline.geometry import signed_area
from worker.training.corners.bank import CROP_CARD, CROP_SIZE, SHARD, Bank, read_bank, reduce_scene, write_bank
from worker.training.corners.light import relight
from worker.training.corners.samples import NO_ORDER, Sampler
from worker.training.scenes.generator import generate_scene


@pytest.fixture(scope="session")
def bank(fonts: None, tmp_path_factory: pytest.TempPathFactory) -> Bank:
    folder = tmp_path_factory.mktemp("bank")
    write_bank(folder, 0, 1)
    return read_bank(folder)


@pytest.fixture(scope="session")
def sampler(bank: Bank) -> Sampler:
    return Sampler(bank, np.full((1, 252, 400, 3), 200, dtype=np.uint8))


def test_a_bank_is_written_in_whole_shards_and_only_once(bank: Bank, tmp_path: Path, fonts: None) -> None:
    assert bank.views.shape == (SHARD, 256, 256, 3)
    assert bank.crops.shape == (SHARD, CROP_SIZE[1], CROP_SIZE[0], 3)
    (tmp_path / "00000000.npz").touch()
    write_bank(tmp_path, 0, SHARD)
    assert (tmp_path / "00000000.npz").stat().st_size == 0


def test_reading_an_empty_folder_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="write_bank"):
        read_bank(tmp_path)


def test_the_quad_of_a_view_is_that_of_its_scene_made_smaller(fonts: None) -> None:
    scene = next(scene for scene in map(generate_scene, range(20)) if scene.quad is not None)
    bank = reduce_scene(scene, 0)
    assert scene.quad is not None
    assert np.allclose((bank.quads[0] + 0.5) / bank.sizes[0, 0], (scene.quad + 0.5) / scene.pixels.shape[1], atol=0.01)


def test_flattening_takes_the_quad_to_its_target() -> None:
    image = np.zeros((600, 800, 3), dtype=np.uint8)
    image[100:400, 200:700] = 255
    quad = np.array([(199.5, 99.5), (699.5, 99.5), (699.5, 399.5), (199.5, 399.5)])
    flat = flatten(halvings(image), quad, CROP_CARD, CROP_SIZE)
    (left, top), (right, bottom) = (CROP_CARD[[0, 2]] + 0.5).astype(int).tolist()
    assert flat[top + 2 : bottom - 2, left + 2 : right - 2].min() > 250
    assert flat[top - 12 : top - 2, left:right].max() < 5
    assert flat[bottom + 2 : bottom + 12, left:right].max() < 5


def test_samples_have_the_size_of_the_networks_inputs(sampler: Sampler) -> None:
    rng = np.random.default_rng(1)
    for _ in range(40):
        small, close = sampler.locator(rng), sampler.refiner(rng)
        assert small.pixels.shape == (LOCATOR_SIDE, LOCATOR_SIDE, 3)
        assert close.pixels.shape == (REFINER_SIZE[1], REFINER_SIZE[0], 3)
        assert small.order == NO_ORDER
        assert (close.order != NO_ORDER) == (close.kind == 0)
        if close.kind == 0:
            assert (signed_area(close.quad) < 0) == (close.order >= 4)


def test_light_changes_neither_its_input_nor_the_size() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (96, 128, 3), dtype=np.uint8)
    before = pixels.copy()
    rng = np.random.default_rng(2)
    for _ in range(60):
        assert relight(pixels, rng).shape == pixels.shape
    assert np.array_equal(pixels, before)


def test_lines_through_the_zero_of_exact_distances_are_the_quad() -> None:
    quad = np.array([(20.0, 18.0), (170.0, 12.0), (176.0, 110.0), (14.0, 116.0)])
    rows, columns = np.indices((32, 48))
    cells = np.stack([columns, rows], axis=-1) * 4.0 + 1.5
    edges = np.roll(quad, -1, axis=0) - quad
    along = edges / np.linalg.norm(edges, axis=1)[:, None]
    inward = along[:, ::-1] * (-1.0, 1.0)
    depth = np.einsum("hwsk,sk->hws", cells[:, :, None] - quad, inward).min(axis=2) / 4
    distances = np.clip(depth, -4, 4).astype(np.float32)
    assert np.allclose(fit_quad(distances, quad + np.array((5.0, -4.0))), quad, atol=0.05)
