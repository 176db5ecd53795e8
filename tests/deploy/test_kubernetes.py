"""The Kubernetes manifests are valid by the schemas, start what `up` starts, and shut in what can be shut in."""

import shutil
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
KUBECTL = shutil.which("kubectl")
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


@pytest.fixture(scope="module", params=[BASE, GPU], ids=lambda folder: folder.name)
def built(request) -> list[dict]:
    """What `kubectl apply -k` would send, as its own kustomize builds it."""
    return build(request.param)


def build(folder: Path) -> list[dict]:
    if not KUBECTL:
        pytest.skip("kubectl is not installed; ./deploy/test fetches it")
    done = subprocess.run([KUBECTL, "kustomize", folder], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return [each for each in yaml.safe_load_all(done.stdout) if each]


def deployments_of(manifests: list[dict]) -> dict[str, dict]:
    return {each["metadata"]["name"]: each["spec"] for each in manifests if each["kind"] == "Deployment"}


def test_what_is_built_fits_the_schemas(built, tmp_path):
    ours = [each for each in built if each["kind"] not in OF_OTHERS]
    (tmp_path / "built.yaml").write_text(yaml.safe_dump_all(ours))
    command = [BIN / "kubernetes-validate", "--strict", "--quiet", tmp_path / "built.yaml"]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout + found.stderr
    assert sorted(each["metadata"]["name"] for each in built if each["kind"] in OF_OTHERS) == ["worker"]


def test_what_is_built_is_all_that_is_written_and_hangs_together(built):
    written = {
        (each["kind"], each["metadata"]["name"]) for path, each in ALL if path.parent == BASE and "metadata" in each
    }
    maps = {each["metadata"]["name"]: each["data"] for each in built if each["kind"] == "ConfigMap"}
    there = {(each["kind"], each["metadata"]["name"]) for each in built}
    assert there == written | {("ConfigMap", name) for name in maps}
    assert list(maps.values()) == [{"KARTU_LOG_LEVEL": "INFO"}]
    assert all(each["metadata"]["labels"]["app.kubernetes.io/part-of"] == "kartu" for each in built)
    for spec in deployments_of(built).values():
        (container,) = containers(spec)
        # A change of the settings has another name, so that it starts the pods anew.
        assert {"configMapRef": {"name": next(iter(maps))}} in container["envFrom"]
        assert container["image"].endswith(":0.1.0")
        assert container["securityContext"]["readOnlyRootFilesystem"] is True


def test_on_gpus_the_worker_alone_differs():
    base, gpu = deployments_of(build(BASE)), deployments_of(build(GPU))
    worker, plain = gpu.pop("worker"), base.pop("worker")
    assert gpu == base
    pod, (container,), (before,) = worker["template"]["spec"], containers(worker), containers(plain)
    assert (before["image"], container["image"]) == ("kartu-worker:0.1.0", "kartu-worker-gpu:0.1.0")
    assert pod["nodeSelector"] == {"nvidia.com/gpu.present": "true"}
    assert container["args"] == ["python", *stack.worker_command(stack.JOBS_PER_GPU, "gpu")]
    assert container["resources"]["limits"] == before["resources"]["limits"] | {"nvidia.com/gpu": "1"}
    env = {each["name"]: each["value"] for each in container["env"]}
    assert env == {each["name"]: each["value"] for each in before["env"]} | {"KARTU_DEVICE": "gpu"}


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
    assert args_of("sweeper") == ["python", *stack.SWEEPER]
    (gpu,) = documents(GPU / "worker.yaml")
    assert containers(gpu["spec"])[0]["args"] == ["python", *stack.worker_command(stack.JOBS_PER_GPU, "gpu")]


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
