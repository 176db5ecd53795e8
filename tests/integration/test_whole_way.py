"""A card in, its fields out: HTTP, Valkey, a Celery worker and real OCR."""

import base64
import http.client
import json
import re
import socket
import subprocess
import time

import pytest

from shared.settings import Settings
from tests.conftest import DATA, README
from tests.integration.conftest import KEY, Service
from tests.redis_contents import everything

URL = "/v1/ocr/id/ktp"
SAMPLE = DATA / "sample.jpg"


@pytest.fixture(scope="module")
def truth() -> dict:
    return {card["file"]: card for card in json.loads((DATA / "cards.json").read_text())}


def request(service: Service, method: str, path: str, body: bytes | None = None, **headers: str):
    connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=90)
    given = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
    connection.request(method, path, body, given | {name.replace("_", "-"): value for name, value in headers.items()})
    answer = connection.getresponse()
    return answer, json.loads(answer.read())


def payload(image: bytes, **more) -> bytes:
    return json.dumps({"image": base64.b64encode(image).decode()} | more).encode()


def wait_for(condition, within_s: float):
    deadline = time.monotonic() + within_s
    while not (found := condition()):
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.02)
    return found


def test_the_sample_is_read_right_in_all_15_fields(service, truth):
    answer, document = request(service, "POST", URL, payload(SAMPLE.read_bytes(), referenceId="r"), Prefer="wait=60")
    assert answer.status == 200
    data = document["data"]
    assert data["result"] == truth["sample.jpg"]["fields"]
    assert data["information"]["cardDetected"] is True
    assert data["referenceId"] == "r"
    polled, again = request(service, "GET", f"{URL}/{data['id']}")
    assert (polled.status, again) == (200, document)
    assert service.redis.keys("kartu:image:*") == []


def test_a_poll_sees_the_job_end(service, truth):
    answer, accepted = request(service, "POST", URL, payload(SAMPLE.read_bytes()))
    assert answer.status == 202
    _, document = request(service, "GET", answer.headers["Location"], Prefer="wait=60")
    assert document["data"]["status"] == "succeeded"
    assert document["data"]["id"] == accepted["data"]["id"]


def test_a_desk_without_a_card_fails_and_is_charged(service, truth):
    image = next((DATA / name).read_bytes() for name, card in truth.items() if card.get("expect") == "text_not_found")
    answer, document = request(service, "POST", URL, payload(image), Prefer="wait=60")
    assert answer.status == 422
    assert document["errors"]["errorType"] == "text_not_found"
    assert document["data"]["charged"] is True
    answer, document = request(service, "POST", URL, payload(image, passCardDetect=False), Prefer="wait=60")
    assert document["errors"]["errorType"] == "card_not_found"


def test_a_body_over_the_limit_gets_its_answer_and_no_broken_connection(service):
    answer, document = request(service, "POST", URL, payload(b"\xff\xd8\xff" + b"\0" * 3 * 1024 * 1024))
    assert answer.status == 413
    assert document["errors"]["errorType"] == "image_too_large"


def test_a_chunked_body_over_the_limit_or_broken_gets_its_answer(service):
    connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=60)
    headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
    connection.request("POST", URL, iter([b" " * 65536] * 64), headers, encode_chunked=True)
    answer = connection.getresponse()
    assert (answer.status, json.loads(answer.read())["errors"]["errorType"]) == (413, "image_too_large")
    connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=60)
    connection.putrequest("POST", URL)
    for name, value in (headers | {"Transfer-Encoding": "chunked"}).items():
        connection.putheader(name, value)
    connection.endheaders()
    connection.send(b"zz\r\nnot a chunk\r\n")
    answer = connection.getresponse()
    assert answer.status == 400
    assert "errorId" in json.loads(answer.read())["errors"]


