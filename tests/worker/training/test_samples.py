"""The committed images of tests/data are what cards.json says, and what the code writes."""

from __future__ import annotations

import io
import json
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image, ImageOps

from worker.pipeline.types import KtpFields
from worker.training.camera import signed_area, tilt_of
from worker.training.encoding import add_exif_orientation, encode_jpeg
from worker.training.samples import all_samples
from worker.training.truth import json_name, truth_json

_FOLDER = Path(__file__).parents[2] / "data"
_ENTRIES: list[dict[str, Any]] = json.loads((_FOLDER / "cards.json").read_text(encoding="ascii"))
_FILES = [entry["file"] for entry in _ENTRIES]
_CARDS = [entry for entry in _ENTRIES if entry["fields"] is not None]
_NEGATIVES = [entry for entry in _ENTRIES if entry["fields"] is None]


@cache
def _upright(file: str) -> Image.Image:
    with Image.open(_FOLDER / file) as image:
        return ImageOps.exif_transpose(image).convert("RGB")


def test_every_image_has_one_entry() -> None:
    found = {str(path.relative_to(_FOLDER)) for path in _FOLDER.rglob("*") if path.suffix in (".jpg", ".png")}
    assert len(_FILES) == len(set(_FILES))
    assert set(_FILES) <= found
    assert {file for file in found if "/" not in file or file.startswith("negatives/")} == set(_FILES)


def test_there_are_16_cards_and_5_negatives_with_the_demo_first() -> None:
    assert len(_CARDS) == 16
    assert [entry["kind"] for entry in _CARDS].count("scan") == 6
    assert len(_NEGATIVES) == 5
    assert {entry["expect"] for entry in _NEGATIVES} == {"text_not_found", "invalid_document_type"}
    assert _FILES[0] == "sample.jpg"


@pytest.mark.parametrize("entry", _ENTRIES, ids=_FILES)
def test_size_and_format_of_the_file(entry: dict[str, Any]) -> None:
    path = _FOLDER / entry["file"]
    assert 10_000 < path.stat().st_size < 300_000
    magic = b"\xff\xd8\xff" if path.suffix == ".jpg" else b"\x89PNG"
    assert path.read_bytes().startswith(magic)
    assert list(_upright(entry["file"]).size) == entry["size"]


@pytest.mark.parametrize("entry", _CARDS, ids=[entry["file"] for entry in _CARDS])
def test_truth_of_a_card(entry: dict[str, Any]) -> None:
    assert set(entry["fields"]) == {json_name(field.name) for field in fields(KtpFields)}
    quad = np.array(entry["quad"])
    assert quad.shape == (4, 2)
    assert quad.min() >= -0.5
    assert (quad.max(axis=0) <= np.array(entry["size"]) - 0.5).all()
    assert (signed_area(quad) < 0) is entry["mirrored"]
    assert 0 <= entry["tilt"] < 360
    assert abs((tilt_of(quad) - entry["tilt"] + 180) % 360 - 180) < 0.05


@pytest.mark.parametrize("entry", _CARDS, ids=[entry["file"] for entry in _CARDS])
def test_the_portrait_is_where_the_quad_puts_it(entry: dict[str, Any]) -> None:
    target = np.array([(0, 0), (1000, 0), (1000, 630), (0, 630)], dtype=np.float32)
    matrix = cv2.getPerspectiveTransform(np.array(entry["quad"], dtype=np.float32), target)
    flat = cv2.warpPerspective(np.asarray(_upright(entry["file"])), matrix, (1000, 630)).astype(int)
    ground, paper = flat[195:215, 740:930].mean(axis=(0, 1)), flat[110:130, 740:930].mean(axis=(0, 1))
    assert paper.mean() > 1.25 * ground.mean()
    if not entry["file"].endswith("_grey.png"):
        assert np.ptp(ground) > 1.6 * np.ptp(paper)


def test_the_exif_sample_is_stored_turned() -> None:
    entry = next(entry for entry in _ENTRIES if entry["file"] == "scan_exif_6.jpg")
    with Image.open(_FOLDER / entry["file"]) as image:
        assert image.getexif()[0x0112] == 6
        assert list(image.size) == entry["size"][::-1]


def test_an_orientation_can_be_read_back() -> None:
    pixels = np.zeros((8, 16, 3), dtype=np.uint8)
    with Image.open(io.BytesIO(add_exif_orientation(encode_jpeg(pixels, 90), 3))) as image:
        assert image.getexif()[0x0112] == 3
        assert image.size == (16, 8)


@pytest.mark.usefixtures("fonts")
def test_the_code_writes_the_committed_sample() -> None:
    sample = next(all_samples())
    drawn = cv2.imdecode(np.frombuffer(sample.data, dtype=np.uint8), cv2.IMREAD_COLOR)
    committed = cv2.imread(str(_FOLDER / sample.truth.file))
    assert drawn is not None
    assert committed is not None
    assert cv2.absdiff(drawn, committed).mean() < 2.0
    assert json.loads(truth_json([sample.truth])) == _ENTRIES[:1]
