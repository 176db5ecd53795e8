"""The contact sheet is a grid of scenes."""

from __future__ import annotations

import sys
from pathlib import Path

import cv2
import pytest

from worker.training.scenes import sheet


def test_the_command_writes_a_grid(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "sheet.png"
    arguments = ["--seed", "3", "--style", "foreign", "--out", str(out), "--columns", "2", "--rows", "1"]
    monkeypatch.setattr(sys, "argv", ["sheet", *arguments])
    sheet.main()
    drawn = cv2.imread(str(out))
    assert drawn is not None
    assert drawn.shape == (400, 800, 3)
