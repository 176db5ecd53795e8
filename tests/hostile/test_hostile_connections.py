"""Hundreds of connections straight to gunicorn that do nothing, or as little as keeps them open: others are served.

None of them needs a key but the last kind. An API process has 64 threads, and the two of them 128.
"""

from __future__ import annotations

import resource
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from tests.hostile.conftest import KEY, URL, Api
from tests.hostile.test_hostile_http import BODY, GET, HEAD, LENGTH, answers

COUNT = 300
SERVED_WITHIN_S = 4.0
"""Under a second as measured, 1.6 s beside those that do not read; before, all of these waited for 9 to 60 s."""

POST = f"POST {URL} HTTP/1.1\r\nHost: kartu\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n"
LARGE = "GET /docs/swagger-ui-bundle.js HTTP/1.1\r\nHost: kartu\r\n\r\n"

KINDS = {
    "say nothing": "",
    "send half a head": POST[:20],
    "send no body, without a key": POST + "\r\n",
    "send no body": f"{POST}Authorization: Bearer {KEY}\r\n\r\n{{",
    "read no answer": LARGE * 20,
    "do not close": "GET /healthz HTTP/1.1\r\nHost: kartu\r\nConnection: close\r\n\r\n",
}


@pytest.fixture(scope="module", autouse=True)
def _files() -> Iterator[None]:
    """A shell's usual 1,024 files are not enough for all the clients in this one process."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (4096 if hard == resource.RLIM_INFINITY else min(4096, hard), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@contextmanager
def held(api: Api, count: int, sent: str) -> Iterator[None]:
    """So many connections on which this was sent, and nothing happens any more."""
    with ExitStack() as stack:
        for _ in range(count):
            client = stack.enter_context(socket.socket())
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.connect(("127.0.0.1", api.port))
            client.sendall(sent.encode())
        yield


def seconds_to_be_served(api: Api) -> float:
    """The longest of some requests, one after the other."""
    taken = []
    for _ in range(10):
        begun = time.monotonic()
        assert answers(api.say(GET + b"Connection: close\r\n\r\n"))[0][0] == 401
        taken.append(time.monotonic() - begun)
    return max(taken)


@pytest.mark.parametrize("kind", KINDS)
def test_those_who_hold_connections_keep_nobody_from_being_served(api: Api, kind: str):
    with held(api, COUNT, KINDS[kind]):
        time.sleep(0.2)
        assert seconds_to_be_served(api) < SERVED_WITHIN_S
    # Whoever comes after them finds the API as it was.
    assert seconds_to_be_served(api) < SERVED_WITHIN_S


@pytest.mark.parametrize("sent", ["", "GET /healthz HTTP/1.1\r\nHost: kartu\r\n\r\n"], ids=["new", "kept alive"])
def test_more_idle_connections_than_a_process_may_have_are_closed_for_others(api: Api, sent: str):
    with held(api, 2000, sent):
        assert seconds_to_be_served(api) < SERVED_WITHIN_S


def test_one_who_is_slow_and_steady_is_served_beside_them(api: Api):
    request = HEAD + LENGTH + b"Connection: close\r\n\r\n" + BODY
    with held(api, 20, KINDS["send no body"]), api.connect() as client:
        time.sleep(1)
        for place in range(0, len(request), 40):
            client.sendall(request[place : place + 40])
            time.sleep(0.2)
        assert answers(client.recv(65536))[0][0] == 202


def test_too_many_who_are_slow_are_told_to_come_again(api: Api):
    """Of 300 some get the time that an honest slow client has, the others a 503 at once, and none leaves a job."""
    with ExitStack() as stack:
        clients = [stack.enter_context(api.connect()) for _ in range(150)]
        for client in clients:
            client.sendall(HEAD + LENGTH + b"\r\n" + BODY[:20])
        time.sleep(3)
        said = []
        for client in clients:
            client.setblocking(False)
            try:
                said.append(client.recv(65536))
            except OSError:
                continue
    refused = [answer for answer in said if answer]
    assert len(refused) > 50
    assert {status for answer in refused for status, _ in answers(answer)} == {503}
    assert all(b"\r\nRetry-After: " in answer for answer in refused)
    assert api.jobs == 0
