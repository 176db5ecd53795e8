"""`kartu bench queue` measures a service of its own; here with the engine that reads nothing, for seconds."""

import re

import psutil
import pytest
from click.testing import CliRunner

from deploy.cli import main
from deploy.load import consumption, growth, queue_benchmark
from deploy.load.consumption import largest_resident, processor_seconds
from deploy.load.pictures import make_jpeg


def test_each_part_is_measured(monkeypatch):
    monkeypatch.setenv("KARTU_ENGINE", "null")
    monkeypatch.setattr(queue_benchmark, "_STARTS", 1)
    monkeypatch.setattr(queue_benchmark, "_TEXT_ENGINE_S", 0)
    monkeypatch.setattr(growth, "TAKES", 5)
    before = {child.pid for child in psutil.Process().children(recursive=True)}
    command = ["bench", "queue", "--requests", "8", "--length", "5", "--length", "60", "--workers", "1"]
    done = CliRunner().invoke(main, [*command, "--seconds", "2"])
    assert done.exit_code == 0, done.output
    posts = re.findall(r"^\| (300 KB|2 MB) \| \d+ \| ([\d.]+) \| .* \| ([\d,]+) \|$", done.output, re.MULTILINE)
    assert [name for name, _, _ in posts] == ["300 KB", "2 MB"]
    assert all(float(milliseconds) > 0 for _, milliseconds, _ in posts)
    # What waits takes hardly more than its own size.
    assert all(
        0.9 < int(taken.replace(",", "")) / size < 1.3 for (*_, taken), size in zip(posts, (300, 2000), strict=True)
    )
    assert re.search(r"to its start in an idle worker: p50 [\d.]+ ms", done.output)
    assert re.search(r"waited for in its request: API [\d.]+ ms, Valkey [\d.]+ ms", done.output)
    steps = re.findall(r"^\| (\d+) \|(?: [\d.]+ ms \|){5}$", done.output, re.MULTILINE)
    assert steps == ["5", "60"]
    assert re.search(r"until the API answers: [\d.]+ s .* until a worker is ready: [\d.]+ s", done.output)
    assert re.search(r"after 20 images: [1-9]\d* MB", done.output)
    assert re.search(r"^\| 1 \| [\d.]+ \| [\d.]+ \| \d+ \|$", done.output, re.MULTILINE)
    assert {child.pid for child in psutil.Process().children(recursive=True)} <= before


@pytest.mark.parametrize("size", [2_000, 300_000])
def test_pictures_have_about_the_wanted_size(size):
    data = make_jpeg(size)
    assert data.startswith(b"\xff\xd8")
    assert 0.9 * size < len(data) <= size


def test_a_role_without_processes_takes_nothing(monkeypatch):
    monkeypatch.setattr(consumption, "_descendants", lambda _: [])
    assert largest_resident("sweeper") == 0
    assert processor_seconds()["API"] == 0
