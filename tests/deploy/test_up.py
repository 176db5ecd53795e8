"""`up` says what keeps it from starting, before it starts anything, and cleans up after what fails."""

import fcntl
import os
import shutil
import socket
import subprocess

import psutil
import pytest

from deploy import up
from deploy.folders import PROJECT, Folders
from deploy.processes import Supervisor
from shared.client import Client
from tests.fake_service import NO_CARD, RESULT, SUCCEEDED


@pytest.fixture
def folders(tmp_path, monkeypatch):
    monkeypatch.setenv("KARTU_HOME", str(tmp_path))
    for name in ("KARTU_REDIS_URL", "KARTU_BOOTSTRAP_KEY", "KARTU_SEALING_KEYS"):
        monkeypatch.delenv(name, raising=False)
    return Folders(tmp_path)


def test_a_taken_port_ends_it_before_anything_is_started(folders, capsys):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        assert up.main(["--port", str(port)]) == 1
    assert f"Port {port} on 127.0.0.1 is in use" in capsys.readouterr().err
    assert not folders.logs.exists()
    assert not folders.api_key.exists()


def test_a_second_up_in_the_same_folder_is_refused(folders, capsys):
    with folders.up_lock.open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert up.main([]) == 1
    assert f"already runs from {folders.home}" in capsys.readouterr().err


def test_a_setting_that_makes_no_sense_is_said(folders, capsys, monkeypatch):
    monkeypatch.setenv("KARTU_ENGINE", "magic")
    assert up.main([]) == 1
    assert capsys.readouterr().err == "KARTU_ENGINE must be one of: paddle, null.\n"


class TestStart:
    """With its signal handlers left out, as they belong to the process that runs these tests."""

    @pytest.fixture(autouse=True)
    def no_handlers(self, monkeypatch):
        monkeypatch.setattr(up.Interrupts, "take_over", lambda self: None)

    def test_a_redis_that_does_not_answer(self, folders, capsys, monkeypatch, unused_port):
        monkeypatch.setenv("KARTU_REDIS_URL", f"redis://:hunter2@127.0.0.1:{unused_port}/0")
        assert up.main(["--port", str(unused_port)]) == 1
        out = capsys.readouterr().out
        assert f"does not answer: redis://127.0.0.1:{unused_port}/0" in out
        assert "hunter2" not in out

    def test_a_child_that_dies_ends_everything(self, folders, capsys, monkeypatch, unused_port):
        monkeypatch.setattr(up.stack, "SWEEPER", ("-c", "raise SystemExit('no such module')"))
        before = {child.pid for child in psutil.Process().children(recursive=True)}
        assert up.main(["--once", "--port", str(unused_port), "--workers", "1"]) == 1
        out = capsys.readouterr().out
        assert "The process sweeper ended with exit status 1" in out
        assert "no such module" in out
        assert [line.split()[1] for line in out.splitlines() if line.startswith("Stopping")] == [
            "api",
            "worker",
            "webhooks",
            "sweeper",
            "valkey",
        ]
        assert {child.pid for child in psutil.Process().children(recursive=True)} <= before
        assert not folders.redis_url.exists()


class TestSample:
    """Reading the sample card."""

    @pytest.fixture
    def read(self, fake_service, tmp_path):
        return lambda: up.read_sample(Client(fake_service.url, "k"), Supervisor(tmp_path), waiting=0)

    def test_shows_the_fields(self, read, capsys):
        assert read()
        assert "SITI" in capsys.readouterr().out

    @pytest.mark.parametrize("missing", ["fullName", "identityId"])
    def test_without_name_or_number_it_counts_as_not_read(self, read, fake_service, missing):
        data = SUCCEEDED["data"] | {"result": RESULT | {missing: None}}
        fake_service.answers = [(200, SUCCEEDED | {"data": data}, {})]
        assert not read()

    def test_an_error_is_said(self, read, fake_service, capsys):
        fake_service.answers = [(422, NO_CARD, {})]
        assert not read()
        assert "No card was found" in capsys.readouterr().out


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")
def test_the_lines_that_it_shows_work_as_they_stand(fake_service):
    shown = up.example(fake_service.url, "the-key")
    done = subprocess.run(["sh", "-c", shown], cwd=PROJECT, capture_output=True, text=True, check=True)
    assert "SITI" in done.stdout
    ((method, path, headers, body),) = fake_service.requests
    assert (method, path, headers["Authorization"]) == ("POST", "/v1/ocr/id/ktp", "Bearer the-key")
    assert body["image"]


def test_a_terminal_that_is_gone_does_not_keep_it_from_stopping(monkeypatch):
    reader, writer = os.pipe()
    os.close(reader)
    with open(writer, "w") as gone, pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.stdout", gone)
        up.say("Stopping")
        patch.undo()
        with pytest.raises(BrokenPipeError):
            gone.close()