def test_a_key_that_is_wrong_is_said_before_the_body_is_read_and_after_it_was_sent(service):
    answer, document = request(service, "POST", URL, payload(b"x" * 1_000_000), Authorization="Bearer wrong")
    assert answer.status == 401
    assert document["errors"]["errorType"] == "unauthorized"


def test_clients_that_dribble_are_given_up(service):
    head = (
        f"POST {URL} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer wrong\r\n"
        "Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
    )
    with socket.create_connection(("127.0.0.1", service.port), timeout=30) as dribbling:
        dribbling.sendall(head.encode())
        assert dribbling.recv(1000).startswith(b"HTTP/1.1 401")


def test_a_worker_process_that_is_killed_loses_no_job(service, truth):
    _, accepted = request(service, "POST", URL, payload(SAMPLE.read_bytes()))
    job_id = accepted["data"]["id"]
    wait_for(lambda: service.redis.hget(f"kartu:job:{job_id}", "status") == b"processing", 60)
    for child in service.worker_children():
        child.kill()
    killed = time.monotonic()
    _, document = request(service, "GET", f"{URL}/{job_id}", Prefer="wait=60")
    # Its own message brings it back; the lease that the sweeper waits for is longer than the hard limit.
    assert time.monotonic() - killed < Settings().hard_limit_s
    assert document["data"]["status"] == "succeeded"
    assert document["data"]["result"] == truth["sample.jpg"]["fields"]
    assert int(service.redis.hget(f"kartu:job:{job_id}", "attempts")) == 2


def test_the_curl_examples_of_the_readme_work_as_they_stand(service, truth, tmp_path):
    block = next(block for block in re.findall(r"```sh\n(.*?)```", README, re.DOTALL) if "curl" in block)
    (tmp_path / ".kartu").mkdir()
    (tmp_path / ".kartu" / "key").write_text(KEY)
    (tmp_path / "tests").symlink_to(DATA.parent)
    script = block.replace("127.0.0.1:8000", f"127.0.0.1:{service.port}")
    done = subprocess.run(["sh", "-e"], input=script, cwd=tmp_path, capture_output=True, text=True, check=True)
    decoder, documents = json.JSONDecoder(), []
    rest = done.stdout.strip()
    while rest:
        document, end = decoder.raw_decode(rest)
        documents.append(document)
        rest = rest[end:].strip()
    assert [document["data"]["result"] for document in documents] == [truth["sample.jpg"]["fields"]] * 2
    assert {document["data"]["referenceId"] for document in documents} == {"order-17"}


def test_no_personal_data_is_in_any_log_or_plain_in_redis(service, truth):
    request(service, "POST", URL, payload(SAMPLE.read_bytes(), referenceId="CANARY-REF"), Prefer="wait=60")
    fields = truth["sample.jpg"]["fields"]
    image = SAMPLE.read_bytes()
    canaries = [fields["identityId"], fields["fullName"], fields["birthPlace"], "CANARY-REF"]
    # Whole groups of three bytes, so that they stand alike in the base64 of the request.
    canaries += [base64.b64encode(image[start : start + 48]).decode() for start in range(0, 3000, 300)]
    stored, log = everything(service.redis), service.log()
    assert stored
    for canary in canaries:
        assert canary not in log
        assert canary.encode() not in stored
    assert image[300:348] not in stored


def test_metrics_add_up_what_all_processes_have_counted(service):
    request(service, "POST", URL, payload(SAMPLE.read_bytes()), Prefer="wait=60")
    connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=10)

    def counted() -> dict[str, float]:
        connection.request("GET", "/metrics")
        lines = connection.getresponse().read().decode().splitlines()
        pairs = (line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
        return {name: float(value) for name, value in pairs}

    # Counted by the worker's child, served by the API.
    wait_for(lambda: counted().get('kartu_jobs_ended_total{outcome="succeeded"}', 0) >= 1, 10)
    assert counted()["kartu_reading_seconds_sum"] > 0
    # A child that another test has killed counts for half a minute more.
    assert counted()["kartu_workers_alive"] >= 1
