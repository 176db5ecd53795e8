"""Every row of the contract's error table, met by a client: its status, whether it is charged, and its body."""

import base64
import uuid
from dataclasses import replace

import pytest

from api import create_app
from api.services import EXTENSION
from shared.redis import UNAVAILABLE
from tests.api.conftest import PNG, URL
from tests.conftest import make_png

GIF = base64.b64encode(b"GIF89a" + b"\0" * 100).decode()
CUT = base64.b64encode(make_png()[:40]).decode()
LARGE = base64.b64encode(make_png() + b"\0" * 2 * 1024 * 1024).decode()

ENDS = {
    "card_not_found": (422, True),
    "text_not_found": (422, True),
    "invalid_document_type": (422, True),
    "parsing_failed": (422, True),
    "processing_failed": (500, False),
}


def refused(response, status, error_type):
    assert response.status_code == status
    assert response.json["errors"]["errorType"] == error_type
    assert uuid.UUID(response.json["errors"]["errorId"])
    assert "data" not in response.json
    assert isinstance(response.json["message"], str)


@pytest.mark.parametrize("error_type", ENDS)
def test_ends_of_jobs(client_of, worker, parts, error_type):
    client = client_of(sandbox=True)
    response = client.post(URL, json={"image": f"sandbox:{error_type}"}, headers={"Prefer": "wait=20"})
    status, charged = ENDS[error_type]
    assert response.status_code == status
    assert response.json["errors"]["errorType"] == error_type
    assert uuid.UUID(response.json["errors"]["errorId"])
    assert response.json["data"]["charged"] is charged


@pytest.mark.parametrize(
    ("image", "status", "error_type"),
    [
        ("%%%", 400, "invalid_base64_encoding"),
        (LARGE, 413, "image_too_large"),
        (GIF, 415, "unsupported_image_type"),
        (CUT, 422, "corrupted_image"),
    ],
)
def test_images_that_are_refused(client, parts, image, status, error_type):
    refused(client.post(URL, json={"image": image}), status, error_type)
    assert parts.redis.keys("kartu:*") == []


def test_validation(client):
    response = client.post(URL, json={"image": PNG, "flipImage": 1})
    assert response.status_code == 400
    assert response.json["message"] == "Input payload validation failed."
    assert set(response.json["errors"]) == {"flipImage", "errorId"}


def test_unauthorized(app):
    response = app.test_client().post(URL, json={"image": PNG})
    refused(response, 401, "unauthorized")
    assert response.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize(
    ("scope", "method", "path"),
    [
        ("jobs:submit", "post", URL),
        ("jobs:submit", "post", f"{URL}/batches"),
        ("jobs:read", "get", f"{URL}/{uuid.uuid4()}"),
        ("jobs:read", "get", f"{URL}/batches/{uuid.uuid4()}"),
        ("jobs:purge", "delete", f"{URL}/{uuid.uuid4()}"),
        ("billing:read", "get", "/v1/billing/usage"),
        ("webhooks:manage", "get", "/v1/webhooks/deliveries"),
        ("webhooks:manage", "post", f"/v1/webhooks/deliveries/{uuid.uuid4()}/replay"),
        ("webhooks:manage", "post", "/v1/webhooks/test"),
    ],
)
def test_forbidden(client_of, scope, method, path):
    everything = {"jobs:submit", "jobs:read", "jobs:purge", "billing:read", "webhooks:manage"}
    refused(getattr(client_of(scopes=tuple(everything - {scope})), method)(path), 403, "forbidden")
    assert getattr(client_of(scopes=(scope,)), method)(path).status_code != 403


def test_not_found_and_gone(client):
    refused(client.get(f"{URL}/{uuid.uuid4()}"), 404, "not_found")
    refused(client.delete(f"{URL}/{uuid.uuid4()}"), 404, "not_found")
    location = client.post(URL, json={"image": PNG}).headers["Location"]
    assert client.delete(location).status_code == 200
    refused(client.get(location), 410, "gone")
    refused(client.delete(location), 410, "gone")


def test_a_job_that_has_expired_is_gone(client, client_of, parts):
    location = client.post(URL, json={"image": PNG}).headers["Location"]
    parts.redis.flushall()
    refused(client.get(location), 410, "gone")
    refused(client_of().get(location), 404, "not_found")


def test_idempotency_key_reused(client):
    headers = {"Idempotency-Key": "k-1"}
    assert client.post(URL, json={"image": PNG}, headers=headers).status_code == 202
    refused(client.post(URL, json={"image": PNG, "flipImage": True}, headers=headers), 422, "idempotency_key_reused")


def test_rate_limited(client_of):
    client = client_of(rate_per_minute=1)
    assert client.post(URL, json={"image": PNG}).status_code == 202
    response = client.post(URL, json={"image": PNG})
    refused(response, 429, "rate_limited")
    assert 1 <= int(response.headers["Retry-After"]) <= 60
    assert response.headers["RateLimit"].startswith('"minute";r=0;t=')
    assert response.headers["RateLimit-Policy"] == '"minute";q=1;w=60'


def test_queue_full(settings):
    app = create_app(replace(settings, queue_limit=1))
    client = app.test_client()
    headers = {"Authorization": f"Bearer {settings.bootstrap_key}"}
    assert client.post(URL, json={"image": PNG}, headers=headers).status_code == 202
    before = sorted(app.extensions[EXTENSION].redis.keys("*"))
    # Before the body is read: it would be refused for what is in it.
    response = client.post(URL, data=b"no JSON", headers=headers)
    refused(response, 503, "queue_full")
    assert int(response.headers["Retry-After"]) >= 1
    assert sorted(app.extensions[EXTENSION].redis.keys("*")) == before


@pytest.mark.parametrize("cause", UNAVAILABLE)
def test_service_unavailable(client, parts, monkeypatch, cause):
    def fail(*_, **__):
        raise cause("CANARY")

    monkeypatch.setattr(parts.intake, "_accept", fail)
    response = client.post(URL, json={"image": PNG})
    refused(response, 503, "service_unavailable")
    assert int(response.headers["Retry-After"]) >= 1
    assert "CANARY" not in response.text
