"""No client sees or changes anything of another's, at any endpoint: it is as unknown as what never was.

Every operation of the API must stand here, so a new one cannot be forgotten.
"""

from __future__ import annotations

import uuid

import pytest

from api.openapi.operations import PATHS
from tests.api.conftest import PNG, URL

JOB, BATCH, REPLAY = f"{URL}/{{id}}", f"{URL}/batches/{{id}}", "/v1/webhooks/deliveries/{id}/replay"
OF_ONE_THING = {("get", JOB), ("delete", JOB), ("get", BATCH), ("post", REPLAY)}
OWN_OR_NOBODYS = {
    ("post", URL): "makes something of one's own",
    ("post", f"{URL}/batches"): "makes something of one's own",
    ("post", "/v1/webhooks/test"): "makes something of one's own",
    ("get", "/v1/webhooks/deliveries"): "gives one's own webhooks",
    ("get", "/v1/billing/usage"): "gives one's own usage",
    ("get", "/healthz"): "holds nothing of a client",
    ("get", "/readyz"): "holds nothing of a client",
}


def operations() -> set[tuple[str, str]]:
    return {(method, path) for path, methods in PATHS.items() for method in methods}


def test_every_operation_is_thought_of():
    assert operations() == OF_ONE_THING | set(OWN_OR_NOBODYS)


@pytest.fixture
def owner(client_of):
    return client_of()


@pytest.fixture
def stranger(client_of):
    return client_of()


@pytest.fixture
def ids(owner, worker):
    """A job of the owner's that has ended and has a webhook, and a batch."""
    payload = {"image": PNG, "referenceId": "CANARY", "callbackUrl": "https://example.com/CANARY"}
    job = owner.post(URL, json=payload, headers={"Prefer": "wait=20"})
    batch = owner.post(f"{URL}/batches", json={"items": [{"image": PNG, "referenceId": "CANARY"}]})
    assert (job.status_code, batch.status_code) == (200, 202)
    job_id = job.json["data"]["id"]
    return {JOB: job_id, REPLAY: job_id, BATCH: batch.json["data"]["id"]}


@pytest.mark.parametrize(("method", "path"), sorted(OF_ONE_THING))
@pytest.mark.parametrize("headers", [{}, {"Prefer": "wait=1"}, {"If-None-Match": "*"}])
def test_what_is_anothers_does_not_exist(owner, stranger, ids, method, path, headers):
    address = path.replace("{id}", ids[path])
    refused = getattr(stranger, method)(address, headers=headers)
    unknown = getattr(stranger, method)(path.replace("{id}", str(uuid.uuid4())), headers=headers)
    assert refused.status_code == unknown.status_code == 404
    assert refused.json["message"] == unknown.json["message"]
    assert "CANARY" not in refused.text
    assert getattr(owner, "get" if method == "delete" else method)(address).status_code in (200, 202)


@pytest.mark.parametrize(("method", "path"), sorted(OF_ONE_THING))
def test_nor_without_a_key(app, ids, method, path):
    assert getattr(app.test_client(), method)(path.replace("{id}", ids[path])).status_code == 401


def test_a_batchs_jobs_are_not_a_way_in(owner, stranger, ids):
    job_id = owner.get(BATCH.replace("{id}", ids[BATCH])).json["data"]["items"][0]["id"]
    assert stranger.get(f"{URL}/{job_id}").status_code == 404
    assert stranger.delete(f"{URL}/{job_id}").status_code == 404


def test_usage_is_ones_own(owner, stranger, ids):
    assert owner.get("/v1/billing/usage").json["data"]["total"]["jobs"] >= 1
    assert stranger.get("/v1/billing/usage").json["data"]["total"] == {"jobs": 0, "charged": 0, "outcomes": {}}


def test_webhooks_are_ones_own(owner, stranger, ids):
    deliveries = "/v1/webhooks/deliveries"
    assert len(owner.get(deliveries).json["data"]["deliveries"]) == 1
    assert stranger.get(deliveries).json["data"]["deliveries"] == []
    assert stranger.get(f"{deliveries}?jobId={ids[JOB]}").status_code == 404


def test_the_idempotency_keys_of_two_clients_are_two(owner, stranger):
    headers = {"Idempotency-Key": "order-17"}
    first = owner.post(URL, json={"image": PNG}, headers=headers).json["data"]["id"]
    second = stranger.post(URL, json={"image": PNG}, headers=headers)
    assert second.status_code == 202
    assert second.json["data"]["id"] != first


def test_a_revoked_key_sees_nothing_more(owner, parts, ids):
    parts.keys.revoke(owner.key_id)
    for method, path in sorted(OF_ONE_THING):
        assert getattr(owner, method)(path.replace("{id}", ids[path])).status_code == 401


def test_an_id_cannot_be_counted_on(owner):
    """Ids of jobs that were made one after the other: none tells the next, and a changed one is nobody's."""
    ids = [owner.post(URL, json={"image": PNG}).json["data"]["id"] for _ in range(20)]
    assert len({each[-8:] for each in ids}) == 20
    number = uuid.UUID(ids[0]).int
    for neighbour in (number + 1, number - 1, number ^ (1 << 64)):
        assert owner.get(f"{URL}/{uuid.UUID(int=neighbour)}").status_code == 404
