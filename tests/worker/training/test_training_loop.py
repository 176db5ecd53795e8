"""A training goes on where it was; skipped where PyTorch, which only training needs, is not installed."""

from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="PyTorch is installed for training only")

from worker.training.loop import (  # noqa: E402
    LAST_SHARE,
    PEAK_RATE,
    WARM_PEAK_RATE,
    Run,
    Schedule,
    average_weights,
    descend,
    learning_rate,
    load_averaged,
    start_run,
)
from worker.training.strips.export import export_network  # noqa: E402
from worker.training.strips.network import StripNetwork  # noqa: E402


def network(seed: int):
    torch.manual_seed(seed)
    return torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.BatchNorm2d(4))


def learn(run: Run, seed: int) -> float:
    torch.manual_seed(seed)
    loss = (run.network(torch.rand(2, 3, 8, 8)) ** 2).mean()
    run.step += 1
    done = descend(run.network, run.optimizer, loss)
    average_weights(run.averaged, run.network, run.step)
    return done


def test_a_restored_run_learns_as_the_first_would_have(tmp_path: Path) -> None:
    first = Run(network(0), peak=1e-3)
    learn(first, 1)
    first.spent, first.samples = 90.0, 2
    first.save(tmp_path / "run.pt")
    second = Run(network(7))
    second.restore(tmp_path / "run.pt")
    assert (second.step, second.spent, second.peak) == (1, 90.0, 1e-3)
    assert [learn(first, 2), learn(first, 3)] == [learn(second, 2), learn(second, 3)]
    trained = load_averaged(tmp_path / "run.pt", network(9))
    assert (trained.minutes, trained.samples) == (1.5, 2)


def test_a_run_starts_anew_from_a_shipped_model_or_from_its_checkpoint(tmp_path: Path) -> None:
    path, shipped, planes = tmp_path / "run.pt", tmp_path / "shipped.onnx", [torch.rand(2, 1, 40, 64)]
    anew = start_run(StripNetwork(), path, Schedule(1.0), planes)
    assert (anew.step, anew.peak) == (0, PEAK_RATE)
    assert start_run(StripNetwork(), path, Schedule(1.0, peak=0.1), planes).peak == 0.1
    export_network(anew.network, shipped)
    warm = start_run(StripNetwork(), path, Schedule(1.0, shipped, seed=5), planes)
    assert (warm.step, warm.peak) == (0, WARM_PEAK_RATE)
    assert torch.equal(warm.network.classes.weight, anew.network.classes.weight)
    warm.step, warm.samples = 130, 4160
    warm.save(path)
    again = start_run(StripNetwork(), path, Schedule(1.0, shipped), planes)
    assert (again.step, again.samples, again.peak) == (130, 4160, WARM_PEAK_RATE)


def test_the_rate_rises_and_comes_down() -> None:
    rates = [learning_rate(progress / 100) for progress in range(101)]
    assert rates[0] == 0
    assert rates.index(max(rates)) in range(2, 6)
    assert rates[-1] == pytest.approx(LAST_SHARE)
    assert learning_rate(2.0) == pytest.approx(LAST_SHARE)
