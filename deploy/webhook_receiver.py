"""A small receiver of webhooks on loopback, for trying out and measuring: what it answers is the caller's matter."""

from __future__ import annotations

from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

HOST = "127.0.0.1"
LARGEST_BODY = 16 * 1024 * 1024

Receive = Callable[[dict[str, str], bytes], int]
"""Takes the headers, by lower-case names, and the raw body; gives the status to answer with."""


class WebhookReceiver(ThreadingHTTPServer):
    """Listens from its creation on; `receive` is called in a thread for each request. Port 0: any free one."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self, port: int, receive: Receive) -> None:
        self.receive = receive
        super().__init__((HOST, port), _Handler)

    @property
    def url(self) -> str:
        """The address of this receiver, for `callbackUrl`."""
        return f"http://{HOST}:{self.server_port}/"


class _Handler(BaseHTTPRequestHandler):
    server: WebhookReceiver
    timeout = 30
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """Read the body, then answer with the status that `receive` gives."""
        self.close_connection = True
        length = self.headers.get("Content-Length", "")
        if not length.isdigit() or int(length) > LARGEST_BODY:
            self._answer(400)
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        self._answer(self.server.receive(headers, self.rfile.read(int(length))))

    def _answer(self, status: int) -> None:
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing: who receives decides what is told."""
