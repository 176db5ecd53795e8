"""The contract of one job: submit, wait, poll."""

import threading
import time
import uuid

import numpy as np
import orjson
import pytest

from shared.errors import CardNotFound
from shared.jobs import JobStore
from shared.records import BLOCKS, Outcome, ReadRequest
from shared.schemas import RESULT_FIELDS
from tests.api.conftest import PNG, URL
from tests.conftest import accept_job
from worker.pipeline.types import CardCrops, CardReading, ExtraFields, KtpFields, Quality, QualityMeasure


def finish_soon(jobs: JobStore, job_id: str, outcome: Outcome, delay_s: float = 0.2) -> None:
    def end():
        time.sleep(delay_s)
        jobs.finish(jobs.claim(job_id, "m1"), outcome)

    threading.Thread(target=end).start()


READ = Outcome("OK", True, result=dict.fromkeys(RESULT_FIELDS), information={"tilt": 0.0, "cardDetected": True})


def test_a_job_is_accepted_with_its_location(client, parts):
    response = client.post(URL, json={"image": PNG, "referenceId": "r-1"})
    assert response.status_code == 202
    data = response.json["data"]
    assert data == {"id": data["id"], "status": "queued", "referenceId": "r-1"}
    assert response.headers["Location"] == f"{URL}/{data['id']}"
    assert int(response.headers["Retry-After"]) >= 1
    assert response.headers["Cache-Control"] == "no-store"
    assert parts.queue.depth() == 1
    polled = client.get(response.headers["Location"])
    assert polled.status_code == 200
    assert polled.json["data"]["status"] == "queued"
    assert polled.headers["Retry-After"]


def test_a_worker_reads_the_card_and_the_wait_gives_the_result(client, worker):
    response = client.post(URL, json={"image": PNG, "checkFlipImage": True}, headers={"Prefer": "wait=20"})
    assert response.status_code == 200
    assert response.headers["Preference-Applied"] == "wait=20"
    assert response.json["message"] == "OK"
    data = response.json["data"]
    assert (data["status"], data["charged"]) == ("succeeded", True)
    assert list(data["result"]) == list(RESULT_FIELDS)
    assert data["result"]["identityId"]
    assert set(data["information"]) == {"tilt", "cardDetected", "flipped"}
    assert client.get(f"{URL}/{data['id']}").data == response.data


def test_every_block_is_the_same_in_the_answer_and_in_the_poll(client, worker, monkeypatch):
    good = QualityMeasure(1.0, "good")
    reading = CardReading(
        KtpFields(identity_id="3171", full_name="BUDI"),
        tilt=0.0,
        card_detected=True,
        flipped=False,
        confidence={"identity_id": 0.99876, "full_name": 0.5},
        boxes={"full_name": np.array([[1.04, 2.0], [3.0, 2.0], [3.0, 4.0], [1.0, 4.0]])},
        quality=Quality(good, good, good, good, good, good, glare_fields=("full_name",)),
        extra=ExtraFields(blood_type="O"),
        crops=CardCrops(b"\xff\xd8\xff", None),
    )
    asked = []

    def read_card(_, options, *__):
        asked.append(options.include)
        return reading

    monkeypatch.setattr("worker.tasks.read_card", read_card)
    answer = client.post(URL, json={"image": PNG, "include": list(BLOCKS)}, headers={"Prefer": "wait=20"})
    assert answer.status_code == 200
    assert asked == [set(BLOCKS)]
    data = answer.json["data"]
    assert list(data)[-len(BLOCKS) :] == list(BLOCKS)
    assert data["confidence"] == dict.fromkeys(RESULT_FIELDS) | {"identityId": 0.9988, "fullName": 0.5}
    assert data["boxes"]["fullName"][0] == [1.0, 2.0]
    assert data["quality"]["glare"] == {"value": 1.0, "verdict": "good", "fields": ["fullName"]}
    assert data["extra"] == {"bloodType": "O", "validUntil": None, "issuedPlace": None, "issuedDate": None}
    assert data["crops"] == {"photo": "/9j/", "signature": None}
    assert client.get(f"{URL}/{data['id']}").data == answer.data


