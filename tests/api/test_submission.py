"""What a submission can bring along: an idempotency key, a key in the body, a wait; and what it is told."""

import json
import threading
from dataclasses import replace

import pytest
from redis.exceptions import ConnectionError

from api import create_app
from api.services import EXTENSION
from tests.api.conftest import PNG, URL
from tests.redis_contents import everything


def test_the_same_key_and_payload_give_the_same_job(client, parts):
    payload = {"image": PNG, "referenceId": "r", "flipImage": False}
    first = client.post(URL, json=payload, headers={"Idempotency-Key": "k"})
    # The order of fields is no difference.
    again = client.post(URL, json=dict(reversed(payload.items())), headers={"Idempotency-Key": "k"})
    assert again.status_code == 202
    assert (again.json, again.headers["Location"]) == (first.json, first.headers["Location"])
    assert parts.queue.depth() == 1


def test_a_repeated_submission_gives_the_result_to_who_waits(client, worker):
    headers = {"Idempotency-Key": "k", "Prefer": "wait=20"}
    first, again = (client.post(URL, json={"image": PNG}, headers=headers) for _ in range(2))
    assert (again.status_code, again.data) == (first.status_code, first.data) == (200, first.data)
    told = client.post(URL, json={"image": PNG}, headers={"Idempotency-Key": "k"})
    assert (told.status_code, told.json["data"]["status"]) == (202, "succeeded")


def test_a_repeated_submission_of_a_deleted_job_is_gone(client):
    location = client.post(URL, json={"image": PNG}, headers={"Idempotency-Key": "k"}).headers["Location"]
    client.delete(location)
    assert client.post(URL, json={"image": PNG}, headers={"Idempotency-Key": "k"}).status_code == 410


def test_a_refused_request_is_not_kept(client):
    assert client.post(URL, json={"image": "%"}, headers={"Idempotency-Key": "k"}).status_code == 400
    assert client.post(URL, json={"image": PNG}, headers={"Idempotency-Key": "k"}).status_code == 202


@pytest.mark.parametrize("key", ["", "x" * 256, "k\u00e9y"])
def test_keys_that_are_none(client, parts, key):
    response = client.post(URL, json={"image": PNG}, headers={"Idempotency-Key": key.encode().decode("latin-1")})
    assert response.status_code == 400
    assert "Idempotency-Key" in response.json["errors"]
    assert parts.redis.keys("kartu:job:*") == []


