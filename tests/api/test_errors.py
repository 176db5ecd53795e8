"""Every way to be refused: the contract's body, no traceback, and nothing half-made in Redis."""

import base64
import uuid
from dataclasses import replace

import cv2
import numpy as np
import pytest

from api import create_app
from tests.api.conftest import PNG, URL
from tests.conftest import make_png

JPEG = cv2.imencode(".jpg", np.random.default_rng(1).integers(0, 255, (60, 80, 3), np.uint8))[1].tobytes()
HUGE = make_png(8, 8).replace((8).to_bytes(4, "big") * 2, (30_000).to_bytes(4, "big") * 2)


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def assert_refused(response, parts, status: int, error_type: str) -> None:
    assert response.status_code == status
    assert response.mimetype == "application/json"
    assert set(response.json) == {"message", "errors"}
    assert response.json["errors"]["errorType"] == error_type
    assert uuid.UUID(response.json["errors"]["errorId"])
    assert "Traceback" not in response.text
    assert parts.redis.keys("*") == []


@pytest.mark.parametrize(
    ("image", "status", "error_type"),
    [
        ("this is not base64", 400, "invalid_base64_encoding"),
        ("data:image/png;base64," + PNG, 400, "invalid_base64_encoding"),
        (b64(JPEG + b"\0" * 3_000_000), 413, "image_too_large"),
        (b64(JPEG + b"\0" * (2 * 1024 * 1024 - len(JPEG) + 1)), 413, "image_too_large"),
        (b64(HUGE), 413, "image_too_large"),
        (b64(b"GIF89a" + b"\0" * 100), 415, "unsupported_image_type"),
        (b64(JPEG[: len(JPEG) // 2]), 422, "corrupted_image"),
    ],
)
def test_bad_images(client, parts, image, status, error_type):
    assert_refused(client.post(URL, json={"image": image}), parts, status, error_type)


def test_an_image_of_exactly_the_limit_is_accepted(client):
    image = b64(JPEG + b"\0" * (2 * 1024 * 1024 - len(JPEG)))
    assert client.post(URL, json={"image": image, "referenceId": "r" * 128}).status_code == 202


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": ""},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer wrong"},
        {"Authorization": "Bearer kartu_abc_def"},
        {"Authorization": "Basic dGVzdC1ib290c3RyYXAta2V5"},
        {"Authorization": "test-bootstrap-key"},
    ],
)
@pytest.mark.parametrize("method", ["post", "get"])
def test_no_key_and_wrong_keys(app, parts, headers, method):
    client = app.test_client()
    if method == "post":
        response = client.post(URL, json={"image": PNG}, headers=headers)
    else:
        response = client.get(f"{URL}/{uuid.uuid4()}", headers=headers)
    assert_refused(response, parts, 401, "unauthorized")
    assert response.headers["WWW-Authenticate"] == "Bearer"


def test_an_empty_bootstrap_setting_is_no_key(settings, monkeypatch):
    client = create_app(replace(settings, bootstrap_key="")).test_client()
    assert client.post(URL, json={"image": PNG}, headers={"Authorization": "Bearer "}).status_code == 401


@pytest.mark.parametrize(
    ("payload", "field"),
    [({"image": PNG, "colour": "red"}, "colour"), ({}, "image"), ({"image": PNG, "cardDetect": "yes"}, "cardDetect")],
)
def test_validation_names_the_field(client, parts, payload, field):
    response = client.post(URL, json=payload)
    assert response.status_code == 400
    assert response.json["message"] == "Input payload validation failed."
    errors = response.json["errors"]
    assert uuid.UUID(errors.pop("errorId"))
    assert list(errors) == [field]
    assert all(isinstance(sentence, str) for sentence in errors[field])
    assert parts.redis.keys("*") == []


@pytest.mark.parametrize(
    ("data", "content_type"),
    [
        (b"{", "application/json"),
        (b"", "application/json"),
        (b"[]", "application/json"),
        (b"null", "application/json"),
        (b'{"image": NaN}', "application/json"),
        (b"\xff\xfe", "application/json"),
        (b"[" * 100_000, "application/json"),
        (b"image=x", "application/x-www-form-urlencoded"),
        (b"{}", "text/plain"),
    ],
)
def test_payloads_that_are_no_json_object(client, parts, data, content_type):
    response = client.post(URL, data=data, content_type=content_type)
    assert response.status_code == 400
    assert response.json["message"] == "Input payload validation failed."
    assert response.json["errors"].keys() == {"_schema", "errorId"} or response.json["errors"].keys() == {
        "image",
        "errorId",
    }
    assert parts.redis.keys("*") == []


