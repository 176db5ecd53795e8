"""Requests that no honest client sends, against the real gunicorn: a refusal as the contract has it, and no job.

A smuggled request would show as a second answer, or as a job.
"""

from __future__ import annotations

import base64
import json
import time
import uuid

import pytest

from tests.conftest import make_png
from tests.hostile.conftest import KEY, URL, Api

BODY = json.dumps({"image": base64.b64encode(make_png(60, 60)).decode(), "referenceId": "CANARY"}).encode()
HEAD = (
    f"POST {URL} HTTP/1.1\r\nHost: kartu\r\nAuthorization: Bearer {KEY}\r\nContent-Type: application/json\r\n"
).encode()
LENGTH = f"Content-Length: {len(BODY)}\r\n".encode()
CHUNKED = b"Transfer-Encoding: chunked\r\n"
INNER = HEAD + LENGTH + b"\r\n" + BODY
GET = f"GET {URL}/{uuid.uuid4()} HTTP/1.1\r\nHost: kartu\r\n".encode()

SMUGGLED = {
    "length and chunks": HEAD + LENGTH + CHUNKED + b"\r\n0\r\n\r\n" + INNER,
    "chunks and length": HEAD + CHUNKED + LENGTH + b"\r\n0\r\n\r\n" + INNER,
    "two lengths": HEAD + b"Content-Length: 0\r\n" + LENGTH + b"\r\n" + INNER,
    "two lengths in one": HEAD + b"Content-Length: 0, 5\r\n\r\n" + INNER,
    "a length with a sign": HEAD + b"Content-Length: +0\r\n\r\n" + INNER,
    "a negative length": HEAD + b"Content-Length: -1\r\n\r\n" + INNER,
    "a length in hex": HEAD + b"Content-Length: 0x10\r\n\r\n" + INNER,
    "a length of 5,000 digits": HEAD + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n" + INNER,
    "a length with a blank before the colon": HEAD + b"Content-Length : 0\r\n\r\n" + INNER,
    "a folded header": HEAD + b"X-A: b\r\n Content-Length: 0\r\n\r\n" + INNER,
    "a folded encoding": HEAD + b"Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n" + INNER,
    "an unknown encoding": HEAD + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + INNER,
    "chunked twice": HEAD + CHUNKED + CHUNKED + b"\r\n0\r\n\r\n" + INNER,
    "chunked behind a tab": HEAD + b"Transfer-Encoding:\x0bchunked\r\n\r\n0\r\n\r\n" + INNER,
    "a bare carriage return": HEAD + b"X-A: b\rContent-Length: 0\r\n\r\n" + INNER,
    "a zero byte": HEAD + b"X-A: \0\r\n\r\n" + INNER,
    "a header without a colon": HEAD + b"nonsense\r\n\r\n" + INNER,
    "a name with a blank": HEAD + b"X A: b\r\n\r\n" + INNER,
    "two hosts": HEAD + b"Host: other\r\n" + LENGTH + b"\r\n" + INNER,
    "a chunk size with a sign": HEAD + CHUNKED + b"\r\n+5\r\nabcde\r\n0\r\n\r\n" + INNER,
    "a chunk size that is none": HEAD + CHUNKED + b"\r\nzz\r\nabcde\r\n0\r\n\r\n" + INNER,
    "a chunk without its end": HEAD + CHUNKED + b"\r\n5\r\nabcdefgh\r\n0\r\n\r\n" + INNER,
    "no version": f"POST {URL}\r\n\r\n".encode() + INNER,
    "version 3.7": HEAD.replace(b"HTTP/1.1", b"HTTP/3.7") + b"\r\n" + INNER,
    "a method in small letters": HEAD.replace(b"POST", b"post") + b"\r\n" + INNER,
    "a target with a blank": HEAD.replace(b"/ktp ", b"/k tp ") + b"\r\n" + INNER,
    "bytes that are no text": b"\xff\xfe\x00\r\n\r\n" + INNER,
    "a TLS greeting": bytes.fromhex("16030100a5010000a10303") + b"\0" * 100 + b"\r\n\r\n" + INNER,
    "an expectation that nobody knows": HEAD + b"Expect: 200-ok\r\n" + LENGTH + b"\r\n" + INNER,
    "200 headers": HEAD + b"".join(b"X-%d: 1\r\n" % number for number in range(200)) + b"\r\n" + INNER,
    "a header of 100 KB": HEAD + b"X-A: " + b"a" * 100_000 + b"\r\n\r\n" + INNER,
    "a target of 100 KB": b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: kartu\r\n\r\n" + INNER,
    "the body of another as a request": HEAD + b"Content-Length: 0\r\n\r\n" + BODY + b"\r\n\r\n",
}


def answers(raw: bytes) -> list[tuple[int, dict]]:
    """Status and JSON of each answer in what came back."""
    found = []
    while raw:
        head, _, rest = raw.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
        length = int(headers["content-length"])
        assert headers["content-type"].startswith("application/"), lines
        found.append((int(lines[0].split()[1]), json.loads(rest[:length])))
        raw = rest[length:]
    return found


@pytest.mark.parametrize("kind", SMUGGLED)
def test_what_is_ambiguous_is_refused_and_smuggles_nothing(api: Api, kind: str):
    said = answers(api.say(SMUGGLED[kind]))
    assert said
    for status, document in said:
        assert 400 <= status < 500, said
        assert uuid.UUID(document["errors"]["errorId"])
        assert "CANARY" not in json.dumps(document)
    assert api.jobs == 0
    assert "CANARY" not in api.log()


def test_pipelined_requests_are_two_requests(api: Api):
    said = answers(api.say(INNER + INNER))
    assert [status for status, _ in said] == [202, 202]
    assert api.jobs == 2


def test_a_chunked_body_is_a_body(api: Api):
    half = len(BODY) // 2
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (BODY[:half], BODY[half:], b""))
    assert [status for status, _ in answers(api.say(HEAD + CHUNKED + b"\r\n" + chunks))] == [202]


def test_a_client_that_goes_away_in_the_middle_leaves_nothing(api: Api):
    for part in (1, len(HEAD), len(HEAD + LENGTH) + 10):
        with api.connect() as connection:
            connection.sendall((HEAD + LENGTH + b"\r\n" + BODY)[:part])
    time.sleep(0.5)
    assert api.jobs == 0
    assert answers(api.say(INNER))[0][0] == 202


def test_a_head_that_dribbles_is_given_up(api: Api):
    """Slow loris: a byte now and then, for ever."""
    begun = time.monotonic()
    with api.connect() as connection:
        for byte in HEAD:
            try:
                connection.sendall(bytes([byte]))
            except OSError:
                break
            time.sleep(0.3)
            if time.monotonic() - begun > 20:
                pytest.fail("the API still listens")
        connection.settimeout(5)
        received = connection.recv(65536)
    assert [status for status, _ in answers(received)] == [400]


def test_sixty_that_dribble_keep_nobody_from_being_served(api: Api):
    """Heads and bodies that never end, on half of all threads: others are answered at once."""
    slow = []
    try:
        for number in range(60):
            slow.append(api.connect())
            slow[-1].sendall(HEAD[:20] if number % 2 else HEAD + LENGTH + b"\r\n" + BODY[:20])
        time.sleep(0.5)
        taken = []
        for _ in range(20):
            begun = time.monotonic()
            assert answers(api.say(GET + b"Connection: close\r\n\r\n"))[0][0] == 401
            taken.append(time.monotonic() - begun)
        assert sorted(taken)[len(taken) // 2] < 1
    finally:
        for connection in slow:
            connection.close()
