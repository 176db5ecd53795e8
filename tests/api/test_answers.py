"""The language and the media type of answers are those that the client asks for."""

import uuid
from dataclasses import replace

import orjson
import pytest

from api import create_app
from shared.errors import CardNotFound, KartuError, RateLimited, ValidationFailed
from shared.messages import CATALOGUE, translate
from shared.records import RESULT_FIELDS, Outcome
from shared.schemas import dump_job
from tests.api.conftest import PNG, URL
from tests.conftest import accept_job

PROBLEM = "application/problem+json"
INDONESIAN = {"Accept-Language": "id"}
ERRORS = {each.error_type: each for each in KartuError.__subclasses__() if each is not ValidationFailed}
ISSUE = {"code": "missing", "severity": "warning", "message": "The field is not printed or could not be read."}
READ = Outcome(
    "OK",
    True,
    result=dict.fromkeys(RESULT_FIELDS),
    information={"tilt": 0.0, "cardDetected": True},
    validation={"valid": True, "fields": {"address": {"valid": True, "issues": [ISSUE]}}},
)


def finished_job(parts, outcome: Outcome) -> str:
    job_id = accept_job(parts.redis, parts.settings, owner="bootstrap")
    parts.jobs.finish(parts.jobs.claim(job_id, "m1"), outcome)
    return job_id


def no_card(*_):
    raise CardNotFound()


@pytest.fixture
def raising(app, client):
    """A client whose requests to /raise/<errorType> meet that error."""

    def fail(name: str):
        raise ERRORS[name]()

    app.add_url_rule("/raise/<name>", view_func=fail)
    return client


@pytest.mark.parametrize("name", ERRORS)
@pytest.mark.parametrize("language", ["en", "id"])
def test_every_error_in_both_languages_and_forms(raising, name, language):
    error = ERRORS[name]()
    headers = {"Accept-Language": language}
    plain = raising.get(f"/raise/{name}", headers=headers)
    problem = raising.get(f"/raise/{name}", headers=headers | {"Accept": PROBLEM})
    assert (plain.mimetype, problem.mimetype) == ("application/json", PROBLEM)
    assert plain.json == {
        "message": translate(error.sentence, language),
        "errors": {"errorId": plain.json["errors"]["errorId"], "errorType": name},
    }
    assert problem.json == {
        "type": f"urn:kartu:error:{name}",
        "title": translate(error.title, language),
        "status": error.http_status,
        "detail": translate(error.sentence, language),
        "errorId": problem.json["errorId"],
        "errorType": name,
    }
    assert uuid.UUID(problem.json["errorId"]) != uuid.UUID(plain.json["errors"]["errorId"])
    for response in (plain, problem):
        assert response.status_code == error.http_status
        assert response.headers["Content-Language"] == language
        assert set(response.vary) == {"Accept-Language", "Accept"}
        assert response.headers.get("Retry-After") == (str(error.retry_after_s) if error.retry_after_s else None)


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        (None, "en"),
        ("", "en"),
        ("id", "id"),
        ("ID", "id"),
        ("in", "id"),
        ("in-ID", "id"),
        ("en-GB", "en"),
        ("id-ID,en;q=0.5", "id"),
        ("id-ID,id;q=0.9,en-US;q=0.8,en;q=0.7", "id"),
        ("en-US,en;q=0.9,id;q=0.8", "en"),
        ("en;q=0.3,id;q=0.8", "id"),
        ("fr", "en"),
        ("fr, id;q=0.1", "id"),
        ("*", "en"),
        ("id;q=0", "en"),
        ("id, en", "id"),
        ("*;q=0.5, id;q=0.1", "id"),
        ("idn, ido, inh", "en"),
        ("id;q=abc", "en"),
        ("id;q=7", "en"),
        (";;,,=;q=", "en"),
        ("\x7f\xff{}%s", "en"),
        ("x" * 10_240, "en"),
        (",".join(["fr;q=0.1"] * 1100 + ["id"]), "id"),
        (",;" * 5_000, "en"),
    ],
)
def test_accept_language(client, accepted, language):
    headers = {} if accepted is None else {"Accept-Language": accepted}
    response = client.get("/nowhere", headers=headers)
    assert response.status_code == 404
    assert response.headers["Content-Language"] == language
    assert response.json["message"] == translate("There is nothing at this address.", language)


