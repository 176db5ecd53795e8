"""The network, its loss and its loop; skipped where PyTorch, which only training needs, is not installed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="PyTorch is installed for training only")

from worker.engines.corners import REFINER_SIZE, SLOT, order_corners  # noqa: E402
from worker.engines.edges import REACH, fit_quad  # noqa: E402
from worker.training.corners.export import export_network  # noqa: E402
from worker.training.corners.losses import edge_distance  # noqa: E402
from worker.training.corners.network import REFINER, CornerNetwork, ExportedNetwork, NetworkShape  # noqa: E402
from worker.training.corners.samples import NO_ORDER  # noqa: E402
from worker.training.corners.training import train_step  # noqa: E402
from worker.training.warmstart import UnlikeModelError, load_shipped  # noqa: E402

_CELLS = (REFINER_SIZE[1] // 4, REFINER_SIZE[0] // 4)


def test_the_distance_is_the_same_for_every_order_of_the_corners() -> None:
    quads = torch.tensor(np.stack([order_corners(SLOT, order) for order in range(8)]), dtype=torch.float32)
    maps = edge_distance(quads, *_CELLS)
    assert torch.allclose(maps, maps[:1].expand_as(maps))
    assert maps.max() == REACH
    assert maps[0, 0, 0] < 0


def test_without_a_card_all_is_outside() -> None:
    assert (edge_distance(torch.full((1, 4, 2), float("nan")), *_CELLS) == -REACH).all()


def test_fitting_the_distance_gives_the_quad_back() -> None:
    quad = SLOT + np.random.default_rng(0).normal(0, 3, (4, 2))
    distances = edge_distance(torch.tensor(quad[None], dtype=torch.float32), *_CELLS)[0].numpy()
    assert np.allclose(fit_quad(distances, SLOT), quad, atol=0.1)


def test_the_exported_network_gives_maps_and_probabilities() -> None:
    exported = ExportedNetwork(CornerNetwork(REFINER)).eval()
    with torch.no_grad():
        distance, order, kind = exported(torch.zeros((1, REFINER_SIZE[1], REFINER_SIZE[0], 3), dtype=torch.uint8))
    assert distance.shape == (1, *_CELLS)
    assert order.shape == (1, 8)
    assert kind.shape == (1, 3)
    assert order.sum() == pytest.approx(1.0, abs=1e-5)


def test_the_loss_falls_on_a_few_samples_seen_again_and_again() -> None:
    torch.manual_seed(0)
    rng = np.random.default_rng(0)
    batch = (
        torch.from_numpy(rng.integers(0, 256, (4, REFINER_SIZE[1], REFINER_SIZE[0], 3), dtype=np.uint8)),
        torch.tensor(np.stack([SLOT + rng.normal(0, 4, (4, 2)) for _ in range(4)]), dtype=torch.float32),
        torch.tensor([0, 2, 5, NO_ORDER]),
        torch.tensor([0, 0, 0, 2]),
    )
    network = CornerNetwork(REFINER).train()
    optimizer = torch.optim.AdamW(network.parameters(), lr=2e-3)
    losses = [train_step(network, optimizer, batch) for _ in range(25)]
    assert losses[-1] < 0.5 * losses[0]


def test_a_shipped_model_is_taken_up_again(tmp_path: Path) -> None:
    torch.manual_seed(0)
    network = CornerNetwork(REFINER)
    planes = [torch.rand(8, 3, REFINER_SIZE[1], REFINER_SIZE[0]) for _ in range(4)]
    with torch.no_grad():
        for batch in planes:
            network(batch)
    export_network(network, REFINER, tmp_path / "shipped.onnx")
    again = CornerNetwork(REFINER)
    load_shipped(tmp_path / "shipped.onnx", again, planes)
    with torch.no_grad():
        for got, wanted in zip(again.eval()(planes[0]), network.eval()(planes[0]), strict=True):
            assert torch.allclose(got, wanted, atol=1e-3)
        # With the statistics of the batch itself, as in training, it still computes about the same.
        again.train()
        drift = (again(planes[0])[0] - network(planes[0])[0]).abs().mean() / network(planes[0])[0].abs().mean()
    assert drift < 0.1


def test_a_model_of_another_shape_is_refused(tmp_path: Path) -> None:
    wider = NetworkShape(*REFINER_SIZE, channels=(16, 32, 48, 64, 128))
    export_network(CornerNetwork(wider), wider, tmp_path / "other.onnx")
    planes = [torch.rand(2, 3, REFINER_SIZE[1], REFINER_SIZE[0])]
    with pytest.raises(UnlikeModelError):
        load_shipped(tmp_path / "other.onnx", CornerNetwork(REFINER), planes)


def test_a_model_for_inputs_of_another_size_keeps_all_but_its_choice(tmp_path: Path) -> None:
    smaller = NetworkShape(128, 128)
    export_network(CornerNetwork(smaller), smaller, tmp_path / "smaller.onnx")
    larger = CornerNetwork(NetworkShape(160, 160))
    load_shipped(tmp_path / "smaller.onnx", larger, [torch.rand(4, 3, 160, 160)])
    assert larger(torch.rand(1, 3, 160, 160))[0].shape == (1, 40, 40)
