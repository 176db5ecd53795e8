"""`kartu read`: what it prints, what it sends, and its exit status."""

import json
import subprocess
import sys

import pytest
from click.testing import CliRunner

from deploy.cli import main
from deploy.folders import PROJECT
from tests.conftest import make_png
from tests.fake_service import NO_CARD, SUCCEEDED, UNAUTHORIZED
from worker.pipeline.types import CardReading, KtpFields


@pytest.fixture
def kartu(fake_service, tmp_path, monkeypatch):
    monkeypatch.setenv("KARTU_HOME", str(tmp_path / "home"))
    for name in ("KARTU_KEY", "KARTU_BOOTSTRAP_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("KARTU_URL", fake_service.url)
    return lambda *arguments: CliRunner().invoke(main, ["read", "--concurrency", "1", *map(str, arguments)])


@pytest.fixture
def card(tmp_path):
    path = tmp_path / "card.jpg"
    path.write_bytes(b"jpeg")
    return path


@pytest.fixture
def other(tmp_path):
    path = tmp_path / "other.jpg"
    path.write_bytes(b"other")
    return path


def test_prints_the_fields_as_a_table(kartu, card):
    result = kartu(card)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.splitlines()[0] == str(card)
    assert "  fullName       SITI" in result.stdout.splitlines()


def test_prints_the_documents_as_json_lines(kartu, card, other, fake_service):
    fake_service.answers = [(200, SUCCEEDED, {}), (422, NO_CARD, {})]
    result = kartu("--json", card, other)
    first, second = map(json.loads, result.stdout.splitlines())
    assert first == {"file": str(card), **SUCCEEDED}
    assert second == {"file": str(other), **NO_CARD}
    assert result.exit_code == 1


def test_one_that_fails_does_not_end_the_reading(kartu, card, other, fake_service, tmp_path):
    fake_service.answers = [(422, NO_CARD, {}), (200, SUCCEEDED, {})]
    result = kartu(tmp_path / "missing.jpg", card, other)
    assert result.exit_code == 1
    assert result.stderr.splitlines() == [
        f"{tmp_path / 'missing.jpg'}: No such file or directory",
        f"{card}: No card was found in the image. (card_not_found)",
    ]
    assert "SITI" in result.stdout


def test_flags_become_those_of_the_contract(kartu, card, fake_service):
    kartu(card)
    kartu("--no-card-detect", "--require-card", "--flip", "--check-flip", "--validate", "--include", "boxes", card)
    sent = [{name: value for name, value in body.items() if name != "image"} for *_, body in fake_service.requests]
    names = ("cardDetect", "passCardDetect", "flipImage", "checkFlipImage", "validateResult", "include")
    assert sent == [
        dict(zip(names, (True, True, False, False, False, []), strict=True)),
        dict(zip(names, (False, False, True, True, True, ["boxes"]), strict=True)),
    ]


def test_blocks_are_asked_for_once_each_and_confidence_is_a_column(kartu, card, fake_service):
    confidence = dict.fromkeys(SUCCEEDED["data"]["result"]) | {"fullName": 0.9871}
    document = {**SUCCEEDED, "data": {**SUCCEEDED["data"], "confidence": confidence}}
    fake_service.answers = [(200, document, {})]
    result = kartu("--include", "quality", "--include", "confidence", "--include", "quality", card)
    assert fake_service.requests[0][3]["include"] == ["confidence", "quality"]
    assert "  fullName        98.7 %  SITI" in result.stdout.splitlines()


def test_a_block_that_does_not_exist_is_a_mistake_in_use(kartu, card, fake_service):
    result = kartu("--include", "colour", card)
    assert result.exit_code == 2
    assert "confidence" in result.stderr
    assert fake_service.requests == []


def test_no_service_is_another_status(kartu, card, other, unused_port):
    result = kartu("--url", f"http://127.0.0.1:{unused_port}", card, other)
    assert result.exit_code == 2
    assert len(result.stderr.splitlines()) == 1
    assert "deploy/up" in result.stderr


def test_no_file_is_a_mistake_in_use(kartu):
    assert kartu().exit_code == 2


def test_a_wrong_key_is_said(kartu, card, fake_service):
    fake_service.answers = [UNAUTHORIZED]
    result = kartu(card)
    assert result.exit_code == 1
    assert "A valid API key is needed. (unauthorized)" in result.stderr


def test_without_an_address_the_running_up_is_asked(kartu, card, fake_service, tmp_path, monkeypatch):
    monkeypatch.delenv("KARTU_URL")
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "url").write_text(fake_service.url)
    assert kartu(card).exit_code == 0
    assert len(fake_service.requests) == 1


