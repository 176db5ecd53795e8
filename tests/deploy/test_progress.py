"""A long step says that it began, how far it is, and how it ended."""

import io

import pytest

from deploy import progress
from deploy.progress import Step


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_log_gets_one_line_now_and_then(monkeypatch):
    stream = io.StringIO()
    with Step("Packages", stream) as step:
        step.update("10 %")
        monkeypatch.setattr(step, "_interval", 0)
        step.update("20 %")
        step.update()
    begun, first, second, ended = stream.getvalue().splitlines()
    assert begun == "  Packages: …"
    assert first.startswith("  Packages: 20 %")
    assert second == first
    assert ended.startswith("  Packages: done after 0:0")


def test_a_failure_is_not_called_done():
    stream = io.StringIO()
    with pytest.raises(ValueError, match="x"), Step("Packages", stream):
        raise ValueError("x")
    assert "failed after" in stream.getvalue()
    assert "done" not in stream.getvalue()


def test_a_terminal_gets_one_line_that_renews_itself(monkeypatch):
    monkeypatch.setattr(progress, "TERMINAL_INTERVAL_S", 0)
    stream = Terminal()
    with Step("Packages", stream) as step:
        step.update("x" * 500)
    assert stream.getvalue().count("\n") == 1
    assert all(len(part) < 120 for part in stream.getvalue().split("\r"))
