import re

import pytest
from click.testing import CliRunner

from deploy.cli import main
from shared.settings import Settings
from worker.training.corners import benchmark
from worker.training.fonts import Face, FontMissingError, require_fonts
from worker.training.speed import benchmark as speed
from worker.training.speed import device


@pytest.fixture
def cards_and_readers():
    """Skips where there are no fonts to draw cards with, or no weights to read them."""
    try:
        require_fonts()
        Settings.from_env().weights.joinpath("PP-OCRv6_small_rec", "inference.onnx").stat()
    except (FontMissingError, OSError) as error:
        pytest.skip(str(error))


def test_detection_is_measured_in_both_styles(monkeypatch):
    try:
        require_fonts(tuple(Face))
    except FontMissingError as error:
        pytest.skip(str(error))
    monkeypatch.setattr(benchmark, "TIMED_SCENES", 2)
    done = CliRunner().invoke(main, ["bench", "detect", "--scenes", "6", "--processes", "1"])
    assert done.exit_code == 0, done.output
    assert [each for each in ("Style own", "Style foreign") if each in done.output] == ["Style own", "Style foreign"]
    assert len(re.findall(r"^\| all \|", done.output, re.MULTILINE)) == 2
    assert len(re.findall(r"ms of processor time", done.output)) == 2


def test_reading_is_measured_in_both_styles(tmp_path):
    try:
        require_fonts(tuple(Face))
    except FontMissingError as error:
        pytest.skip(str(error))
    done = CliRunner().invoke(main, ["bench", "read", "--cards", "2", "--processes", "1", "--worst", str(tmp_path)])
    assert done.exit_code == 0, done.output
    assert [each for each in ("Style own", "Style foreign") if each in done.output] == ["Style own", "Style foreign"]
    assert len(re.findall(r"^\| all \| 2 \|", done.output, re.MULTILINE)) == 2
    assert len(re.findall(r"expected calibration error", done.output)) == 2
    assert len(re.findall(r"pictures of other things", done.output)) == 2


@pytest.mark.usefixtures("cards_and_readers")
def test_speed_is_measured_beside_paddleocr(monkeypatch):
    monkeypatch.setattr(speed, "WARM_UP", 1)
    monkeypatch.setattr(speed, "SIZES", ((1024, 768),))
    done = CliRunner().invoke(main, ["bench", "speed", "--cards", "1", "--processes", "1"])
    assert done.exit_code == 0, done.output
    for part in ("card model", "line reader", "the rest", "all: mean", "floor of the models", "PaddleOCR's defaults"):
        assert re.search(rf"^\| {part}.*\d", done.output, re.MULTILINE), part
    assert len(re.findall(r"^- [\d.]+ cards a second: ", done.output, re.MULTILINE)) >= 1
    assert re.search(r"[\d.]+ times as fast; fields right: [\d.]+ %, PaddleOCR [\d.]+ %", done.output)


@pytest.mark.usefixtures("cards_and_readers")
def test_a_device_is_measured_by_how_much_it_is_given(monkeypatch):
    monkeypatch.setattr(device, "SIZES", ((1024, 768),))
    done = CliRunner().invoke(
        main, ["bench", "device", "--cards", "1", "--at-once", "2", "--processes", "1", "--batch", "1", "--batch", "4"]
    )
    assert done.exit_code == 0, done.output
    assert "Device cpu" in done.output
    assert len(re.findall(r"^\| [14] (\| [\d.,]+ ){6}\|$", done.output, re.MULTILINE)) == 2
    assert len(re.findall(r"^\| 1 \| 2 \| [\d.]+ \|$", done.output, re.MULTILINE)) == 1
