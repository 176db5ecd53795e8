"""The very command lines of the containers and their health checks, run on this machine, shut in as the containers are.

Those of Kubernetes and of the images are the same ones (tests/deploy/test_kubernetes.py, tests/deploy/test_compose.py).
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from urllib.request import urlopen

import pytest
import yaml

from deploy import redis_server
from deploy.folders import PROJECT
from deploy.ports import reserve_port
from deploy.processes import kill_group
from shared.client import Client
from shared.sealing import new_key
from shared.settings import Settings
from tests.conftest import DATA
from tests.deploy.test_nginx import NGINX, proxy_to
from tests.integration import container
from tests.worker.webhooks.conftest import wait_until

KEY = "container-test-key"
OURS = ("api", "worker", "webhooks", "sweeper")
START_WITHIN_S = 120
SERVICES = yaml.safe_load((PROJECT / "docker-compose.yml").read_text())["services"]


@dataclass
class Containers:
    """All services of the compose file that are ours, and Valkey, as processes of this machine."""

    folder: Path
    ports: dict[str, int] = field(default_factory=lambda: {name: reserve_port() for name in PORTS})
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.secrets = {"KARTU_SEALING_KEYS": new_key(), "KARTU_BOOTSTRAP_KEY": KEY}

    def replaced(self, name: str) -> dict[str, str]:
        """What stands in the compose file, and what stands for it here."""
        ports = self.ports
        return {
            "valkey:6379": f"127.0.0.1:{ports['valkey']}",
            ":8000": f":{ports['api']}",
            "9101": str(ports.get(name, 0)),
            ":8080": f":{ports['proxy']}",
        }

    def environment(self, name: str) -> dict[str, str]:
        found = container.environment_of(SERVICES[name], self.replaced(name))
        return found | {key: value for key, value in self.secrets.items() if key in found}

    def start(self, name: str) -> None:
        words = container.words_of(SERVICES[name], self.replaced(name))
        self._start(name, words, container.writable_in(SERVICES[name]), self.environment(name))

    def start_valkey(self) -> None:
        """Its image has the server and the mounts elsewhere."""
        at = {
            "valkey-server": str(redis_server.server_binary()),
            "/etc/valkey.conf": str(PROJECT / "deploy" / "valkey.conf"),
            "/data": "/run/data",
        }
        words = [at.get(word, word) for word in container.words_of(SERVICES["valkey"], {})]
        words += ["--port", str(self.ports["valkey"])]
        self._start("valkey", words, ("/run/data",), container.environment_of({}, {}))

    def _start(self, name: str, words: list[str], writable: tuple[str, ...], environment: dict[str, str]) -> None:
        with (self.folder / f"{name}.log").open("wb") as log:
            self.running[name] = subprocess.Popen(
                container.confined(words, writable),
                env=environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def is_healthy(self, name: str) -> bool:
        """By its own health check, which is as shut in as the container."""
        service = SERVICES[name]
        words = container.health_check_of(service, self.replaced(name))
        done = subprocess.run(
            container.confined(words, container.writable_in(service)),
            env=self.environment(name),
            capture_output=True,
            timeout=60,
            check=False,
        )
        return done.returncode == 0

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text()

    def stop(self, name: str, within_s: float) -> int:
        process = self.running.pop(name)
        process.terminate()
        return process.wait(within_s)

    def stop_all(self) -> None:
        for process in reversed(self.running.values()):
            process.terminate()
        for process in self.running.values():
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                kill_group(process.pid)
                process.wait()


PORTS = ("valkey", "api", "worker", "webhooks", "proxy")


@pytest.fixture(scope="module")
def containers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Containers]:
    if not Settings().weights.exists():
        pytest.skip("the OCR weights are not there; ./deploy/test fetches them")
    if not container.is_possible():
        pytest.skip("nothing can be shut in here: that wants Linux with mount namespaces, unshare and setpriv")
    containers = Containers(tmp_path_factory.mktemp("containers"))
    with ExitStack() as stack:
        stack.callback(containers.stop_all)
        containers.start_valkey()
        url = f"redis://127.0.0.1:{containers.ports['valkey']}/0"
        wait_until(lambda: redis_server.answers(url), START_WITHIN_S)
        for name in OURS:
            containers.start(name)
        client = Client(f"http://127.0.0.1:{containers.ports['api']}", KEY)
        wait_until(client.is_ready, START_WITHIN_S)
        yield containers


def test_who_is_shut_in_can_write_to_its_tmpfs_alone_and_has_no_capability(containers):
    refused = " && ".join(f"! touch '{folder}/a'" for folder in (PROJECT, "/var/lib/kartu", "/etc"))
    tries = f"touch /tmp/a && {refused} && grep CapEff: /proc/self/status"
    command = container.confined(["sh", "-c", tries], ("/tmp",))
    done = subprocess.run(
        command, env=containers.environment("api"), capture_output=True, text=True, timeout=20, check=False
    )
    assert done.stdout.split() == ["CapEff:", "0" * 16], done.stderr


@pytest.mark.parametrize("name", OURS)
def test_each_health_check_finds_its_container_well(containers, name):
    wait_until(lambda: containers.is_healthy(name), START_WITHIN_S)
    assert containers.running[name].poll() is None, containers.log(name)


def test_a_card_is_read_through_the_proxy(containers, tmp_path):
    if not NGINX:
        pytest.skip("nginx is not there; ./deploy/test fetches it")
    with proxy_to(containers.ports["api"], tmp_path) as port:
        document = Client(f"http://127.0.0.1:{port}", KEY).read((DATA / "sample.jpg").read_bytes(), {}, timeout_s=60)
        assert document["data"]["result"]["fullName"] == "SUGENG TEGUH NUGROHO"
        check = container.health_check_of(SERVICES["proxy"], {":8080": f":{port}"})
        assert subprocess.run(check, timeout=20, check=False).returncode == 0


@pytest.mark.parametrize("name", ["worker", "webhooks"])
def test_whom_kubernetes_probes_there_answers(containers, name):
    with urlopen(f"http://127.0.0.1:{containers.ports[name]}/metrics", timeout=10) as answer:
        assert answer.status == 200


def test_nobody_wanted_to_write_where_it_may_not(containers):
    for name in containers.running:
        assert "Read-only file system" not in containers.log(name)
        assert "Permission denied" not in containers.log(name)


@pytest.mark.parametrize("name", OURS)
def test_each_ends_when_it_is_told_to_and_is_not_healthy_then(containers, name):
    grace_s = int(SERVICES[name]["stop_grace_period"].removesuffix("s"))
    assert containers.stop(name, grace_s) in (0, -15, 143)
    if name == "api":
        assert not containers.is_healthy(name)
