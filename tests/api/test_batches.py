"""Batches: each item on its own, all stored at once."""

import uuid
from dataclasses import replace

import pytest
from redis.exceptions import ConnectionError

from api import create_app
from tests.api.conftest import PNG, URL

BATCHES = f"{URL}/batches"


def test_each_item_is_accepted_or_refused_on_its_own(client, parts):
    items = [
        {"image": PNG, "referenceId": "a"},
        {"image": "%", "referenceId": "b"},
        {"flipImage": True},
        5,
        {"image": PNG},
    ]
    response = client.post(BATCHES, json={"items": items})
    assert response.status_code == 202
    data = response.json["data"]
    assert response.headers["Location"] == f"{BATCHES}/{data['id']}"
    assert [item["status"] for item in data["items"]] == ["queued", "rejected", "rejected", "rejected", "queued"]
    assert [item["index"] for item in data["items"]] == [0, 1, 2, 3, 4]
    assert [item.get("referenceId") for item in data["items"]] == ["a", "b", None, None, None]
    assert data["items"][1]["errors"]["errorType"] == "invalid_base64_encoding"
    assert set(data["items"][2]["errors"]) == {"image", "errorId"}
    assert data["counts"] == {"queued": 2, "processing": 0, "succeeded": 0, "failed": 0, "rejected": 3, "gone": 0}
    assert parts.queue.depth() == 2
    assert client.get(response.headers["Location"]).json == response.json


def test_results_are_in_the_items_documents(client, worker):
    data = client.post(BATCHES, json={"items": [{"image": PNG}] * 3}).json["data"]
    for item in data["items"]:
        document = client.get(f"{URL}/{item['id']}", headers={"Prefer": "wait=20"}).json
        assert document["data"]["status"] == "succeeded"
    assert client.get(f"{BATCHES}/{data['id']}").json["data"]["counts"]["succeeded"] == 3


def test_an_idempotency_key_makes_one_batch(client, parts):
    payload = {"items": [{"image": PNG}, {"image": "%"}]}
    first, again = (client.post(BATCHES, json=payload, headers={"Idempotency-Key": "k"}) for _ in range(2))
    assert first.json == again.json
    assert parts.queue.depth() == 1
    # The same key for a single image is another payload.
    assert client.post(URL, json={"image": PNG}, headers={"Idempotency-Key": "k"}).status_code == 422


@pytest.mark.parametrize(
    "payload", [{}, {"items": []}, {"items": {}}, {"items": [{"image": PNG}] * 51}, [], {"items": [], "colour": 1}]
)
def test_batches_that_are_none(client, parts, payload):
    response = client.post(BATCHES, json=payload)
    assert response.status_code == 400
    assert response.json["message"] == "Input payload validation failed."
    assert parts.redis.keys("kartu:batch:*") == parts.redis.keys("kartu:job:*") == []


def test_other_limits_hold_for_the_whole(settings, client_of):
    small = create_app(replace(settings, queue_limit=2)).test_client()
    headers = {"Authorization": f"Bearer {settings.bootstrap_key}"}
    assert small.post(BATCHES, json={"items": [{"image": PNG}] * 3}, headers=headers).status_code == 503
    client = client_of(rate_per_minute=4)
    assert client.post(BATCHES, json={"items": [{"image": PNG}] * 3}).headers["RateLimit"].startswith('"minute";r=1')
    assert client.post(BATCHES, json={"items": [{"image": PNG}] * 3}).status_code == 429


def test_anothers_batch_is_unknown_and_an_expired_one_gone(client, client_of, parts):
    location = client.post(BATCHES, json={"items": [{"image": PNG}]}).headers["Location"]
    assert client_of().get(location).status_code == 404
    assert client.get(f"{BATCHES}/{uuid.uuid4()}").status_code == 404
    parts.redis.flushall()
    assert client.get(location).status_code == 410


def test_a_batch_that_waits_as_it_is_told_comes_through(client_of, parts):
    client = client_of(rate_per_minute=6)
    batch = {"items": [{"image": PNG}] * 3}
    assert client.post(BATCHES, json={"items": [{"image": PNG}] * 5}).status_code == 202
    refused = client.post(BATCHES, json=batch)
    assert refused.status_code == 429
    # What is left is still there, and what is told is what it takes.
    assert refused.headers["RateLimit"].startswith('"minute";r=1;')
    assert 19 <= int(refused.headers["Retry-After"]) <= 20
    full_at = float(parts.redis.get(f"kartu:rate:{client.key_id}"))
    parts.redis.set(f"kartu:rate:{client.key_id}", full_at - 1000 * int(refused.headers["Retry-After"]))
    assert client.post(BATCHES, json=batch).status_code == 202


def test_a_batch_larger_than_the_rate_takes_all_of_it(client_of):
    client = client_of(rate_per_minute=5)
    assert client.post(BATCHES, json={"items": [{"image": PNG}] * 6}).status_code == 202
    assert client.post(BATCHES, json={"items": [{"image": PNG}]}).status_code == 429


def test_a_batch_that_is_accepted_is_never_answered_with_503(client, parts, monkeypatch):
    def fail(*_):
        raise ConnectionError("CANARY")

    monkeypatch.setattr(parts.batches, "get", fail)
    answer = client.post(BATCHES, json={"items": [{"image": PNG, "referenceId": "a"}, {"image": "%"}]})
    assert answer.status_code == 202
    first, second = answer.json["data"]["items"]
    assert (first["status"], first["referenceId"], second["status"]) == ("queued", "a", "rejected")
    assert client.get(f"{URL}/{first['id']}").json["data"]["status"] == "queued"


def test_the_id_of_a_batch_is_that_of_no_job(client):
    batch_id = client.post(BATCHES, json={"items": [{"image": PNG}]}).json["data"]["id"]
    assert client.get(f"{URL}/{batch_id}").status_code == 404
    job_id = client.post(URL, json={"image": PNG}).json["data"]["id"]
    assert client.get(f"{BATCHES}/{job_id}").status_code == 404
