"""Polling and deleting a job: conditional requests, the purge record, the audit trail."""

import logging

from shared.audit import AUDIT_LOGGER
from shared.logs import JsonFormatter
from shared.records import Outcome
from tests.api.conftest import PNG, URL


def test_a_poller_gets_304_until_something_changed(client, parts, worker):
    response = client.post(URL, json={"image": PNG}, headers={"Prefer": "wait=20"})
    location = f"{URL}/{response.json['data']['id']}"
    first = client.get(location)
    etag = first.headers["ETag"]
    again = client.get(location, headers={"If-None-Match": etag})
    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", etag)
    assert client.get(location, headers={"If-None-Match": '"other"'}).status_code == 200
    # If-Match is for those who change something.
    assert client.get(location, headers={"If-Match": '"other"'}).status_code == 200


def test_a_job_in_the_queue_is_polled_cheaply_too(client, parts):
    location = client.post(URL, json={"image": PNG}).headers["Location"]
    etag = client.get(location).headers["ETag"]
    waiting = client.get(location, headers={"If-None-Match": etag})
    assert waiting.status_code == 304
    assert waiting.headers["Retry-After"]
    parts.jobs.claim(location.rsplit("/", 1)[1], "m")
    assert client.get(location, headers={"If-None-Match": etag}).status_code == 200


def test_deleting_removes_all_and_says_so(client, parts, worker):
    response = client.post(URL, json={"image": PNG, "referenceId": "r-1"}, headers={"Prefer": "wait=20"})
    job_id = response.json["data"]["id"]
    purged = client.delete(f"{URL}/{job_id}")
    assert purged.status_code == 200
    record = purged.json["data"]
    assert record == {"id": job_id, "referenceId": "r-1", "status": "succeeded", "purgedAt": record["purgedAt"]}
    assert parts.redis.keys(f"*{job_id}*") == []


def test_deleting_a_queued_job_cancels_it_and_wakes_who_waits(client, parts):
    location = client.post(URL, json={"image": PNG}).headers["Location"]
    purged = client.delete(location)
    assert purged.json["data"]["status"] == "cancelled"
    assert parts.jobs.claim(location.rsplit("/", 1)[1], "m") is None


def test_nobody_deletes_anothers_job(client, client_of):
    location = client.post(URL, json={"image": PNG}).headers["Location"]
    assert client_of().delete(location).status_code == 404
    assert client.get(location).status_code == 200


def test_reads_and_purges_are_in_the_audit_trail_without_what_was_read(client, worker, caplog):
    caplog.set_level(logging.INFO, logger=AUDIT_LOGGER)
    response = client.post(URL, json={"image": PNG, "referenceId": "CANARY"}, headers={"Prefer": "wait=20"})
    location = f"{URL}/{response.json['data']['id']}"
    etag = client.get(location).headers["ETag"]
    client.get(location, headers={"If-None-Match": etag})
    client.delete(location)
    lines = [record for record in caplog.records if record.name == AUDIT_LOGGER]
    assert [line.getMessage() for line in lines] == ["result read", "result read", "job purged"]
    assert {line.key_id for line in lines} == {"bootstrap"}
    assert {line.job_id for line in lines} == {response.json["data"]["id"]}
    written = "".join(JsonFormatter().format(line) for line in lines)
    assert "CANARY" not in written
    assert response.json["data"]["result"]["fullName"] not in written


def test_a_job_that_ends_while_it_is_deleted_is_told_as_it_was(client, parts, monkeypatch):
    location = client.post(URL, json={"image": PNG}).headers["Location"]
    purge = parts.jobs.purge

    def end_first(job):
        parts.jobs.finish(parts.jobs.claim(job.id, "m"), Outcome("OK", True))
        return purge(job)

    monkeypatch.setattr(parts.jobs, "purge", end_first)
    assert client.delete(location).json["data"]["status"] == "succeeded"
