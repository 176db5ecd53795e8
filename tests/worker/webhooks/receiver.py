"""A receiver of webhooks as a process of its own, on loopback: `python receiver.py CERTIFICATE_OR_DASH`.

It prints its port, and then one JSON line for each request that it has read. How it answers stands in the path:

    /status/500,500,200   that status for the first, second, … request with one webhook-id, the last one from then on
    /redirect/URL-IN-HEX  302 to that URL
    /dribble              200 with a body of one byte a second
    /dribble-head         a head of one byte a second
    /huge                 200 with a body of 10 GB
    /silent               no answer
    /babble               something that is not HTTP
    /flaky/30             500 to about so many of 100 requests, by a hash of webhook-id and attempt
    /slow/0.3             200 after so many seconds
"""

from __future__ import annotations

import json
import ssl
import sys
import threading
import time
import zlib
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TEN_GB = 10 * 1024**3
seen: Counter[str] = Counter()
lock = threading.Lock()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        webhook_id = self.headers.get("webhook-id", "")
        with lock:
            seen[webhook_id] += 1
            number = seen[webhook_id]
            headers = {name.lower(): value for name, value in self.headers.items()}
            line = {"path": self.path, "at": time.time(), "headers": headers, "body": body.decode()}
            print(json.dumps(line), flush=True)
        self.close_connection = True
        _, kind, *rest = self.path.partition("?")[0].split("/")
        try:
            getattr(self, f"answer_{kind.replace('-', '_')}")(number, *rest)
        except OSError:
            return

    do_GET = do_POST

    def head(self, status: int, length: int = 0, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(length))
        self.end_headers()

    def answer_status(self, number: int, statuses: str) -> None:
        every = statuses.split(",")
        self.head(int(every[min(number, len(every)) - 1]))

    def answer_redirect(self, number: int, address: str) -> None:
        self.head(302, Location=bytes.fromhex(address).decode())

    def answer_dribble(self, number: int) -> None:
        self.head(200, 1000)
        self.drip(b"x" * 1000)

    def answer_dribble_head(self, number: int) -> None:
        self.drip(b"HTTP/1.1 200 OK\r\n" + b"X-Drip: drop\r\n" * 100)

    def drip(self, data: bytes) -> None:
        for number in range(len(data)):
            self.wfile.write(data[number : number + 1])
            time.sleep(1)

    def answer_huge(self, number: int) -> None:
        self.head(200, TEN_GB)
        for _ in range(TEN_GB // 65536):
            self.wfile.write(b"x" * 65536)

    def answer_silent(self, number: int) -> None:
        time.sleep(120)

    def answer_babble(self, number: int) -> None:
        self.wfile.write(b"220 mail.example ESMTP\r\n")

    def answer_flaky(self, number: int, share: str) -> None:
        chance = zlib.crc32(f"{self.headers['webhook-id']} {number}".encode()) % 100
        self.head(500 if chance < int(share) else 200)

    def answer_slow(self, number: int, seconds: str) -> None:
        time.sleep(float(seconds))
        self.head(200)

    def log_message(self, *_: object) -> None:
        """Quiet."""


class Server(ThreadingHTTPServer):
    request_queue_size = 256

    def handle_error(self, *_: object) -> None:
        """Clients that hang up are expected."""


if __name__ == "__main__":
    server = Server(("127.0.0.1", 0), Handler)
    if sys.argv[1] != "-":
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sys.argv[1])
        # The handshake in the thread of its connection: one that does not come must not block the others.
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    print(server.server_port, flush=True)
    server.serve_forever()
