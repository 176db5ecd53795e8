"""The proxy passes on what the API says, and where the API cannot answer it does so as the contract has it."""

import http.client
import json
import shutil
import socket
import subprocess
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from deploy.folders import PROJECT
from deploy.ports import reserve_port
from shared.errors import ImageTooLarge, NotFound, RateLimited, ServiceUnavailable

NGINX = shutil.which("nginx")
CONFIGURATION = (PROJECT / "deploy" / "nginx" / "nginx.conf").read_text()
pytestmark = pytest.mark.skipif(not NGINX, reason="nginx is not there; ./deploy/test fetches it")


class Api(BaseHTTPRequestHandler):
    """Tells what came, with the status that the path names."""

    protocol_version = "HTTP/1.1"

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        answer = json.dumps({"path": self.path, "length": len(body), "message": "of the API"}).encode()
        self.send_response(int(self.path[1:]) if self.path[1:].isdigit() else 200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_GET = do_POST = answer

    def log_message(self, *_) -> None:
        """Quiet."""


@contextmanager
def proxy_to(api_port: int, folder: Path) -> Iterator[int]:
    """The proxy in front of an API on that port; gives its own."""
    port = reserve_port()
    text = CONFIGURATION.replace("api:8000", f"127.0.0.1:{api_port}").replace("/tmp/", f"{folder}/")
    (folder / "nginx.conf").write_text(text.replace("listen 8080", f"listen 127.0.0.1:{port}"))
    command = [NGINX, "-p", folder, "-c", folder / "nginx.conf", "-g", "daemon off;"]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        deadline = time.monotonic() + 10
        while socket.socket().connect_ex(("127.0.0.1", port)) and time.monotonic() < deadline:
            time.sleep(0.02)
        yield port
        process.terminate()


@pytest.fixture(scope="module")
def proxy(tmp_path_factory) -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Api) as api:
        threading.Thread(target=api.serve_forever, kwargs={"poll_interval": 0.01}).start()
        with proxy_to(api.server_port, tmp_path_factory.mktemp("nginx")) as port:
            yield port
        api.shutdown()


def ask(port: int, path: str, body: bytes | None = None, **headers: str) -> tuple[http.client.HTTPResponse, dict]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("POST" if body else "GET", path, body, headers)
    answer = connection.getresponse()
    return answer, json.loads(answer.read())


def test_a_body_goes_through(proxy):
    answer, document = ask(proxy, "/v1/ocr/id/ktp", b"x" * 3_000_000)
    assert (answer.status, document["length"]) == (200, 3_000_000)


@pytest.mark.parametrize("status", [400, 404, 413, 422, 429, 503])
def test_errors_of_the_api_are_passed_on(proxy, status):
    answer, document = ask(proxy, f"/{status}")
    assert (answer.status, document["message"]) == (status, "of the API")


def test_metrics_stay_inside(proxy):
    answer, document = ask(proxy, "/metrics")
    assert (answer.status, document["message"]) == (404, NotFound.sentence)


def test_a_body_that_is_too_large(proxy):
    answer, document = ask(proxy, "/v1/ocr/id/ktp", b"x", **{"Content-Length": "99999999"})
    assert (answer.status, document["errors"]["errorType"]) == (413, ImageTooLarge.error_type)
    assert uuid.UUID(document["errors"]["errorId"])


def test_headers_that_are_too_large(proxy):
    answer, document = ask(proxy, "/", None, **{"X-Long": "x" * 70_000})
    assert (answer.status, document["message"]) == (400, "Input payload validation failed.")


def test_the_sentences_are_those_of_the_code():
    for error in (NotFound, RateLimited, ServiceUnavailable):
        assert f'"message":"{error.sentence}"' in CONFIGURATION
        assert f'"errorType":"{error.error_type}"' in CONFIGURATION


def test_an_api_that_is_away(tmp_path, unused_port):
    with proxy_to(unused_port, tmp_path) as port:
        answer, document = ask(port, "/v1/ocr/id/ktp")
    assert (answer.status, document["errors"]["errorType"]) == (503, "service_unavailable")
    assert int(answer.headers["Retry-After"]) >= 1
