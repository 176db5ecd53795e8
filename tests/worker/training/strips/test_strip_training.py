"""The network, its loop and its export; skipped where PyTorch, which only training needs, is not installed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="PyTorch is installed for training only")

from worker.engines import strips as engine  # noqa: E402
from worker.engines.strips import HEIGHT, STEP, StripReader  # noqa: E402
from worker.pipeline.characters import ALPHABET  # noqa: E402
from worker.training.corners.export import ExportError  # noqa: E402
from worker.training.strips.export import average_models, export_network  # noqa: E402
from worker.training.strips.network import SHAPES, StripNetwork  # noqa: E402
from worker.training.strips.quantize import quantize  # noqa: E402
from worker.training.strips.samples import Sample  # noqa: E402
from worker.training.strips.training import collate, train_step  # noqa: E402
from worker.training.warmstart import load_shipped  # noqa: E402


def _samples() -> list[Sample]:
    rng = np.random.default_rng(0)
    widths, texts = (60, 90, 120, 128), ("A", "NO. 35", "", "I SURYA")
    return [
        Sample(rng.integers(0, 256, (HEIGHT, width), dtype=np.uint8), text)
        for width, text in zip(widths, texts, strict=True)
    ]


def test_a_batch_is_padded_and_holds_the_classes_of_all_texts() -> None:
    batch = collate(_samples())
    assert batch.pixels.shape == (4, HEIGHT, 128)
    assert batch.widths.tolist() == [60, 90, 120, 128]
    assert batch.lengths.tolist() == [1, 6, 0, 7]
    assert "".join(ALPHABET[index] for index in batch.classes.tolist()) == "ANO. 35I SURYA"
    assert (batch.pixels[0, :, 60:] == batch.pixels[0, :, 59:60]).all()


def test_the_network_gives_probabilities_at_every_step() -> None:
    for shape in SHAPES.values():
        with torch.no_grad():
            steps = StripNetwork(shape).eval()(torch.rand(2, 1, HEIGHT, 96))
        assert steps.shape == (2, 96 // STEP, len(ALPHABET))
        assert torch.allclose(steps.exp().sum(dim=2), torch.ones(2, 96 // STEP), atol=1e-5)


def test_brightness_and_contrast_hardly_matter() -> None:
    torch.manual_seed(0)
    network, strips = StripNetwork().eval(), torch.rand(1, 1, HEIGHT, 96)
    with torch.no_grad():
        assert torch.allclose(network(strips), network(strips * 0.7 + 0.2), atol=0.1)


def test_what_a_strip_is_padded_with_does_not_count_for_its_brightness() -> None:
    torch.manual_seed(0)
    network, strips = StripNetwork().eval(), torch.rand(1, 1, HEIGHT, 96)
    padded = torch.cat([strips, strips[..., -1:].expand(1, 1, HEIGHT, 160)], dim=3)
    with torch.no_grad():
        alone, among = network(strips), network(padded, torch.tensor([96]))
    # The convolutions see some columns beyond the end.
    assert torch.allclose(alone[:, :8], among[:, :8], atol=1e-4)


def test_the_loss_falls_on_a_few_samples_seen_again_and_again() -> None:
    torch.manual_seed(0)
    network = StripNetwork().train()
    optimizer = torch.optim.AdamW(network.parameters(), lr=2e-3)
    batch = collate(_samples())
    losses = [train_step(network, optimizer, batch) for _ in range(25)]
    assert losses[-1] < 0.3 * losses[0]


def test_the_exported_network_reads_strips_of_any_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "has_integer_units", lambda: False)
    export_network(StripNetwork(), tmp_path / "strips.onnx")
    reader = StripReader(models=tmp_path)
    strips = [np.full((height, width), 90, dtype=np.uint8) for height, width in ((40, 33), (80, 400), (7, 3))]
    found = reader.read(strips)
    assert [len(text.log_probabilities) for text in found] == [20, 120, 11]


def test_a_shipped_reader_is_taken_up_again(tmp_path: Path) -> None:
    torch.manual_seed(0)
    network, planes = StripNetwork(), [torch.rand(4, 1, 40, 64) for _ in range(3)]
    with torch.no_grad():
        for batch in planes:
            network(batch)
    export_network(network, tmp_path / "shipped.onnx")
    again = StripNetwork()
    load_shipped(tmp_path / "shipped.onnx", again, planes)
    with torch.no_grad():
        assert torch.allclose(again(planes[0]).exp(), network.eval()(planes[0]).exp(), atol=1e-3)


def _run(path: Path) -> np.ndarray:
    import onnxruntime

    strips = np.random.default_rng(1).integers(0, 256, (2, HEIGHT, 64), dtype=np.uint8)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    return np.exp(session.run(["log_probabilities"], {"pixels": strips, "widths": np.array((64, 50))})[0])


def test_the_mean_of_two_models_lies_between_them(tmp_path: Path) -> None:
    for seed, name in enumerate(("one", "two", "mean", "same")):
        torch.manual_seed(seed % 2)
        export_network(StripNetwork(), tmp_path / name)
    average_models(tmp_path / "same", tmp_path / "two")
    assert np.allclose(_run(tmp_path / "same"), _run(tmp_path / "two"), atol=1e-6)
    average_models(tmp_path / "mean", tmp_path / "two")
    assert not np.allclose(_run(tmp_path / "mean"), _run(tmp_path / "two"), atol=1e-4)
    (tmp_path / "other").write_bytes((engine.MODELS / "corners_refiner.onnx").read_bytes())
    with pytest.raises(ExportError):
        average_models(tmp_path / "mean", tmp_path / "other")


def test_the_network_of_8_bits_gives_about_what_the_other_gives(tmp_path: Path) -> None:
    torch.manual_seed(0)
    export_network(StripNetwork(), tmp_path / "strips.onnx")
    quantize(tmp_path / "strips.onnx", tmp_path / "strips_int8.onnx", tmp_path, "strips")
    assert np.allclose(_run(tmp_path / "strips.onnx"), _run(tmp_path / "strips_int8.onnx"), atol=0.02)
    assert (tmp_path / "strips_int8.onnx").stat().st_size < 0.3 * (tmp_path / "strips.onnx").stat().st_size