def test_two_clients_that_race_with_one_key_make_one_job(app, client, parts):
    authorization = client.environ_base["HTTP_AUTHORIZATION"]
    headers = {"Authorization": authorization, "Idempotency-Key": "race"}
    found = []

    def race():
        found.append(app.test_client().post(URL, json={"image": PNG}, headers=headers))

    threads = [threading.Thread(target=race) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {response.status_code for response in found} == {202}
    assert len({response.json["data"]["id"] for response in found}) == 1
    assert len(parts.redis.keys("kartu:job:*")) == parts.queue.depth() == 1


def test_a_key_in_the_body_is_accepted_where_the_setting_says_so(settings):
    closed = create_app(settings).test_client()
    assert closed.post(URL, json={"image": PNG, "key": settings.bootstrap_key}).status_code == 401
    app = create_app(replace(settings, key_in_body=True))
    client = app.test_client()
    assert client.post(URL, json={"image": PNG, "key": settings.bootstrap_key}).status_code == 202
    assert client.post(URL, json={"image": PNG, "key": "wrong"}).status_code == 401
    assert client.post(URL, json={"image": PNG, "key": 5}).status_code == 401
    assert client.post(URL, json=[1]).status_code == 401
    headers = {"Authorization": f"Bearer {settings.bootstrap_key}"}
    assert client.post(URL, json={"image": PNG, "key": "x"}, headers=headers).status_code == 202
    assert settings.bootstrap_key.encode() not in everything(app.extensions[EXTENSION].redis)


def test_a_length_that_is_too_large_is_refused_before_anything_is_read(app):
    class Unread:
        def read(self, *_):
            raise AssertionError("the body was read")

    environment = {"CONTENT_LENGTH": str(10**9), "HTTP_EXPECT": "100-continue", "wsgi.input": Unread()}
    response = app.test_client().post(URL, environ_overrides=environment)
    assert (response.status_code, response.json["errors"]["errorType"]) == (413, "image_too_large")


def test_a_chunked_body_that_is_too_large_is_cut_off(app, client):
    body = json.dumps({"image": "A" * 4_000_000}).encode()
    response = client.post(
        URL,
        input_stream=__import__("io").BytesIO(body),
        content_type="application/json",
        environ_overrides={"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True},
    )
    assert response.status_code == 413


def test_retry_after_follows_the_queue(client, parts):
    first = client.post(URL, json={"image": PNG})
    assert first.headers["Retry-After"] == "1"
    parts.redis.hset("kartu:pace", "interval", 2500)
    for _ in range(3):
        client.post(URL, json={"image": PNG})
    last = client.post(URL, json={"image": PNG})
    assert 9 <= int(last.headers["Retry-After"]) <= 11
    assert client.get(last.headers["Location"]).headers["Retry-After"] == "10"
    assert client.get(first.headers["Location"]).headers["Retry-After"] == "1"


def test_a_key_without_the_right_to_read_gets_no_result_by_waiting(client_of, worker):
    client = client_of(scopes=("jobs:submit",), default_wait_s=20)
    response = client.post(URL, json={"image": PNG}, headers={"Prefer": "wait=20"})
    assert response.status_code == 202
    assert "Preference-Applied" not in response.headers


def test_limits_are_told_with_every_submission(client_of):
    client = client_of(rate_per_minute=10, quota_per_day=2)
    responses = [client.post(URL, json={"image": PNG}) for _ in range(3)]
    assert [response.status_code for response in responses] == [202, 202, 429]
    assert [response.headers["RateLimit"].split(";")[1] for response in responses] == ["r=9", "r=8", "r=8"]
    assert responses[0].headers["RateLimit-Policy"] == '"minute";q=10;w=60, "day";q=2;w=86400'
    assert int(responses[2].headers["Retry-After"]) <= 86400
    assert "RateLimit" in client.post(URL, json={}).headers


def test_the_retention_of_a_key(client_of, parts):
    location = client_of(image_ttl_s=60, result_ttl_s=30).post(URL, json={"image": PNG}).headers["Location"]
    job_id = location.rsplit("/", 1)[1]
    assert parts.redis.ttl(f"kartu:image:{job_id}") <= 60
    assert parts.redis.ttl(f"kartu:job:{job_id}") <= 90
    claim = parts.jobs.claim(job_id, "m")
    from shared.records import Outcome

    parts.jobs.finish(claim, Outcome("OK", True))
    assert parts.redis.ttl(f"kartu:job:{job_id}") <= 30


@pytest.mark.parametrize("limits", [{"rate_per_minute": 1}, {"quota_per_day": 1}])
def test_a_repeated_submission_pays_nothing(client_of, limits):
    client, headers = client_of(**limits), {"Idempotency-Key": "k"}
    first = client.post(URL, json={"image": PNG}, headers=headers)
    again = client.post(URL, json={"image": PNG}, headers=headers)
    assert (first.status_code, again.status_code) == (202, 202)
    assert first.json["data"]["id"] == again.json["data"]["id"]
    assert client.post(URL, json={"image": PNG}).status_code == 429


def test_a_repeated_submission_is_answered_by_a_full_queue_too(settings):
    app = create_app(replace(settings, queue_limit=1))
    client, headers = app.test_client(), {"Authorization": f"Bearer {settings.bootstrap_key}", "Idempotency-Key": "k"}
    first, again = (client.post(URL, json={"image": PNG}, headers=headers) for _ in range(2))
    assert (again.status_code, again.json) == (202, first.json)


def test_what_is_left_of_the_day_is_told_after_the_acceptance(client_of):
    client = client_of(quota_per_day=2)
    left = [client.post(URL, json={"image": PNG}).headers["RateLimit"] for _ in range(2)]
    assert ['"day";r=1;' in left[0], '"day";r=0;' in left[1]] == [True, True]


def test_an_accepted_job_is_never_answered_with_503(client, parts, monkeypatch):
    def fail(*_):
        raise ConnectionError("CANARY")

    monkeypatch.setattr(parts.jobs, "retry_after_s", fail)
    answer = client.post(URL, json={"image": PNG}, headers={"Prefer": "wait=1"})
    assert answer.status_code == 202
    assert int(answer.headers["Retry-After"]) >= 1


def test_where_too_many_wait_already_nobody_else_is_held(settings):
    client = create_app(replace(settings, max_held=0)).test_client()
    headers = {"Authorization": f"Bearer {settings.bootstrap_key}", "Prefer": "wait=60"}
    answer = client.post(URL, json={"image": PNG}, headers=headers)
    assert answer.status_code == 202
    assert "Preference-Applied" not in answer.headers
    assert client.get(answer.headers["Location"], headers=headers).json["data"]["status"] == "queued"


def test_the_body_is_not_read_for_a_key_that_the_header_has(settings):
    client = create_app(replace(settings, key_in_body=True, queue_limit=0)).test_client()
    headers = {"Authorization": f"Bearer {settings.bootstrap_key}", "Content-Type": "application/json"}
    assert client.post(URL, data=b"no JSON", headers=headers).status_code == 503
