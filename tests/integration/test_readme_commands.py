"""Every command that the README names is run as it stands, or is in a list of those that are not, with the reason.

The shell blocks run line by line in a folder that looks like a fresh checkout, against a Kartu that `deploy.up` started
as the README has it. A command that no rule covers fails the test.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from redis import Redis

from deploy.folders import PROJECT, Folders
from deploy.ports import reserve_port
from shared.key_store import KeyStore
from shared.keys import KeySettings
from shared.settings import Settings
from tests.conftest import README

KARTU = ".kartu/venv/bin/kartu"
START_WITHIN_S, COMMAND_WITHIN_S = 180, 300
UP = "KARTU_WEBHOOK_HTTP=true KARTU_WEBHOOK_NETWORKS=127.0.0.0/8 ./deploy/up"
"""The start that the README shows for webhooks: with it all other commands work too."""
LISTEN = f"{KARTU} webhooks listen"

ADDED = {
    f"{KARTU} bench webhooks": "--jobs 4 --failing 0",
    # These take minutes: here it is asked whether there are such options; tests/deploy/test_cli_*.py run them, smaller.
    **{f"{KARTU} bench {name}": "--help" for name in ("detect", "load", "queue", "read", "speed")},
    # Of these the text names the command, and not what it is to do.
    f"{KARTU} read": "--help",
    f"{KARTU} keys change ID": "--rate 60",
}
"""What is added to commands: to a `kartu bench` with its options, and to others where they stand alone."""

ENDS_WITH = {f"{KARTU} read --out .kartu/cards.csv tests/data": 1}
"""Commands that do not end with 0: among these pictures are some without a card."""

ELSEWHERE = {
    "./deploy/up": "the same without settings for webhooks: tests/deploy/test_up.py",
    UP: "it runs while the others do",
    LISTEN: "it runs while the others do",
    "./deploy/test": "it is what runs this test",
    "./deploy/test --faults": "half an hour; its short form: tests/faults",
    "KARTU_MUTATIONS=5000 ./deploy/test tests/hostile": "minutes; with fewer: tests/hostile",
    "./deploy/requirements/audit": "asks a database on the network; that it can be run: tests/deploy/test_scripts.py",
    "apt-get install python3-venv": "changes the machine",
    "docker compose exec api kartu keys create NAME": "wants Docker; the command line: tests/deploy/test_compose.py",
    "kubectl apply -k deploy/kubernetes/base": "wants a cluster; what it would send: tests/deploy/test_kubernetes.py",
}
"""Commands that are not run here, and why that is."""


@dataclass(frozen=True)
class Checkout:
    """A folder that looks like a fresh clone in which `./deploy/up` runs."""

    folder: Path
    environment: dict[str, str]
    port: int
    listening_port: int
    keys: KeyStore

    def script_line(self, command: str) -> str:
        """A command as it is run: at the ports of this test, with the id of a real key."""
        beginning = " ".join(command.split()[:3]) if command.startswith(f"{KARTU} bench ") else command
        command = f"{command} {ADDED.get(beginning, '')}"
        if re.search(r"\bID\b", command):
            record, _ = self.keys.create("readme", KeySettings())
            command = re.sub(r"\bID\b", record.id, command)
        command = re.sub(r"(--result-ttl) S\b", r"\1 60", command)
        return command.replace("127.0.0.1:8000", f"127.0.0.1:{self.port}").replace(
            "127.0.0.1:8787", f"127.0.0.1:{self.listening_port}"
        )

    def run(self, commands: list[str]) -> None:
        """Run them one after the other in one shell, each as if it were typed."""
        marked = [f'{self.script_line(command)}\necho "@@$?" >&2' for command in commands]
        done = subprocess.run(
            ["sh"],
            input="\n".join(marked) + "\n",
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=COMMAND_WITHIN_S,
            check=False,
        )
        *said, rest = re.split(r"@@(\d+)\n", done.stderr)
        ended = dict(zip(commands, map(int, said[1::2]), strict=True))
        assert rest == ""
        assert ended == {command: ENDS_WITH.get(command, 0) for command in commands}, done.stdout + done.stderr


def commands_of(block: str) -> list[str]:
    """The commands of a shell block, without comments; a backslash joins lines."""
    lines = re.sub(r"\\\n\s*", "", block).splitlines()
    return [bare for line in lines if (bare := re.sub(r"(^|\s+)#\s.*$", "", line).strip())]


BLOCKS = [commands_of(block) for block in re.findall(r"```sh\n(.*?)```", README, re.DOTALL)]
PROSE = re.sub(r"```.*?```", "", README, flags=re.DOTALL)
PROGRAMS = r"(?:[A-Z_]+=\S+ )*(?:kartu|\./deploy/\S+|\.kartu/venv/bin/\S+|docker|kubectl|apt-get|curl|git|pip|helm)"
IN_PROSE = sorted(
    {
        command if not command.startswith("kartu ") else command.replace("kartu", KARTU, 1)
        for command in re.findall(r"`([^`\n]+)`", PROSE)
        if re.fullmatch(rf"{PROGRAMS}(?: .+)?", command) and command != "kartu"
    }
)
TO_RUN = [[command for command in block if command not in ELSEWHERE] for block in BLOCKS]


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    if not Settings().weights.exists():
        pytest.skip("the OCR weights are not there; ./deploy/test fetches them")
    folder, ours = tmp_path_factory.mktemp("checkout"), Folders.from_env()
    for path in PROJECT.iterdir():
        if path.name not in (".kartu", ".git"):
            (folder / path.name).symlink_to(path)
    home = Folders(folder / ".kartu")
    home.home.mkdir()
    for path in (ours.venv, ours.weights):
        (home.home / path.name).symlink_to(path)
    settings, command = shlex.split(UP)[:-1], (sys.executable, "-m", "deploy.up")
    port, listening_port = reserve_port(), reserve_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KARTU_")}
    environment |= home.variables() | {"KARTU_WEBHOOK_SECRET": ""}
    started = environment | dict(each.split("=", 1) for each in settings)
    listen = [*LISTEN.split(), "--port", str(listening_port)]
    log = folder / "up.log"
    with (
        log.open("wb") as output,
        subprocess.Popen(
            [*command, "--port", str(port), "--workers", "1"], cwd=folder, env=started, stdout=output, stderr=output
        ) as up,
    ):
        try:
            wait_for(lambda: "Kartu is up." in log.read_text() or up.poll() is not None)
            assert up.poll() is None, log.read_text()
            with subprocess.Popen(listen, cwd=folder, env=environment, stdout=output, stderr=output) as listening:
                wait_for(lambda: "Listening" in log.read_text())
                keys = KeyStore(Redis.from_url(home.redis_url.read_text().strip()))
                yield Checkout(folder, environment, port, listening_port, keys)
                listening.terminate()
            assert "verified" in log.read_text()
        finally:
            up.terminate()


def wait_for(condition) -> None:
    deadline = time.monotonic() + START_WITHIN_S
    while not condition():
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.1)


@pytest.mark.parametrize("block", [block for block in TO_RUN if block], ids=lambda block: block[0][:40])
def test_a_block_runs_from_its_first_line_to_its_last(checkout, block):
    checkout.run(block)


@pytest.mark.parametrize("command", [command for command in IN_PROSE if command not in ELSEWHERE])
def test_a_command_in_the_text_runs(checkout, command):
    checkout.run([command])


def test_the_python_example_runs(checkout):
    (example,) = [each for each in re.findall(r"```python\n(.*?)```", README, re.DOTALL) if "Client(" in each]
    done = subprocess.run(
        [sys.executable, "-c", example.replace("8000", str(checkout.port))],
        cwd=checkout.folder,
        env=checkout.environment,
        capture_output=True,
        text=True,
        timeout=COMMAND_WITHIN_S,
        check=True,
    )
    assert done.stdout.startswith("SUGENG TEGUH NUGROHO ")


def test_what_is_left_out_is_in_the_readme():
    named = {command for block in BLOCKS for command in block} | set(IN_PROSE)
    assert set(ELSEWHERE) <= named
    assert set(ENDS_WITH) <= named
    assert all(any(command.startswith(begin) for command in named) for begin in ADDED)