def test_a_failed_job_is_its_own_error_when_waited_for_and_200_when_polled(client, parts, worker, monkeypatch):
    def no_card(*_):
        raise CardNotFound()

    monkeypatch.setattr("worker.tasks.read_card", no_card)
    response = client.post(URL, json={"image": PNG}, headers={"Prefer": "wait=20"})
    assert response.status_code == 422
    assert response.json["errors"]["errorType"] == "card_not_found"
    assert (response.json["data"]["status"], response.json["data"]["charged"]) == ("failed", True)
    assert "result" not in response.json["data"]
    polled = client.get(f"{URL}/{response.json['data']['id']}")
    assert (polled.status_code, polled.data) == (200, response.data)


def test_a_wait_that_runs_out_is_202(client):
    started = time.monotonic()
    response = client.post(URL, json={"image": PNG}, headers={"Prefer": "wait=1"})
    assert response.status_code == 202
    assert response.headers["Preference-Applied"] == "wait=1"
    assert 0.9 < time.monotonic() - started < 5


def test_a_long_poll_ends_with_the_job(client, parts):
    job_id = accept_job(parts.redis, parts.settings, owner="bootstrap")
    finish_soon(parts.jobs, job_id, READ)
    started = time.monotonic()
    response = client.get(f"{URL}/{job_id}", headers={"Prefer": "wait=30"})
    assert response.json["data"]["status"] == "succeeded"
    assert time.monotonic() - started < 10


def test_many_waiters_are_all_woken(app, client, parts):
    job_id = accept_job(parts.redis, parts.settings, owner="bootstrap")
    statuses = []

    def wait():
        found = app.test_client().get(
            f"{URL}/{job_id}", headers={"Prefer": "wait=30", "Authorization": "Bearer test-bootstrap-key"}
        )
        statuses.append(found.json["data"]["status"])

    threads = [threading.Thread(target=wait) for _ in range(20)]
    for thread in threads:
        thread.start()
    time.sleep(0.3)
    parts.jobs.finish(parts.jobs.claim(job_id, "m1"), READ)
    for thread in threads:
        thread.join(10)
    assert statuses == ["succeeded"] * 20


@pytest.mark.parametrize("prefer", ["wait=soon", "wait", "wait=-1", "respond-async", "wait=0", 'wait=""', "wait=²"])
def test_a_preference_that_makes_no_sense_is_ignored(client, prefer):
    response = client.post(URL, json={"image": PNG}, headers={"Prefer": prefer})
    assert response.status_code == 202
    assert "Preference-Applied" not in response.headers


@pytest.mark.parametrize("prefer", ["respond-async, wait=99999999999", "WAIT=90; foo", 'wait="90"'])
def test_a_wait_is_cut_to_the_longest_allowed(client, parts, prefer):
    job_id = accept_job(parts.redis, parts.settings, owner="bootstrap")
    parts.jobs.finish(parts.jobs.claim(job_id, "m1"), READ)
    response = client.get(f"{URL}/{job_id}", headers={"Prefer": prefer})
    assert response.headers["Preference-Applied"] == "wait=60"


def test_another_keys_job_is_unknown(client, parts):
    job_id = accept_job(parts.redis, parts.settings, owner="somebody-else")
    foreign = client.get(f"{URL}/{job_id}")
    unknown = client.get(f"{URL}/{uuid.uuid4()}")
    assert foreign.status_code == unknown.status_code == 404
    assert foreign.json["message"] == unknown.json["message"]


def test_a_created_key_opens_its_own_jobs_until_revoked(app, parts):
    record, plain = parts.keys.create("client")
    client = app.test_client()
    headers = {"Authorization": f"bearer {plain}"}
    location = client.post(URL, json={"image": PNG}, headers=headers).headers["Location"]
    assert client.get(location, headers=headers).status_code == 200
    parts.keys.revoke(record.id)
    assert client.get(location, headers=headers).status_code == 401


def test_the_job_holds_the_flags_as_sent(client, parts):
    flags = {"cardDetect": False, "passCardDetect": False, "flipImage": True, "checkFlipImage": True}
    job_id = client.post(URL, json={"image": PNG, **flags, "include": ["extra", "boxes"]}).json["data"]["id"]
    assert parts.jobs.get(job_id).request == ReadRequest(False, False, True, True, include=("boxes", "extra"))


def test_the_document_is_plain_utf8_json(client, parts):
    job_id = accept_job(parts.redis, parts.settings, ReadRequest(reference_id="é-1"), owner="bootstrap")
    response = client.get(f"{URL}/{job_id}")
    assert response.mimetype == "application/json"
    assert orjson.loads(response.data)["data"]["referenceId"] == "é-1"
