"""pip is quiet while it works and heard when it fails."""

import io
import os
import sys
from pathlib import Path

import pytest

from deploy import installer
from deploy.folders import Folders
from deploy.installer import Pip, SetupError
from deploy.progress import Step


def pip_that(tmp_path, script: str) -> Pip:
    """A Pip whose interpreter runs `script` instead."""
    python = tmp_path / "python"
    python.write_text(f"#!{sys.executable}\nimport os, sys\n{script}\n")
    python.chmod(0o755)
    return Pip(python, Folders(tmp_path / "home"), tmp_path / "home/logs/setup.log")


def test_output_goes_to_the_log_and_to_notice(tmp_path, capfd):
    pip = pip_that(tmp_path, "print('Collecting a'); print('no newline at the end', end='')")
    lines = []
    pip.run(Step("t", io.StringIO()), "install", "a", notice=lines.append)
    assert [line for line in lines if line] == ["Collecting a"]
    assert pip.log.read_text() == "Collecting a\nno newline at the end"
    assert capfd.readouterr() == ("", "")


def test_a_failure_carries_what_pip_said_last(tmp_path):
    pip = pip_that(tmp_path, "[print('line', n) for n in range(100)]; print('ERROR: no such package'); sys.exit(1)")
    with pytest.raises(SetupError, match="ERROR: no such package") as caught:
        pip.run(Step("t", io.StringIO()), "install", "a", notice=lambda line: None)
    assert "line 1\n" not in str(caught.value)


def test_everything_is_written_under_the_home_folder(tmp_path):
    pip = pip_that(tmp_path, "print(os.environ['TMPDIR'], os.environ['PIP_CACHE_DIR'], *sys.argv[1:])")
    pip.run(Step("t", io.StringIO()), "install", "a", notice=lambda line: None)
    temporary, cache, *command = pip.log.read_text().split()
    assert temporary.startswith(str(pip.folders.home))
    assert cache.startswith(str(pip.folders.home))
    assert command[:3] == ["-m", "pip", "install"]
    assert command[-1] == "a"


def test_what_vanishes_while_it_is_measured_counts_as_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "kept").write_bytes(b"12345")
    (tmp_path / "tracker").mkdir()
    (tmp_path / "tracker" / "entry").write_bytes(b"123")
    scan = os.scandir

    def scan_too_late(path: str) -> object:
        if Path(path).name == "tracker":
            raise FileNotFoundError(path)
        return scan(path)

    monkeypatch.setattr(os, "scandir", scan_too_late)
    assert installer.size(tmp_path) == 5
