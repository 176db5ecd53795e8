"""The container files start what `up` starts, and shut what can be shut."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from opentelemetry.sdk.environment_variables import OTEL_EXPORTER_OTLP_ENDPOINT

from deploy import stack
from deploy.debian import OPENCV_PACKAGES
from deploy.folders import PROJECT
from shared.metrics import FOLDER_VARIABLE
from shared.settings import Settings

BIN = Path(sys.executable).parent
DOCKER = PROJECT / "deploy" / "docker"
OURS = ("api", "worker", "webhooks", "sweeper")


@pytest.fixture(scope="module")
def compose() -> dict:
    return yaml.safe_load((PROJECT / "docker-compose.yml").read_text())


def command_of(service: dict) -> list[str]:
    return re.sub(r"\$\{\w+:-(\w+)\}", r"\1", service["command"]).split()


def started_by(dockerfile: str) -> list[str]:
    (line,) = [line for line in (DOCKER / dockerfile).read_text().splitlines() if line.startswith("CMD ")]
    return json.loads(line.removeprefix("CMD "))


def test_each_service_runs_the_command_of_up(compose):
    services = compose["services"]
    assert command_of(services["api"]) == ["python", *stack.api_command("0.0.0.0:8000")]
    assert command_of(services["worker"]) == ["python", *stack.worker_command(2)]
    assert command_of(services["webhooks"]) == ["python", *stack.WEBHOOKS]
    assert command_of(services["sweeper"]) == ["python", *stack.SWEEPER]


def test_each_image_by_itself_does_so_too(compose):
    for name in ("api", "worker", "worker-gpu"):
        assert started_by(f"{name}.Dockerfile") == command_of(compose["services"][name])


def test_a_gpu_has_one_process_with_threads(compose):
    assert command_of(compose["services"]["worker-gpu"]) == ["python", *stack.worker_command(stack.JOBS_PER_GPU, "gpu")]
    assert compose["services"]["worker-gpu"]["environment"]["KARTU_DEVICE"] == "gpu"


def test_images_have_opentelemetry_where_tracing_is_on(compose):
    for name in OURS:
        assert compose["services"][name]["build"]["args"] == {"TRACING": "${KARTU_TRACING:-false}"}
    for name in ("api", "worker"):
        text = (DOCKER / f"{name}.Dockerfile").read_text()
        assert 'if [ "$TRACING" = true ]' in text
        assert "deploy/requirements/otel.txt" in text


def test_prometheus_finds_whoever_serves_metrics(compose):
    jobs = yaml.safe_load((PROJECT / "deploy/prometheus/prometheus.yml").read_text())["scrape_configs"]
    for target in (target for job in jobs for each in job["static_configs"] for target in each["targets"]):
        name, port = target.split(":")
        environment = compose["services"][name]["environment"]
        assert port == environment.get("KARTU_METRICS_PORT", "8000")
        folder = environment[FOLDER_VARIABLE]
        assert any(mount.startswith(folder) for mount in compose["services"][name]["tmpfs"])


def test_every_container_is_shut_in(compose):
    for name, service in compose["services"].items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert service["healthcheck"]["test"], name
        # What it may write is in memory or in a volume.
        assert service.get("tmpfs") or any(not each.startswith("./") for each in service["volumes"]), name


def test_what_dies_is_started_again(compose):
    assert {service["restart"] for service in compose["services"].values()} == {"unless-stopped"}


def test_nobody_is_root(compose):
    users = {name: service.get("user") for name, service in compose["services"].items() if "build" not in service}
    assert users == {"valkey": "valkey", "proxy": "nginx", "prometheus": "nobody", "grafana": "472"}
    for name in ("api", "worker", "worker-gpu"):
        assert re.search(r"^USER 10001$", (DOCKER / f"{name}.Dockerfile").read_text(), re.MULTILINE)


def test_compose_file_fits_its_schema():
    command = [BIN / "check-jsonschema", "--builtin-schema", "vendor.compose-spec", PROJECT / "docker-compose.yml"]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout + found.stderr


@pytest.mark.parametrize("path", sorted(DOCKER.glob("*.Dockerfile")), ids=lambda path: path.name)
def test_hadolint_finds_nothing(path):
    # Versions of Debian's packages are left to the base image's release, which is pinned.
    command = [BIN / "hadolint", "--ignore", "DL3008", path]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout + found.stderr


def test_only_the_proxy_is_reachable_and_only_from_this_machine(compose):
    published = {name: service.get("ports") for name, service in compose["services"].items() if "ports" in service}
    assert published == {
        "proxy": ["127.0.0.1:${KARTU_PORT:-8000}:8080"],
        "grafana": ["127.0.0.1:${GRAFANA_PORT:-3000}:3000"],
    }
    assert compose["networks"]["inside"] == {"internal": True}
    outside = [name for name, service in compose["services"].items() if "outside" in service["networks"]]
    assert outside == ["proxy", "webhooks", "grafana"]


def test_secrets_come_from_the_environment(compose):
    for name in OURS:
        assert compose["services"][name]["environment"]["KARTU_SEALING_KEYS"].startswith("${KARTU_SEALING_KEYS:?")
    assert compose["services"]["api"]["environment"]["KARTU_BOOTSTRAP_KEY"] == "${KARTU_BOOTSTRAP_KEY:-}"


def test_every_setting_exists(compose):
    known = {each.metadata["env"] for each in Settings.__dataclass_fields__.values()}
    known |= {FOLDER_VARIABLE, OTEL_EXPORTER_OTLP_ENDPOINT}
    for name in (*OURS, "webhooks", "worker-gpu"):
        assert set(compose["services"][name]["environment"]) <= known


def test_a_worker_has_the_time_that_a_reading_can_take(compose):
    programs = stack.programs({}, bind="", workers=1, hard_limit_s=Settings().hard_limit_s)
    for program in programs:
        grace = int(compose["services"][program.name]["stop_grace_period"].removesuffix("s"))
        assert grace >= program.stop_within_s


def test_every_file_that_is_copied_or_mounted_exists(compose):
    for dockerfile in ("api.Dockerfile", "worker.Dockerfile", "worker-gpu.Dockerfile"):
        for line in (DOCKER / dockerfile).read_text().splitlines():
            if line.startswith("COPY ") and "--from" not in line:
                for source in line.split()[1:-1]:
                    assert (PROJECT / source).exists(), source
    mounts = (mount for service in compose["services"].values() for mount in service.get("volumes", []))
    sources = [mount.split(":")[0] for mount in mounts]
    assert {source for source in sources if not source.startswith("./")} == set(compose["volumes"])
    assert all((PROJECT / source).exists() for source in sources if source.startswith("./"))


def test_the_worker_reports_to_nobody_and_has_what_opencv_wants():
    text = (DOCKER / "worker.Dockerfile").read_text()
    assert "ORT_DISABLE_TELEMETRY=1" in text
    assert all(package in text for package in OPENCV_PACKAGES)
