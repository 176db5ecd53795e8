"""Health, readiness and metrics."""

import time
from dataclasses import replace

from api import create_app
from shared.heartbeats import beat
from tests.api.conftest import PNG, URL


def lines_of(response) -> dict[str, float]:
    pairs = (line.rsplit(" ", 1) for line in response.text.splitlines() if not line.startswith("#"))
    return {name: float(value) for name, value in pairs}


def test_alive_and_ready(client, parts):
    beat(parts.redis, "a")
    assert client.get("/healthz").json == {"status": "ok"}
    assert client.get("/readyz").json == {"status": "ok", "workers": 1, "waiting": 0}


def test_not_ready_while_jobs_wait_for_nobody(client, parts):
    client.post(URL, json={"image": PNG})
    assert client.get("/readyz").status_code == 200
    (job_id,) = parts.redis.zrange("kartu:waiting", 0, -1)
    parts.redis.zadd("kartu:waiting", {job_id: (time.time() - 100) * 1000})
    response = client.get("/readyz")
    assert (response.status_code, response.json["errors"]["errorType"]) == (503, "service_unavailable")
    beat(parts.redis, "a")
    assert client.get("/readyz").status_code == 200
    parts.redis.zadd("kartu:waiting", {job_id: (time.time() - 1000) * 1000})
    assert client.get("/readyz").status_code == 503
    assert client.get("/healthz").status_code == 200


def test_metrics_count_what_happened(client, worker, parts):
    before = lines_of(client.get("/metrics"))
    client.post(URL, json={"image": PNG}, headers={"Prefer": "wait=20"})
    client.post(URL, json={"image": "%"})
    client.get("/nowhere/CANARY")
    beat(parts.redis, "a")
    # A job is counted when it has ended, which is when whoever waits for it is woken.
    ended, deadline = 'kartu_jobs_ended_total{outcome="succeeded"}', time.monotonic() + 5
    while True:
        response = client.get("/metrics")
        after = lines_of(response)
        if after.get(ended, 0.0) > before.get(ended, 0.0) or time.monotonic() > deadline:
            break
    assert response.content_type.startswith("text/plain; version=")

    def grown(name: str) -> float:
        return after[name] - before.get(name, 0.0)

    assert grown('kartu_http_requests_total{endpoint="ktp.submit",method="POST",status="200"}') == 1
    assert grown('kartu_http_requests_total{endpoint="ktp.submit",method="POST",status="400"}') == 1
    assert grown('kartu_http_requests_total{endpoint="none",method="GET",status="404"}') == 1
    assert grown('kartu_http_refusals_total{error_type="invalid_base64_encoding"}') == 1
    assert grown(ended) == 1
    assert grown("kartu_reading_seconds_count") == grown("kartu_waited_seconds_count") == 1
    # The one that was waited for says nothing of how fast the API is.
    assert grown('kartu_http_request_seconds_count{endpoint="ktp.submit"}') == 1
    assert (after["kartu_redis_up"], after["kartu_workers_alive"], after["kartu_queue_jobs"]) == (1, 1, 0)
    assert "CANARY" not in response.text


def test_metrics_without_redis(settings, unused_port):
    app = create_app(replace(settings, redis_url=f"redis://127.0.0.1:{unused_port}/0"))
    found = lines_of(app.test_client().get("/metrics"))
    assert found["kartu_redis_up"] == 0
    assert "kartu_queue_jobs" not in found


def test_no_text_of_a_clients_becomes_a_label(client):
    client.open("/healthz", method="NIK3171234507900077")
    found = client.get("/metrics").text
    assert "NIK" not in found
    assert 'method="other"' in found


def test_nobody_is_woken_for_what_the_sandbox_plays(client_of, worker):
    client = client_of(sandbox=True)
    before = lines_of(client.get("/metrics"))
    client.post(URL, json={"image": "sandbox:processing_failed"}, headers={"Prefer": "wait=20"})
    client.post(URL, json={"image": "sandbox:queue_full"})
    after = lines_of(client.get("/metrics"))
    for name in (
        'kartu_jobs_ended_total{outcome="processing_failed"}',
        'kartu_http_refusals_total{error_type="queue_full"}',
    ):
        assert after.get(name) == before.get(name)
