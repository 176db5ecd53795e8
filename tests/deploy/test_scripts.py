"""The entry scripts: what they need, and what they say where it is missing."""

import os
import shutil
import subprocess
import sys

import pytest

from deploy import bootstrap
from deploy.folders import PROJECT, Folders

DEPLOY = PROJECT / "deploy"


def run(script: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess:
    return subprocess.run([DEPLOY / script, *arguments], env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    "script",
    [
        "deploy/up",
        "deploy/test",
        "deploy/bootstrap",
        "deploy/requirements/compile",
        "deploy/requirements/audit",
        ".ci/run",
    ],
)
def test_is_executable(script):
    assert os.access(PROJECT / script, os.X_OK)


@pytest.mark.parametrize("script", ["up", "test"])
def test_without_a_python_of_today_it_says_so(script, tmp_path):
    for name in ("sh", "dirname"):
        (tmp_path / name).symlink_to(shutil.which(name))
    old = tmp_path / "python3"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    done = run(script, PATH=str(tmp_path))
    assert done.returncode == 1
    assert "needs Python 3.11 or later" in done.stderr


def test_help_and_mistakes_cost_no_set_up(tmp_path):
    path = os.pathsep.join([os.path.dirname(sys.executable), os.environ["PATH"]])
    help_ = run("up", "--help", PATH=path, KARTU_HOME=str(tmp_path / "home"))
    assert help_.returncode == 0
    assert "--once" in help_.stdout
    mistake = run("up", "--port", "x", PATH=path, KARTU_HOME=str(tmp_path / "home"))
    assert mistake.returncode == 2
    assert not (tmp_path / "home/venv").exists()


def test_runs_before_anything_is_installed(tmp_path):
    # -I and -S: the standard library and nothing else; -B, as -I also forgets where compiled modules go.
    script = f"import sys; sys.path.insert(0, {str(PROJECT)!r}); import deploy.bootstrap"
    done = subprocess.run([sys.executable, "-I", "-S", "-B", "-c", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


class TestBootstrap:
    """What happens after the set-up, and when it cannot be done."""

    @pytest.fixture(autouse=True)
    def set_up(self, tmp_path, monkeypatch):
        monkeypatch.setenv("KARTU_HOME", str(tmp_path))
        monkeypatch.setattr(bootstrap, "ensure_libraries", lambda: None)
        monkeypatch.setattr(bootstrap, "ensure_weights", lambda folders, python: None)
        monkeypatch.setattr(bootstrap, "ensure_environment", lambda folders, **extras: None)

    def test_it_becomes_the_command_inside_the_environment(self, tmp_path, monkeypatch):
        became = []
        monkeypatch.setattr(os, "execve", lambda *call: became.append(call))
        bootstrap.main(["test", "-k", "x"])
        ((python, command, environment),) = became
        assert python == Folders(tmp_path).python
        assert command[1:] == ["-m", "deploy.checks", "-k", "x"]
        assert environment["PYTHONPYCACHEPREFIX"].startswith(str(tmp_path))
        assert environment["ORT_DISABLE_TELEMETRY"] == "1"

    def test_a_set_up_that_cannot_be_done_is_one_message(self, monkeypatch):
        def fail(folders, **extras):
            raise bootstrap.SetupError("pip failed")

        monkeypatch.setattr(bootstrap, "ensure_environment", fail)
        with pytest.raises(SystemExit, match="pip failed"):
            bootstrap.main(["up"])

    def test_a_setting_that_makes_no_sense_is_said_before_anything_is_downloaded(self, monkeypatch):
        monkeypatch.setenv("KARTU_TRACING", "perhaps")
        with pytest.raises(SystemExit, match="KARTU_TRACING must be true or false"):
            bootstrap.main(["up"])

    def test_opentelemetry_is_installed_where_tracing_is_on(self, monkeypatch):
        wanted = []
        monkeypatch.setattr(bootstrap, "ensure_environment", lambda folders, **extras: wanted.append(extras))
        monkeypatch.setattr(os, "execve", lambda *_: None)
        bootstrap.main(["up"])
        monkeypatch.setenv("KARTU_TRACING", "true")
        bootstrap.main(["up"])
        assert wanted == [{"dev": False, "traced": False}, {"dev": False, "traced": True}]

    def test_ctrl_c_is_no_traceback(self, monkeypatch, capsys):
        def interrupt(folders, **extras):
            raise KeyboardInterrupt

        monkeypatch.setattr(bootstrap, "ensure_environment", interrupt)
        with pytest.raises(SystemExit) as caught:
            bootstrap.main(["up"])
        assert caught.value.code == 130
        assert "next start goes on" in capsys.readouterr().err