@pytest.mark.parametrize(
    ("accepted", "mimetype"),
    [
        (None, "application/json"),
        ("", "application/json"),
        ("*/*", "application/json"),
        ("application/*", "application/json"),
        ("text/html", "application/json"),
        ("application/json", "application/json"),
        ("application/json, application/problem+json", "application/json"),
        ("application/json, application/problem+json;q=0.9", "application/json"),
        ("application/json, text/plain, */*", "application/json"),
        ("*/*, application/problem+json;q=0", "application/json"),
        ("application/problem+json", PROBLEM),
        ("APPLICATION/PROBLEM+JSON", PROBLEM),
        ("application/problem+json, application/json;q=0.9", PROBLEM),
        ("application/json;q=0.9, application/problem+json, */*;q=0.1", PROBLEM),
        ("application/problem+json;q=0.1, text/html", PROBLEM),
        ("garbage", "application/json"),
        ("/;q=,;;", "application/json"),
        ("a/b," * 2_560, "application/json"),
    ],
)
def test_accept(client, accepted, mimetype):
    response = client.get("/nowhere", headers={} if accepted is None else {"Accept": accepted})
    assert (response.status_code, response.mimetype) == (404, mimetype)
    assert response.headers["Content-Type"] == mimetype


def test_problem_documents_of_refusals_on_the_way(client, parts, unused_port):
    headers = {"Accept": PROBLEM, **INDONESIAN}
    refused = [
        (client.get("/nowhere", headers=headers), 404, "not_found"),
        (client.get(f"{URL}/{uuid.uuid4()}", headers=headers), 404, "not_found"),
        (client.put(URL, headers=headers), 405, "method_not_allowed"),
        (client.post(URL, json={"image": "A" * 3_000_000}, headers=headers), 413, "image_too_large"),
        (client.post(URL, json={"image": PNG}, headers=headers | {"Authorization": ""}), 401, "unauthorized"),
    ]
    away = create_app(replace(parts.settings, redis_url=f"redis://127.0.0.1:{unused_port}/0")).test_client()
    refused.append((away.get("/readyz", headers=headers), 503, "service_unavailable"))
    for response, status, error_type in refused:
        assert (response.status_code, response.mimetype) == (status, PROBLEM)
        assert (response.json["status"], response.json["errorType"]) == (status, error_type)
        assert response.json["type"] == f"urn:kartu:error:{error_type}"
        assert response.json["detail"] in CATALOGUE.values()
    assert refused[2][0].headers["Allow"]
    assert refused[4][0].headers["WWW-Authenticate"] == "Bearer"
    assert int(refused[5][0].headers["Retry-After"]) > 0


def test_a_fault_of_ours_as_a_problem_document(app, client):
    app.add_url_rule("/fault", view_func=lambda: 1 / 0)
    response = client.get("/fault", headers={"Accept": PROBLEM})
    assert (response.status_code, response.json["errorType"]) == (500, "processing_failed")
    assert "division" not in response.text


def test_an_error_says_itself_how_long_to_wait(app, client):
    def fail():
        raise RateLimited(retry_after_s=7)

    app.add_url_rule("/limited", view_func=fail)
    assert client.get("/limited").headers["Retry-After"] == "7"


def test_faults_of_fields_in_indonesian(client):
    payload = {"cardDetect": "yes", "colour": "red", "include": ["colour"]}
    expected = {
        "image": ["Kolom ini wajib diisi."],
        "cardDetect": ["Bukan boolean yang valid."],
        "colour": ["Kolom tidak dikenal."],
        "include": ["Harus berupa array yang berisi pilihan dari: confidence, boxes, quality, extra, crops."],
    }
    plain = client.post(URL, json=payload, headers=INDONESIAN)
    assert plain.status_code == 400
    assert plain.json["message"] == "Validasi isi permintaan gagal."
    assert plain.json["errors"] == expected | {"errorId": plain.json["errors"]["errorId"]}
    problem = client.post(URL, json=payload, headers=INDONESIAN | {"Accept": PROBLEM})
    assert problem.json == {
        "type": "urn:kartu:error:validation",
        "title": "Validasi gagal",
        "status": 400,
        "detail": "Validasi isi permintaan gagal.",
        "errorId": problem.json["errorId"],
        "errorType": "validation",
        "errors": expected,
    }