def test_unknown_addresses_and_methods(client, parts):
    assert_refused(client.post(URL.replace("/v1/", "/v1//"), json={}), parts, 404, "not_found")
    assert_refused(client.get("/nowhere"), parts, 404, "not_found")
    assert_refused(client.get(f"{URL}/not-an-id"), parts, 404, "not_found")
    refused = client.put(URL)
    assert_refused(refused, parts, 405, "method_not_allowed")
    assert "POST" in refused.headers["Allow"]


@pytest.mark.parametrize(("path", "to"), [("/docs", "/docs/"), ("/docs?a=//b", "/docs/?a=//b"), ("//", "/")])
def test_a_redirect_stays_where_it_is(client, path, to):
    """Whatever host the client names, and behind a proxy that ends TLS."""
    response = client.get(path, headers={"Host": "elsewhere.example"})
    assert response.status_code == 308
    assert response.headers["Location"] == to


def test_a_redis_that_is_not_there_is_503(settings, unused_port):
    client = create_app(replace(settings, redis_url=f"redis://127.0.0.1:{unused_port}/0")).test_client()
    headers = {"Authorization": f"Bearer {settings.bootstrap_key}"}
    for response in (
        client.post(URL, json={"image": PNG}, headers=headers),
        client.get(f"{URL}/{uuid.uuid4()}", headers=headers),
        client.get(f"{URL}/{uuid.uuid4()}", headers={"Authorization": "Bearer kartu_abc_def"}),
        client.get("/readyz"),
    ):
        assert response.status_code == 503
        assert response.json["errors"]["errorType"] == "service_unavailable"
        assert int(response.headers["Retry-After"]) > 0
    assert client.get("/healthz").status_code == 200


def test_an_answer_to_many_unknown_fields_stays_small(client):
    payload = {"image": PNG, "x" * 10_000: 1} | {f"field{number}": 1 for number in range(1000)}
    response = client.post(URL, json=payload)
    assert response.status_code == 400
    assert len(response.data) < 5000
    assert "_schema" in response.json["errors"]


def test_a_field_named_error_id_is_told_as_well(client):
    errors = client.post(URL, json={"image": PNG, "errorId": "x"}).json["errors"]
    assert uuid.UUID(errors["errorId"])
    assert "errorId" in errors["_schema"][0]


def test_a_redis_that_refuses_to_write_is_503_and_keeps_nothing(client, parts):
    """As one that cannot write to its disk, or has lost its replicas."""
    parts.redis.config_set("min-replicas-to-write", 1)
    try:
        response = client.post(URL, json={"image": PNG})
        assert "Retry-After" in response.headers
    finally:
        parts.redis.config_set("min-replicas-to-write", 0)
    assert_refused(response, parts, 503, "service_unavailable")


def test_a_full_redis_is_503_and_keeps_nothing(client, parts):
    parts.redis.config_set("maxmemory", "1mb")
    try:
        response = client.post(URL, json={"image": PNG})
    finally:
        parts.redis.config_set("maxmemory", "0")
    assert_refused(response, parts, 503, "service_unavailable")


def test_a_job_that_could_not_be_queued_is_accepted_and_left_to_the_sweeper(client, parts, monkeypatch):
    from kombu.exceptions import OperationalError

    def fail(_):
        raise OperationalError()

    monkeypatch.setattr(parts.queue, "enqueue", fail)
    response = client.post(URL, json={"image": PNG})
    assert response.status_code == 202
    assert parts.redis.zrange("kartu:waiting", 0, -1) == [response.json["data"]["id"].encode()]


def test_a_batch_does_not_wait_for_a_redis_that_hangs_once_for_each_item(client, parts, monkeypatch):
    """Its client would be gone, or answered with 503 by a proxy, before it learnt that the batch was accepted."""
    from kombu.exceptions import OperationalError

    tried = []

    def fail(job_id):
        tried.append(job_id)
        raise OperationalError()

    monkeypatch.setattr(parts.queue, "enqueue", fail)
    response = client.post(f"{URL}/batches", json={"items": [{"image": PNG}] * 5})
    assert response.status_code == 202
    assert len(tried) == 1
    assert parts.redis.zcard("kartu:waiting") == 5


def test_a_fault_of_ours_tells_nothing_of_itself(client, parts, monkeypatch, caplog):
    def fail(*_, **__):
        raise RuntimeError("SECRET")

    monkeypatch.setattr("api.ktp.load_request", fail)
    response = client.post(URL, json={"image": PNG})
    assert_refused(response, parts, 500, "processing_failed")
    assert "SECRET" not in response.text
    logged = next(record for record in caplog.records if record.levelname == "ERROR")
    assert logged.error_id == response.json["errors"]["errorId"]
    assert "SECRET" not in logged.getMessage()
