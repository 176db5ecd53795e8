"""The Kubernetes manifests are valid by the schemas, start what `up` starts, and shut in what can be shut in."""

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from deploy import stack
from deploy.folders import PROJECT

FOLDER = PROJECT / "deploy" / "kubernetes"
BASE, GPU = FOLDER / "base", FOLDER / "gpu"
BIN = Path(sys.executable).parent
OF_OTHERS = {"Kustomization", "ScaledObject"}
"""Kinds that Kubernetes itself does not define, so that its schemas say nothing of them."""


def documents(path: Path) -> list[dict]:
    return [each for each in yaml.safe_load_all(path.read_text()) if each]


ALL = [(path, each) for path in sorted(FOLDER.rglob("*.yaml")) for each in documents(path)]
DEPLOYMENTS = {
    each["metadata"]["name"]: each["spec"] for path, each in ALL if each["kind"] == "Deployment" and path.parent == BASE
}


@pytest.mark.parametrize("path", sorted(BASE.glob("*.yaml")), ids=lambda path: path.name)
def test_manifests_fit_the_schemas(path, tmp_path):
    ours = [each for each in documents(path) if each["kind"] not in OF_OTHERS]
    if not ours:
        pytest.skip("defined by somebody else")
    (tmp_path / "ours.yaml").write_text(yaml.safe_dump_all(ours))
    command = [BIN / "kubernetes-validate", "--strict", "--quiet", tmp_path / "ours.yaml"]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout + found.stderr


def test_the_schemas_refuse_what_is_wrong(tmp_path):
    (deployment,) = [each for _, each in ALL if each["kind"] == "Deployment" and each["metadata"]["name"] == "sweeper"]
    deployment = {**deployment, "spec": {**deployment["spec"], "replica": 2}}
    (tmp_path / "wrong.yaml").write_text(yaml.safe_dump(deployment))
    command = [BIN / "kubernetes-validate", "--strict", "--quiet", tmp_path / "wrong.yaml"]
    assert subprocess.run(command, capture_output=True, check=False).returncode != 0


def test_kustomizations_name_what_is_there():
    base, gpu = (documents(folder / "kustomization.yaml")[0] for folder in (BASE, GPU))
    files = {path.name for path in BASE.glob("*.yaml")} - {"kustomization.yaml"}
    assert set(base["resources"]) == files
    assert [(GPU / each).resolve() for each in gpu["resources"]] == [BASE.resolve()]
    assert all((GPU / patch["path"]).is_file() for patch in gpu["patches"])
    images = {container["image"] for spec in DEPLOYMENTS.values() for container in containers(spec)}
    assert {image["name"] for image in base["images"]} == images


def containers(spec: dict) -> list[dict]:
    return spec["template"]["spec"]["containers"]


def args_of(name: str) -> list[str]:
    return containers(DEPLOYMENTS[name])[0]["args"]


def test_each_runs_the_command_of_up():
    assert args_of("api") == ["python", *stack.api_command("0.0.0.0:8000")]
    assert args_of("worker") == ["python", *stack.worker_command(2)]
    assert args_of("webhooks") == ["python", *stack.WEBHOOKS]
    assert args_of("webhooks") == ["python", *stack.WEBHOOKS]
    assert args_of("sweeper") == ["python", *stack.SWEEPER]
    (gpu,) = documents(GPU / "worker.yaml")
    assert containers(gpu["spec"])[0]["args"] == ["python", *stack.worker_command(1)]


@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_every_pod_is_shut_in_and_bounded(name):
    spec = DEPLOYMENTS[name]
    pod = spec["template"]["spec"]
    assert pod["automountServiceAccountToken"] is False
    assert pod["securityContext"]["runAsNonRoot"] is True
    for container in containers(spec):
        closed = container["securityContext"]
        assert closed["readOnlyRootFilesystem"] is True
        assert closed["allowPrivilegeEscalation"] is False
        assert closed["capabilities"] == {"drop": ["ALL"]}
        assert container["resources"]["limits"]["memory"]
        assert container["resources"]["requests"]["cpu"]
        # Secrets come from the secret alone.
        assert {"secretRef": {"name": "kartu"}} in container["envFrom"]
        assert all("value" in each and "KEY" not in each["name"] for each in container.get("env", []))


def test_selectors_meet_their_pods():
    labels = {name: spec["template"]["metadata"]["labels"] for name, spec in DEPLOYMENTS.items()}
    for name, spec in DEPLOYMENTS.items():
        assert spec["selector"]["matchLabels"].items() <= labels[name].items()
    for _, each in ALL:
        if each["kind"] == "PodDisruptionBudget":
            name = each["metadata"]["name"]
            assert each["spec"]["selector"]["matchLabels"].items() <= labels[name].items()
        if each["kind"] == "ScaledObject":
            assert each["spec"]["scaleTargetRef"]["name"] in DEPLOYMENTS
            assert each["spec"]["triggers"][0]["metadata"]["query"] == "max(kartu_queue_oldest_seconds)"
            # What KEDA scales must not be set back by each apply.
            assert "replicas" not in DEPLOYMENTS["worker"]
