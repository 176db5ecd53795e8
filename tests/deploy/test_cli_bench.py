import re

import pytest
from click.testing import CliRunner

from deploy.cli import main
from worker.training.corners import benchmark
from worker.training.fonts import Face, FontMissingError, require_fonts


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
