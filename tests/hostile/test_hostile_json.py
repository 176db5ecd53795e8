"""Bodies that are no honest request, against the real gunicorn: the contract's error, never a 5XX, and no job."""

from __future__ import annotations

import base64
import gzip
import http.client
import json
import uuid

import pytest

from tests.conftest import make_png
from tests.hostile.conftest import KEY, URL, Api

IMAGE = base64.b64encode(make_png(60, 60)).decode()
GOOD = json.dumps({"image": IMAGE})
DEEP = 100_000


def ask(api: Api, path: str, body: bytes, content_type: str = "application/json", **headers: str) -> tuple[int, dict]:
    connection = http.client.HTTPConnection("127.0.0.1", api.port, timeout=60)
    given = {"Authorization": f"Bearer {KEY}", "Content-Type": content_type, **headers}
    connection.request("POST", path, body, given)
    answer = connection.getresponse()
    document = json.loads(answer.read())
    connection.close()
    return answer.status, document


def with_field(name: str, value: str) -> bytes:
    """A good request with one more field, whose value is written as it stands."""
    return f'{{"image": "{IMAGE}", "{name}": {value}}}'.encode()


BODIES = {
    "arrays 100,000 deep": b"[" * DEEP + b"]" * DEEP,
    "objects 100,000 deep": b'{"a":' * DEEP + b"1" + b"}" * DEEP,
    "a field 100,000 deep": with_field("include", "[" * DEEP + "]" * DEEP),
    "a field 500 deep": with_field("include", "[" * 500 + "]" * 500),
    "NaN": with_field("cardDetect", "NaN"),
    "infinity": with_field("cardDetect", "-Infinity"),
    "a number of 100,000 digits": with_field("cardDetect", "9" * DEEP),
    "a number beyond every float": with_field("cardDetect", "1e999999"),
    "a number where text belongs": with_field("referenceId", "1e308"),
    "text where a flag belongs": with_field("flipImage", '"true"'),
    "half a pair of surrogates": with_field("referenceId", '"\\ud800"'),
    "an empty name": with_field("", "1"),
    "a name of the parser's": with_field("__proto__", '{"cardDetect": true}'),
    "100,000 fields": ("{" + ",".join(f'"f{number}": 1' for number in range(DEEP)) + "}").encode(),
    "two documents": (GOOD + GOOD).encode(),
    "a document and more": (GOOD + "x").encode(),
    "UTF-16": GOOD.encode("utf-16"),
    "UTF-32": GOOD.encode("utf-32"),
    "a byte order mark": b"\xef\xbb\xbf" + GOOD.encode(),
    "Latin-1": f'{{"image": "{IMAGE}", "referenceId": "café"}}'.encode("latin-1"),
    "overlong UTF-8": with_field("referenceId", '"x"').replace(b'"x"', b'"\xc0\xaf"'),
    "gzip": gzip.compress(GOOD.encode()),
    "a zero byte": GOOD.encode() + b"\0",
    "single quotes": GOOD.replace('"', "'").encode(),
    "a comment": ("/* */" + GOOD).encode(),
    "nothing": b"",
    "an image that is an array": b'{"image": ["' + IMAGE.encode() + b'"]}',
    "an image that is null": b'{"image": null}',
    "an image of characters beyond ASCII": '{"image": "\uff49\uff36\uff22\uff2f"}'.encode(),
}


@pytest.mark.parametrize("kind", BODIES)
def test_a_body_that_is_no_request_is_refused(api: Api, kind: str):
    status, document = ask(api, URL, BODIES[kind])
    assert status == 400, document
    assert uuid.UUID(document["errors"]["errorId"])
    assert len(json.dumps(document)) < 5000
    assert api.jobs == 0


@pytest.mark.parametrize("kind", BODIES)
def test_so_is_one_as_an_item_of_a_batch(api: Api, kind: str):
    status, document = ask(api, f"{URL}/batches", b'{"items": [' + BODIES[kind] + b"]}")
    assert status in (202, 400), document
    if status == 202:
        assert document["data"]["counts"]["rejected"] == 1, document
        assert document["data"]["items"][0]["status"] == "rejected"
    assert api.jobs == 0


def test_of_a_field_that_comes_twice_the_last_one_counts(api: Api):
    body = f'{{"image": "no base64", "image": "{IMAGE}"}}'.encode()
    assert ask(api, URL, body)[0] == 202
    assert api.jobs == 1
    body = f'{{"image": "{IMAGE}", "image": "no base64"}}'.encode()
    assert ask(api, URL, body)[0] == 400
    assert api.jobs == 1


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/xml", "multipart/form-data", "", "application/json/"]
)
def test_another_type_is_refused(api: Api, content_type: str):
    assert ask(api, URL, GOOD.encode(), content_type)[0] == 400
    assert api.jobs == 0


@pytest.mark.parametrize("content_type", ["application/json; charset=utf-16", "application/json; charset=nonsense"])
def test_json_is_utf_8_whatever_is_said_of_it(api: Api, content_type: str):
    assert ask(api, URL, GOOD.encode(), content_type)[0] == 202


@pytest.mark.parametrize(
    "headers",
    [
        {"Idempotency-Key": "x" * 5000},
        {"Idempotency-Key": "a\tb"},
        {"Prefer": "wait=" + "9" * 5000},
        {"Prefer": 'wait=-1, wait="', "Accept": "*/*;q=" + "9" * 100},
        {"Accept-Language": ",".join(["x-" + "a" * 50] * 100)},
        {"Accept-Language": "en;q=nan, id;q=1e999"},
        {"Accept": "application/problem+json;q=nan"},
        {"If-None-Match": '"' * 4000},
        {"X-Forwarded-For": "'; DROP TABLE", "Forwarded": 'for="[::1]"'},
    ],
)
def test_headers_of_nonsense_are_no_fault(api: Api, headers: dict[str, str]):
    status, _ = ask(api, URL, GOOD.encode(), **headers)
    assert status in (202, 400)


@pytest.mark.parametrize(
    "path",
    [
        f"{URL}/..%2f..%2fetc%2fpasswd",
        f"{URL}/../../../../etc/passwd",
        f"{URL}/%00",
        f"{URL}/kartu:job:*",
        f"{URL}/{uuid.uuid4()}%0d%0aSET-Cookie:%20a=b",
        f"{URL}/{uuid.uuid4()}/../../healthz",
        f"{URL}/{{{uuid.uuid4()}}}",
        f"{URL}/batches/../{uuid.uuid4()}",
        "/docs/../../etc/passwd",
        "/docs/..%2f..%2fapi%2fwsgi.py",
        "/docs/%2e%2e/%2e%2e/pyproject.toml",
        "/docs/swagger-ui.css%00.html",
    ],
)
def test_no_path_leads_anywhere_else(api: Api, path: str):
    said = api.say(
        f"GET {path} HTTP/1.1\r\nHost: kartu\r\nAuthorization: Bearer {KEY}\r\nConnection: close\r\n\r\n".encode()
    )
    assert int(said.split()[1]) in (400, 404)
    assert b"\nSET-Cookie" not in said
    assert b"root:" not in said
    assert b"[project]" not in said
