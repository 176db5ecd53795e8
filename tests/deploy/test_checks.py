"""`deploy/test` runs every check and fails if one does."""

import subprocess
from pathlib import Path

import pytest

from deploy import checks
from deploy.folders import Folders
from deploy.installer import SetupError


@pytest.fixture
def run(monkeypatch):
    """Run the checks without running them; gives the exit status and the commands."""

    def run(*arguments, failing=()):
        commands = []

        def called(command, **_):
            name, *rest = command
            program = Path(name).name
            commands.append([program, *map(str, rest)])
            return subprocess.CompletedProcess(command, int(program in failing))

        monkeypatch.setattr(checks, "ensure_packages", lambda: None)
        monkeypatch.setattr(checks, "ensure_tools", lambda folders: None)
        monkeypatch.setattr(checks.subprocess, "run", called)
        return checks.main(arguments), commands

    return run


def test_all_checks_run_and_the_suite_comes_last(run):
    status, commands = run("-k", "nik")
    assert status == 0
    assert [command[0] for command in commands] == ["ruff", "ruff", "mypy", "lint-imports", "pytest"]
    assert commands[-1] == ["pytest", "-k", "nik"]


def test_the_long_form_of_the_fault_tests_is_a_run_of_its_own(run):
    _, commands = run("--faults", "Valkey", "--jobs", "10")
    assert [command[1:] for command in commands] == [["-m", "tests.faults", "Valkey", "--jobs", "10"]]


def test_one_that_fails_fails_the_whole_but_stops_nothing(run, capsys):
    status, commands = run(failing=("mypy",))
    assert status == 1
    assert len(commands) == 5
    assert capsys.readouterr().err == "\nFailed: mypy\n"


def test_packages_that_cannot_be_had_end_nothing(monkeypatch, capsys):
    def refuse(packages):
        raise SetupError("Only root can install them.")

    monkeypatch.setattr(checks, "is_installed", lambda package: package not in ("fonts-ocr-a", "chromium"))
    monkeypatch.setattr(checks, "install", refuse)
    checks.ensure_packages()
    fonts, browser = capsys.readouterr().err.splitlines()
    assert fonts == "Missing: fonts-ocr-a. Only root can install them. Tests that render cards are skipped."
    assert browser == "Missing: chromium. Only root can install them. Tests that use the page are skipped."


def test_tools_are_fetched_once_and_left_out_where_they_cannot_be(monkeypatch, tmp_path, capsys):
    fetched = []

    def fetch(package, folder):
        fetched.append(package)
        if package == "prometheus":
            raise SetupError("There is no apt-get here to fetch it with.")
        (folder / "usr/sbin").mkdir(parents=True)
        (folder / "usr/sbin/nginx").touch()

    def refuse(folders):
        raise SetupError("There is none for this machine.")

    monkeypatch.setattr(checks, "extract", fetch)
    monkeypatch.setattr(checks, "ensure_kubectl", refuse)
    monkeypatch.setattr(checks.shutil, "which", lambda name: None)
    checks.ensure_tools(Folders(tmp_path))
    checks.ensure_tools(Folders(tmp_path))
    assert fetched == ["prometheus", "nginx", "prometheus"]
    told = capsys.readouterr().err
    assert "Missing: prometheus. There is no apt-get" in told
    assert "Missing: kubectl. There is none for this machine." in told
