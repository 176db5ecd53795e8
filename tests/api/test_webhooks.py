"""`callbackUrl`, and the resource of webhooks: deliveries, replay, test; each key sees its own."""

import uuid

import pytest

from shared.deliveries import AttemptResult
from tests.api.conftest import PNG, URL
from tests.redis_contents import everything

HOOK = "https://hooks.example.com/kartu?token=CANARY"
DELIVERIES = "/v1/webhooks/deliveries"
ARRIVED = AttemptResult("delivered", "up", 204, None, 0.25)
GONE = AttemptResult("dead", "up", 410, None, 0.25)


def read(client, **more):
    response = client.post(
        URL, json={"image": "sandbox:succeeded", "callbackUrl": HOOK} | more, headers={"Prefer": "wait=20"}
    )
    assert response.status_code == 200
    return response.json["data"]["id"]


def settle(parts, job_id, result):
    assert parts.deliveries.hand_over() == [job_id]
    assert parts.deliveries.settle(parts.deliveries.claim(job_id), result)


@pytest.fixture
def shop(client_of):
    return client_of(sandbox=True)


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example.com/",
        "https://127.0.0.1/",
        "https://2130706433/",
        "https://[::ffff:127.0.0.1]/",
        "https://user:CANARY@hooks.example.com/",
        "https://localhost/CANARY",
        "hooks.example.com",
        "",
        "https://hooks.example.com/" + "x" * 2048,
    ],
)
@pytest.mark.parametrize("language", ["en", "id"])
def test_a_callback_that_is_not_permitted_is_said(client, parts, url, language):
    response = client.post(URL, json={"image": PNG, "callbackUrl": url}, headers={"Accept-Language": language})
    assert response.status_code == 400
    assert set(response.json["errors"]) == {"callbackUrl", "errorId"}
    assert "CANARY" not in response.text
    assert parts.redis.keys("kartu:job:*") == []


@pytest.mark.parametrize("url", [1, None, ["x"], {}])
def test_a_callback_of_another_type_is_refused(client, url):
    assert set(client.post(URL, json={"image": PNG, "callbackUrl": url}).json["errors"]) == {"callbackUrl", "errorId"}
    assert set(client.post(f"{URL}/batches", json={"items": [{"image": PNG}], "callbackUrl": url}).json["errors"]) == {
        "callbackUrl",
        "errorId",
    }


def test_a_key_without_a_secret_cannot_ask_for_webhooks(app, parts):
    _, plain = parts.keys.create("none yet")
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {plain}"
    response = client.post(URL, json={"image": PNG, "callbackUrl": HOOK})
    assert response.status_code == 400
    assert "webhook secret" in response.json["errors"]["callbackUrl"][0]
    assert client.post(URL, json={"image": PNG}).status_code == 202


def test_neither_document_nor_redis_shows_the_callback(shop, worker, parts):
    job_id = read(shop)
    assert "CANARY" not in shop.get(f"{URL}/{job_id}").text
    assert "CANARY" not in shop.get(f"{DELIVERIES}?jobId={job_id}").text
    assert b"CANARY" not in everything(parts.redis)


def test_what_became_of_a_webhook(shop, worker, parts):
    job_id = read(shop)
    ((waiting),) = shop.get(f"{DELIVERIES}?jobId={job_id}").json["data"]["deliveries"]
    assert (waiting["id"], waiting["jobId"], waiting["state"], waiting["attempts"]) == (job_id, job_id, "pending", [])
    assert waiting["nextAttemptAt"] == waiting["createdAt"]
    settle(parts, job_id, AttemptResult("retry", "down", None, "timeout", 15.0))
    parts.deliveries.replay(job_id)
    settle(parts, job_id, ARRIVED)
    (delivered,) = shop.get(f"{DELIVERIES}?jobId={job_id}").json["data"]["deliveries"]
    assert delivered["state"] == "delivered"
    assert "nextAttemptAt" not in delivered
    first, second = delivered["attempts"]
    assert (first["error"], first["durationMs"]) == ("timeout", 15000)
    assert (second["status"], second["durationMs"]) == (204, 250)
    assert "status" not in first
    assert "error" not in second


def test_nothing_is_told_without_a_key(app):
    client = app.test_client()
    assert client.get(DELIVERIES).status_code == 401
    assert client.post(f"{DELIVERIES}/{uuid.uuid4()}/replay").status_code == 401
    assert client.post("/v1/webhooks/test", json={"callbackUrl": HOOK}).status_code == 401


def test_a_list_has_the_newest_of_the_own_key_only(shop, client_of, worker):
    ids = {read(shop) for _ in range(3)}
    other = client_of(sandbox=True)
    assert {each["id"] for each in shop.get(DELIVERIES).json["data"]["deliveries"]} == ids
    assert other.get(DELIVERIES).json["data"]["deliveries"] == []
    job_id = ids.pop()
    assert other.get(f"{DELIVERIES}?jobId={job_id}").status_code == 404
    assert other.post(f"{DELIVERIES}/{job_id}/replay").status_code == 404