def test_a_submission_is_answered_in_the_language(client):
    response = client.post(URL, json={"image": PNG}, headers={"Accept-Language": "id-ID,en;q=0.5", "Accept": PROBLEM})
    assert (response.status_code, response.mimetype) == (202, "application/json")
    assert response.json["message"] == "Permintaan ada dalam antrean."
    assert response.headers["Content-Language"] == "id"
    assert set(response.vary) == {"Accept-Language"}


def test_a_poll_in_the_language_and_the_same_bytes_as_the_webhook_in_english(client, parts):
    job_id = finished_job(parts, READ)
    other = client.get(f"{URL}/{job_id}", headers=INDONESIAN)
    english = client.get(f"{URL}/{job_id}")
    assert english.data == dump_job(parts.jobs.get(job_id))
    assert other.data == dump_job(parts.jobs.get(job_id), "id")
    (issue,) = other.json["data"]["validation"]["fields"]["address"]["issues"]
    assert issue == ISSUE | {"message": "Kolom ini tidak tercetak atau tidak terbaca."}
    assert set(other.vary) == {"Accept-Language", "Accept"}
    assert (english.headers["Content-Language"], other.headers["Content-Language"]) == ("en", "id")


def test_a_job_that_failed_is_a_problem_when_waited_for_and_a_document_when_polled(client, worker, monkeypatch):
    monkeypatch.setattr("worker.tasks.read_card", no_card)
    headers = {"Accept": PROBLEM, **INDONESIAN}
    waited = client.post(URL, json={"image": PNG, "referenceId": "r"}, headers=headers | {"Prefer": "wait=20"})
    assert (waited.status_code, waited.mimetype) == (422, PROBLEM)
    problem = waited.json
    polled = client.get(f"{URL}/{problem['data']['id']}", headers=headers)
    assert (polled.status_code, polled.mimetype) == (200, "application/json")
    assert problem["data"] == polled.json["data"]
    assert (problem["data"]["status"], problem["data"]["charged"]) == ("failed", True)
    assert problem["detail"] == polled.json["message"] == "Kartu tidak ditemukan pada gambar."
    assert polled.json["errors"] == {"errorId": problem["errorId"], "errorType": "card_not_found"}
    assert (problem["type"], problem["status"]) == ("urn:kartu:error:card_not_found", 422)


def test_a_job_that_failed_has_the_same_bytes_when_waited_for_and_when_polled(client, worker, monkeypatch):
    monkeypatch.setattr("worker.tasks.read_card", no_card)
    waited = client.post(URL, json={"image": PNG}, headers=INDONESIAN | {"Prefer": "wait=20"})
    assert waited.status_code == 422
    assert client.get(f"{URL}/{waited.json['data']['id']}", headers=INDONESIAN).data == waited.data


def test_a_purge_is_told_in_the_language(client, parts):
    job_id = finished_job(parts, READ)
    response = client.delete(f"{URL}/{job_id}", headers=INDONESIAN)
    assert response.json["message"] == "Permintaan telah dihapus."
    assert response.json["data"].keys() == {"id", "status", "purgedAt"}


def test_a_batch_tells_its_refused_items_in_the_language(client):
    batch = {"items": [{"image": "!"}, {}, {"image": PNG}]}
    sent = client.post(f"{URL}/batches", data=orjson.dumps(batch), content_type="application/json", headers=INDONESIAN)
    assert sent.status_code == 202
    for response in (sent, client.get(sent.headers["Location"], headers=INDONESIAN)):
        first, second, third = response.json["data"]["items"]
        assert first["message"].startswith("Gambar bukan base64 yang valid")
        assert first["errors"]["errorType"] == "invalid_base64_encoding"
        assert second["errors"]["image"] == ["Kolom ini wajib diisi."]
        assert "message" not in third
        assert response.headers["Content-Language"] == "id"
