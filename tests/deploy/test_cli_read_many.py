"""`kartu read` on folders and patterns: order, the file it fills, and going on where a run was stopped."""

import csv
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from deploy.cli import main
from deploy.cli.inputs import image_files
from deploy.folders import PROJECT
from shared.records import RESULT_FIELDS
from tests.fake_service import BUSY, NO_CARD, SUCCEEDED, UNAUTHORIZED

CORRUPTED = (422, {"message": "Damaged.", "errors": {"errorId": "e", "errorType": "corrupted_image"}}, {})


@pytest.fixture
def kartu(fake_service, tmp_path, monkeypatch):
    monkeypatch.setenv("KARTU_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("KARTU_URL", fake_service.url)
    monkeypatch.setenv("KARTU_KEY", "k")
    return lambda *arguments: CliRunner().invoke(main, ["read", *map(str, arguments)])


@pytest.fixture
def folder(tmp_path):
    for name in ("a.jpg", "b.PNG", "deep/er/c.jpeg", "notes.txt", "deep/d.gif"):
        path = tmp_path / "cards" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode())
    return tmp_path / "cards"


def names(paths, folder):
    return [str(path.relative_to(folder)) for path in paths]


def test_folders_patterns_and_files_give_each_image_once(folder):
    assert names(image_files([str(folder)]), folder) == ["a.jpg", "b.PNG", "deep/er/c.jpeg"]
    assert names(image_files([f"{folder}/**/*.jp*g", str(folder / "a.jpg")]), folder) == ["a.jpg", "deep/er/c.jpeg"]
    assert image_files([f"{folder}/*.bmp"]) == []
    assert names(image_files([str(folder / "gone.jpg")]), folder) == ["gone.jpg"]
    odd = folder / "scan [1].jpg"
    odd.write_bytes(b"")
    assert image_files([str(odd)]) == [odd]


def test_nothing_to_read_is_a_mistake_in_use(kartu, tmp_path):
    (tmp_path / "empty").mkdir()
    assert kartu(tmp_path / "empty").exit_code == 2


def test_what_is_printed_stands_in_the_order_of_the_files(kartu, folder):
    lines = kartu("--json", "--concurrency", 3, folder).stdout.splitlines()
    assert [json.loads(line)["file"] for line in lines] == [str(path) for path in image_files([str(folder)])]


def test_a_csv_has_a_line_a_card(kartu, folder, fake_service, tmp_path):
    fake_service.answers = [(200, SUCCEEDED, {}), (422, NO_CARD, {}), CORRUPTED]
    result = kartu("--concurrency", 1, "--out", tmp_path / "out.csv", folder)
    assert result.exit_code == 1
    with (tmp_path / "out.csv").open(newline="") as file:
        read, no_card, corrupted = csv.DictReader(file)
    assert (read["file"], read["status"], read["errorType"]) == (str(folder / "a.jpg"), "succeeded", "")
    assert {name: read[name] or None for name in RESULT_FIELDS} == SUCCEEDED["data"]["result"]
    assert (no_card["status"], no_card["errorType"]) == ("failed", "card_not_found")
    assert (corrupted["status"], corrupted["errorType"], corrupted["message"]) == (
        "refused",
        "corrupted_image",
        "Damaged.",
    )
    assert result.stderr.splitlines()[-1] == "1 of 3 cards read in 0 s; 1 card_not_found; 1 corrupted_image."
    assert result.stdout == ""


@pytest.mark.parametrize("ending", ["csv", "jsonl"])
def test_a_second_run_reads_what_is_missing(kartu, folder, fake_service, tmp_path, ending):
    out = tmp_path / f"out.{ending}"
    fake_service.answers = [(200, SUCCEEDED, {}), UNAUTHORIZED, (422, NO_CARD, {})]
    assert kartu("--concurrency", 1, "--out", out, folder).exit_code == 1
    before = out.read_bytes()
    # As if the machine had gone down in the middle of a line.
    out.write_bytes(before + b'{"file": "half a l')
    fake_service.answers, sent = [(200, SUCCEEDED, {})], len(fake_service.requests)
    result = kartu("--concurrency", 1, "--out", out, folder)
    assert (result.exit_code, len(fake_service.requests) - sent) == (0, 1)
    assert result.stderr.splitlines()[-1].endswith("2 were done before.")
    assert out.read_bytes().startswith(before)
    assert out.read_text().count(str(folder)) == 3
    assert kartu("--out", out, folder).exit_code == 0
    assert len(fake_service.requests) - sent == 1


def test_a_table_that_excel_has_saved_loses_nothing(kartu, folder, tmp_path):
    out = tmp_path / "out.csv"
    assert kartu("--out", out, folder).exit_code == 0
    saved = out.read_bytes().replace(b"\n", b"\r\n")
    out.write_bytes(saved)
    (folder / "z.jpg").write_bytes(b"new")
    assert kartu("--out", out, folder).exit_code == 0
    assert out.read_bytes().startswith(saved)
    with out.open(newline="") as file:
        assert [row["status"] for row in csv.DictReader(file)] == ["succeeded"] * 4


@pytest.mark.parametrize("ending", ["csv", "jsonl"])
def test_odd_names_of_files_are_taken(kartu, tmp_path, ending):
    (tmp_path / "cards").mkdir()
    (tmp_path / "cards" / "a\u2028b.jpg").write_bytes(b"")
    (tmp_path / "cards" / os.fsdecode(b"\xff.jpg")).write_bytes(b"")
    out = tmp_path / f"out.{ending}"
    assert kartu("--out", out, tmp_path / "cards").exit_code == 0
    assert kartu("--out", out, tmp_path / "cards").exit_code == 0


def test_a_busy_service_fails_no_card_for_good(kartu, folder, fake_service, tmp_path):
    fake_service.answers = [BUSY]
    result = kartu("--out", tmp_path / "out.jsonl", "--timeout", "0.2", folder / "a.jpg")
    assert result.exit_code == 1
    assert (tmp_path / "out.jsonl").read_text() == ""


@pytest.mark.parametrize(("name", "text"), [("x.txt", None), ("x.csv", "a,b\n1,2\n"), ("x.jsonl", "[]\n")])
def test_another_file_is_not_written_over(kartu, folder, tmp_path, fake_service, name, text):
    if text is not None:
        (tmp_path / name).write_text(text)
    result = kartu("--out", tmp_path / name, folder)
    assert result.exit_code == 1
    assert fake_service.requests == []
    assert not (tmp_path / name).exists() or (tmp_path / name).read_text() == text


def test_ctrl_c_keeps_what_was_read(folder, fake_service, tmp_path):
    fake_service.answers = [(200, SUCCEEDED, {}), (503, BUSY[1], {"Retry-After": "200"})]
    out = tmp_path / "out.jsonl"
    command = [str(Path(sys.executable).parent / "kartu"), "read", "--concurrency", "1", "--out", str(out), str(folder)]
    environment = {**os.environ, "KARTU_URL": fake_service.url, "KARTU_KEY": "k", "KARTU_HOME": str(tmp_path)}
    # Who was started in the background of a script ignores Ctrl-C, and so would its child.
    process = subprocess.Popen(
        command,
        cwd=PROJECT,
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    deadline = time.monotonic() + 30
    while not (out.exists() and out.read_text()) and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "1 of 1 cards read" in told
    assert "goes on from here" in told
    assert len(out.read_text().splitlines()) == 1
