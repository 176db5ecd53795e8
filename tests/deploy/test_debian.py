"""System packages are installed where that is possible; else the person learns what to do."""

import os
import subprocess
import sys

import pytest

from deploy import debian
from deploy.debian import ensure_libraries, is_installed, is_loadable
from deploy.installer import SetupError


@pytest.fixture
def calls(monkeypatch):
    """apt-get's calls, which succeed unless `calls.status` says otherwise."""

    class Calls(list):
        status = 0

    calls = Calls()

    def run(command, **_):
        calls.append(command)
        return subprocess.CompletedProcess(command, calls.status, "", "E: no such package")

    monkeypatch.setattr(debian.subprocess, "run", run)
    monkeypatch.setattr(debian.shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(sys, "platform", "linux")
    return calls


def test_nothing_is_done_where_nothing_is_missing(calls, monkeypatch):
    monkeypatch.setattr(debian, "is_loadable", lambda name: True)
    ensure_libraries()
    assert calls == []


def test_root_gets_what_opencv_wants(calls, monkeypatch):
    monkeypatch.setattr(debian, "is_loadable", lambda name: False)
    ensure_libraries()
    assert [command[2] for command in calls] == ["update", "install"]
    assert calls[1][-2:] == ["libgl1", "libglib2.0-0"]


def test_others_are_told_what_to_do(calls, monkeypatch):
    monkeypatch.setattr(debian, "is_loadable", lambda name: name != "libGL.so.1")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(SetupError, match=r"libraries libGL.so.1\. .* apt-get install libgl1 libglib2.0-0"):
        ensure_libraries()
    assert calls == []


def test_what_apt_get_says_is_passed_on(calls, monkeypatch):
    monkeypatch.setattr(debian, "is_loadable", lambda name: False)
    calls.status = 100
    with pytest.raises(SetupError, match="E: no such package"):
        ensure_libraries()


def test_a_library_is_found_or_not():
    assert not is_loadable("libnonesuch.so.1")
    assert is_loadable("libc.so.6") or sys.platform != "linux"


def test_without_dpkg_nothing_is_installed(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert not is_installed("bash")