def test_jobs_that_are_unknown_deleted_or_have_no_webhook(shop, worker):
    without = shop.post(URL, json={"image": "sandbox:succeeded"}, headers={"Prefer": "wait=20"}).json["data"]["id"]
    assert shop.get(f"{DELIVERIES}?jobId={without}").json["data"]["deliveries"] == []
    assert shop.post(f"{DELIVERIES}/{without}/replay").status_code == 404
    assert shop.get(f"{DELIVERIES}?jobId={uuid.uuid4()}").status_code == 404
    assert set(shop.get(f"{DELIVERIES}?jobId=CANARY").json["errors"]) == {"jobId", "errorId"}
    deleted = read(shop)
    assert shop.delete(f"{URL}/{deleted}").status_code == 200
    assert shop.get(f"{DELIVERIES}?jobId={deleted}").status_code == 410
    assert shop.post(f"{DELIVERIES}/{deleted}/replay").status_code == 410
    assert shop.get(DELIVERIES).json["data"]["deliveries"] == []


def test_a_job_that_has_not_ended_has_no_webhook_yet(shop):
    job_id = shop.post(URL, json={"image": "sandbox:slow", "callbackUrl": HOOK}).json["data"]["id"]
    assert shop.get(f"{DELIVERIES}?jobId={job_id}").json["data"]["deliveries"] == []


def test_a_dead_webhook_is_replayed(shop, worker, parts):
    job_id = read(shop)
    settle(parts, job_id, GONE)
    assert shop.get(f"{DELIVERIES}?jobId={job_id}").json["data"]["deliveries"][0]["state"] == "dead"
    response = shop.post(f"{DELIVERIES}/{job_id}/replay")
    assert (response.status_code, response.json["data"]["state"]) == (202, "pending")
    settle(parts, job_id, ARRIVED)
    assert len(shop.get(f"{DELIVERIES}?jobId={job_id}").json["data"]["deliveries"][0]["attempts"]) == 2


def test_a_batch_gives_its_callback_to_items_without_one(shop, worker, parts):
    items = [
        {"image": "sandbox:succeeded"},
        {"image": "sandbox:succeeded", "callbackUrl": "https://other.example/"},
        {"image": "sandbox:succeeded", "callbackUrl": "http://127.0.0.1/"},
        {"image": "sandbox:corrupted_image"},
    ]
    response = shop.post(f"{URL}/batches", json={"items": items, "callbackUrl": HOOK})
    assert response.status_code == 202
    described = response.json["data"]["items"]
    assert [each["status"] == "rejected" for each in described] == [False, False, True, True]
    assert "callbackUrl" in described[2]["errors"]
    urls = [parts.jobs.get(each["id"]).request.callback_url for each in described[:2]]
    assert urls == [HOOK, "https://other.example/"]


def test_a_batch_whose_own_callback_is_not_permitted_is_refused(shop, parts):
    response = shop.post(f"{URL}/batches", json={"items": [{"image": "sandbox:succeeded"}], "callbackUrl": "http://x"})
    assert response.status_code == 400
    assert set(response.json["errors"]) == {"callbackUrl", "errorId"}
    assert parts.redis.keys("kartu:job:*") == []


def test_a_test_is_a_job_that_is_played_and_not_charged(client_of, worker, parts):
    client = client_of()
    response = client.post("/v1/webhooks/test", json={"callbackUrl": HOOK})
    assert response.status_code == 202
    job_id = response.json["data"]["id"]
    assert response.headers["Location"] == f"{URL}/{job_id}"
    document = client.get(f"{URL}/{job_id}", headers={"Prefer": "wait=20"}).json
    assert document["data"]["result"]["fullName"] == "SITI SPECIMEN"
    assert document["data"]["charged"] is False
    assert parts.deliveries.hand_over() == [job_id]
    assert client.get("/v1/billing/usage").json["data"]["total"]["charged"] == 0


@pytest.mark.parametrize(
    ("payload", "field"),
    [
        ({}, "callbackUrl"),
        ({"callbackUrl": 1}, "callbackUrl"),
        ({"callbackUrl": "http://x"}, "callbackUrl"),
        ({"callbackUrl": HOOK, "image": "x"}, "image"),
        ([], "_schema"),
    ],
)
def test_a_test_that_is_none(client, payload, field):
    response = client.post("/v1/webhooks/test", json=payload)
    assert response.status_code == 400
    assert set(response.json["errors"]) == {field, "errorId"}


def test_nobody_can_name_the_scenario_of_a_test(shop):
    assert shop.post(URL, json={"image": "sandbox:webhook_test"}).status_code == 400


@pytest.mark.parametrize("scenario", ["webhook_retried", "webhook_dead"])
def test_jobs_whose_webhooks_fail_succeed(shop, worker, scenario):
    read(shop, image=f"sandbox:{scenario}")
