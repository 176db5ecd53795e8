"""A small HTTP server that answers as a service of the contract would."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from shared.schemas import RESULT_FIELDS

JOB = "0b8f6f0e-6f0a-4c55-9a67-5a4c3d2e1f00"
RESULT = dict.fromkeys(RESULT_FIELDS, "X") | {"identityId": "3171234567890123", "fullName": "SITI", "rtrw": None}
SUCCEEDED = {"message": "OK", "data": {"id": JOB, "status": "succeeded", "result": RESULT}}
NO_CARD = {
    "message": "No card was found in the image.",
    "data": {"id": JOB, "status": "failed"},
    "errors": {"errorId": JOB, "errorType": "card_not_found"},
}
QUEUED = {"message": "The job is queued.", "data": {"id": JOB, "status": "queued"}}
ACCEPTED = (202, QUEUED, {"Location": f"/v1/ocr/id/ktp/{JOB}"})
BUSY = (503, {"message": "Later.", "errors": {"errorType": "queue_full"}}, {"Retry-After": "0"})
UNAUTHORIZED = (401, {"message": "A valid API key is needed.", "errors": {"errorType": "unauthorized"}}, {})


@dataclass
class FakeService:
    """Gives the `answers` in their order (the last one again and again) and notes the `requests`."""

    url: str = ""
    answers: list[tuple[int, object, dict]] = field(default_factory=lambda: [(200, SUCCEEDED, {})])
    requests: list[tuple[str, str, dict, dict]] = field(default_factory=list)


@pytest.fixture
def fake_service() -> Iterator[FakeService]:
    service = FakeService()

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            service.requests.append((self.command, self.path, dict(self.headers), json.loads(body) if body else {}))
            status, document, headers = service.answers[0]
            del service.answers[: len(service.answers) > 1]
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(document if isinstance(document, bytes) else json.dumps(document).encode())

        do_GET = do_POST = answer

        def log_message(self, *_) -> None:
            """Quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        service.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield service
        server.shutdown()
        thread.join()