def test_where_the_key_comes_from(kartu, card, fake_service, tmp_path, monkeypatch):
    (tmp_path / "home").mkdir()
    (tmp_path / "home/key").write_text("of-up\n")
    kartu(card)
    monkeypatch.setenv("KARTU_BOOTSTRAP_KEY", "bootstrap")
    kartu(card)
    monkeypatch.setenv("KARTU_KEY", "mine")
    kartu(card)
    kartu("--key", "given", card)
    sent = [headers["Authorization"].removeprefix("Bearer ") for _, _, headers, _ in fake_service.requests]
    assert sent == ["of-up", "bootstrap", "mine", "given"]


class TestLocal:
    """Without a service, with the canned engine."""

    @pytest.fixture(autouse=True)
    def null_engine(self, monkeypatch):
        monkeypatch.setenv("KARTU_ENGINE", "null")
        for name in ("PYTHONPYCACHEPREFIX", "PIP_CACHE_DIR", "ORT_DISABLE_TELEMETRY"):
            monkeypatch.setenv(name, "")

    def test_a_document_of_the_same_shape(self, kartu, tmp_path, fake_service):
        (tmp_path / "card.png").write_bytes(make_png())
        result = kartu("--local", "--json", "--check-flip", tmp_path / "card.png")
        document = json.loads(result.stdout)
        assert document["data"]["status"] == "succeeded"
        assert list(document["data"]["result"]) == list(SUCCEEDED["data"]["result"])
        assert set(document["data"]["information"]) == {"tilt", "cardDetected", "flipped"}
        assert result.exit_code == 0
        assert fake_service.requests == []

    def test_blocks_are_in_the_document(self, kartu, tmp_path, monkeypatch):
        seen = []

        def read_card(_, options, *__):
            seen.append(options.include)
            return CardReading(KtpFields(full_name="SITI"), 0.0, True, False, confidence={"full_name": 0.5})

        monkeypatch.setattr("deploy.cli.local.read_card", read_card)
        (tmp_path / "card.png").write_bytes(make_png())
        result = kartu("--local", "--json", "--include", "confidence", tmp_path / "card.png")
        data = json.loads(result.stdout)["data"]
        assert seen == [{"confidence"}]
        assert data["confidence"] == dict.fromkeys(data["result"]) | {"fullName": 0.5}
        assert "boxes" not in data

    def test_errors_are_those_of_the_contract(self, kartu, card):
        result = kartu("--local", "--json", card)
        document = json.loads(result.stdout)
        assert document["data"] == {"status": "failed"}
        assert document["errors"]["errorType"] == "corrupted_image"
        assert result.exit_code == 1

    def test_a_fault_of_ours_ends_only_its_file(self, kartu, card, other, monkeypatch):
        monkeypatch.setattr("deploy.cli.local.read_card", lambda *_: 1 / 0)
        result = kartu("--local", card, other)
        assert result.exit_code == 1
        assert result.stderr.count("(processing_failed)") == 2

    def test_without_weights_it_says_so(self, kartu, card, monkeypatch):
        monkeypatch.setenv("KARTU_ENGINE", "paddle")
        result = kartu("--local", card)
        assert result.exit_code == 1
        assert "weights" in result.stderr
        assert "Traceback" not in result.output


def test_without_local_no_library_for_images_is_loaded():
    script = "import sys, deploy.cli; sys.exit(bool({'cv2', 'numpy', 'onnxruntime', 'flask'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", script], cwd=PROJECT, check=False).returncode == 0
