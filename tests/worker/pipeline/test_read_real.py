"""Cards of tests/data through the real models."""

import json
import re
from dataclasses import asdict
from pathlib import Path

import pytest

from shared.errors import InvalidDocumentType, KartuError, TextNotFound
from shared.settings import Settings
from worker.engines import load_engines
from worker.pipeline.read import read_card
from worker.pipeline.types import ReadOptions

DATA = Path(__file__).parents[2] / "data"
LIMIT = 50_000_000
WEIGHTS = [Settings().weights / name / "inference.onnx" for name in ("PP-OCRv6_tiny_det", "PP-OCRv6_small_rec")]

pytestmark = pytest.mark.skipif(not all(path.is_file() for path in WEIGHTS), reason="the OCR weights are not there")


@pytest.fixture(scope="module")
def engines():
    return load_engines(Settings())


@pytest.fixture(scope="module")
def truths():
    return {truth["file"]: truth for truth in json.loads((DATA / "cards.json").read_text())}


def in_contract_names(fields):
    return {re.sub(r"_(\w)", lambda found: found[1].upper(), name): value for name, value in asdict(fields).items()}


@pytest.mark.parametrize(
    "file",
    [
        "sample.jpg",
        "photo_sideways_90.jpg",
        "photo_upside_down.jpg",
        "photo_perspective.jpg",
        "photo_mirrored.jpg",
        "scan_edge_small.jpg",
        "scan_exif_6.jpg",
    ],
)
def test_card(file, engines, truths):
    truth = truths[file]
    reading = read_card((DATA / file).read_bytes(), ReadOptions(pass_card_detect=False), engines, LIMIT)
    assert in_contract_names(reading.fields) == truth["fields"]
    assert abs((reading.tilt - truth["tilt"] + 180) % 360 - 180) < 1
    assert reading.flipped is truth["mirrored"]
    assert reading.card_detected is True


def test_flipping_first_reads_the_same(engines, truths):
    reading = read_card((DATA / "photo_mirrored.jpg").read_bytes(), ReadOptions(flip_image=True), engines, LIMIT)
    assert in_contract_names(reading.fields) == truths["photo_mirrored.jpg"]["fields"]
    assert reading.flipped is True


def test_without_card_detection(engines, truths):
    reading = read_card((DATA / "photo_tilted.jpg").read_bytes(), ReadOptions(card_detect=False), engines, LIMIT)
    assert in_contract_names(reading.fields) == truths["photo_tilted.jpg"]["fields"]
    assert reading.card_detected is False
    assert abs(reading.tilt - truths["photo_tilted.jpg"]["tilt"]) < 2


@pytest.mark.parametrize(
    ("file", "error"),
    [
        ("desk", TextNotFound),
        ("blank_card", TextNotFound),
        ("receipt", InvalidDocumentType),
        ("bank_card", InvalidDocumentType),
    ],
)
def test_no_ktp(file, error, engines):
    with pytest.raises(KartuError) as raised:
        read_card((DATA / "negatives" / f"{file}.jpg").read_bytes(), ReadOptions(), engines, LIMIT)
    assert type(raised.value) is error
