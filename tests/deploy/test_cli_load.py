"""`kartu bench load` measures a whole service of its own; here with the engine that reads nothing, for seconds."""

import re

import psutil
from click.testing import CliRunner

from deploy.cli import main
from deploy.load.benchmark import percentile


def test_load_is_measured_at_each_multiple(monkeypatch):
    monkeypatch.setenv("KARTU_ENGINE", "null")
    before = {child.pid for child in psutil.Process().children(recursive=True)}
    command = ["bench", "load", "--workers", "1", "--seconds", "3", "--multiple", "0.5", "--multiple", "2"]
    done = CliRunner().invoke(main, [*command, "--wait-limit", "2"])
    assert done.exit_code == 0, done.output
    capacity = re.search(r"^Capacity: ([\d.]+) images a second with 1 worker", done.output, re.MULTILINE)
    assert float(capacity[1]) > 0
    rows = re.findall(r"^\| ([\d.]+) x capacity \| ([\d.]+) \| (\d+) \|", done.output, re.MULTILINE)
    assert [row[0] for row in rows] == ["0.5", "2"]
    assert all(float(accepted) > 0 for _, accepted, _ in rows)
    assert len(re.findall(r"^Polls .*: p50 \d+ ms, p99 \d+ ms, longest \d+ ms", done.output, re.MULTILINE)) == 2
    assert {child.pid for child in psutil.Process().children(recursive=True)} <= before


def test_percentiles():
    assert percentile([], 99) == 0
    assert percentile([3.0], 50) == 3
    assert percentile([float(number) for number in range(101)], 95) == 95
