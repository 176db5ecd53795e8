"""The way out, with real receivers on loopback: what it refuses, what it follows, and that it ends in time."""

import datetime
import ipaddress
import socket
import ssl
import threading
import time
from contextlib import suppress
from dataclasses import replace

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from shared.callback_urls import CallbackRules
from tests.worker.webhooks.conftest import LOOPBACK, start_receiver
from worker.webhooks import network
from worker.webhooks.transport import SendError, Transport

NAME = "hooks.example.com"
TIMEOUT_S = 2.0
# On two busy cores; without a deadline these receivers take minutes.
MARGIN_S = 8.0


@pytest.fixture
def open_settings(settings):
    return replace(settings, webhook_http=True, webhook_networks=LOOPBACK)


@pytest.fixture
def transport(open_settings):
    return Transport(CallbackRules(open_settings), TIMEOUT_S)


@pytest.fixture
def strict(settings):
    """Makes a transport as it is by default, but that names have the addresses of the test."""
    return lambda *answers: Transport(CallbackRules(settings), TIMEOUT_S, resolve=Names(*answers))


class Names:
    """A resolver that gives one answer after the other, and the last one again and again."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers, self.asked = list(answers), 0

    def __call__(self, name: str) -> list[str]:
        self.asked += 1
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@pytest.fixture
def dialled(monkeypatch):
    """The addresses that were connected to; nothing is there."""
    addresses = []

    def connect(address, port, timeout_s):
        addresses.append(str(address))
        raise ConnectionRefusedError

    monkeypatch.setattr(network, "_connect", connect)
    return addresses


def error_of(transport: Transport, url: str) -> str:
    with pytest.raises(SendError) as raised:
        transport.post(url, {}, b"{}")
    assert url not in str(raised.value)
    return raised.value.kind


def post(transport: Transport, url: str) -> int:
    return transport.post(url, {"webhook-id": "w"}, b'{"a": 1}')


@pytest.mark.parametrize("status", [200, 204, 400, 404, 410, 500, 503])
def test_the_status_is_what_was_answered(transport, receiver, status):
    assert post(transport, receiver.url(f"/status/{status}?token=x")) == status
    (request,) = receiver.wait_for(1)
    assert request["body"] == '{"a": 1}'
    assert request["path"] == f"/status/{status}?token=x"
    assert request["headers"]["host"] == f"127.0.0.1:{receiver.port}"
    assert request["headers"]["content-length"] == "8"


def test_a_redirect_is_not_followed(transport, receiver):
    other, process = start_receiver()
    try:
        for address in ("http://169.254.169.254/latest/meta-data/", other.url("/status/200")):
            assert post(transport, receiver.url(f"/redirect/{address.encode().hex()}")) == 302
        assert other.requests == []
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def test_no_proxy_of_the_environment_is_asked(transport, receiver, monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9/")
    assert post(transport, receiver.url("/status/200")) == 200


@pytest.mark.parametrize(
    ("path", "status"), [("/dribble", 200), ("/huge", 200), ("/dribble-head", None), ("/silent", None)]
)
def test_no_answer_can_take_longer_than_the_deadline(transport, receiver, path, status):
    began = time.monotonic()
    if status:
        assert post(transport, receiver.url(path)) == status
    else:
        assert error_of(transport, receiver.url(path)) == "timeout"
    assert time.monotonic() - began < TIMEOUT_S + MARGIN_S


def test_at_most_4_kb_of_an_answer_are_read(transport, receiver, monkeypatch):
    taken = []
    read = network.PinnedStream.read

    def counted(self, max_bytes, timeout=None):
        chunk = read(self, max_bytes, timeout)
        taken.append(len(chunk))
        return chunk

    monkeypatch.setattr(network.PinnedStream, "read", counted)
    assert post(transport, receiver.url("/huge")) == 200
    head = 300
    assert sum(taken) <= 4096 + head


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\n" + b"X-Long: x\r\n" * 100_000 + b"\r\n",
        b"HTTP/1.1 103 Early Hints\r\n\r\n" * 100_000,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + (b"1;" + b"e" * 10_000 + b"\r\nx\r\n") * 100,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n" + b"X-Trailer: x\r\n" * 100_000,
    ],
    ids=["head", "early hints", "chunk extensions", "trailers"],
)
def test_nothing_else_of_an_answer_is_read_without_a_bound(transport, monkeypatch, answer):
    taken = []
    note = network.PinnedNetwork.note
    monkeypatch.setattr(network.PinnedNetwork, "note", lambda self, n: (taken.append(n), note(self, n)))
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection, suppress(OSError):
                connection.recv(65536)
                connection.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        with suppress(SendError):
            post(transport, f"http://127.0.0.1:{server.getsockname()[1]}/")
        thread.join()
    assert sum(taken) <= network.PinnedNetwork.HEAD_BYTES + 4096


def test_what_is_not_http_is_an_error(transport, receiver, unused_port):
    assert error_of(transport, receiver.url("/babble")) == "not_http"
    assert error_of(transport, f"http://127.0.0.1:{unused_port}/") == "connection_failed"


def test_a_receiver_that_takes_no_connection(transport):
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        address = deaf.getsockname()
        waiting = [socket.socket() for _ in range(4)]
        for each in waiting:
            each.setblocking(False)
            each.connect_ex(address)
        began = time.monotonic()
        assert error_of(transport, f"http://127.0.0.1:{address[1]}/") == "timeout"
        assert time.monotonic() - began < TIMEOUT_S + MARGIN_S
        for each in waiting:
            each.close()


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://127.1/",
        "https://[::ffff:127.0.0.1]/",
        "https://[64:ff9b::7f00:1]/",
        "https://[2002:7f00:1::]/",
        "http://example.com/",
    ],
)
def test_urls_are_checked_again_before_each_attempt(strict, dialled, url):
    assert error_of(strict(["8.8.8.8"]), url) == "url_refused"
    assert dialled == []


@pytest.mark.parametrize(
    "addresses",
    [
        ["127.0.0.1"],
        ["8.8.8.8", "127.0.0.1"],
        ["8.8.8.8", "::ffff:127.0.0.1"],
        ["64:ff9b::7f00:1"],
        ["2002:7f00:1::"],
        ["2001:0:4136:e378:8000:63bf:3fff:fdd2"],
        ["::127.0.0.1"],
        ["169.254.169.254"],
        ["100.64.0.1"],
        ["fe80::1%eth0"],
        ["fe80::1%2"],
        ["no address"],
        ["224.0.0.1"],
    ],
)
def test_a_name_is_refused_unless_every_address_is_public(strict, dialled, addresses):
    assert error_of(strict(addresses), f"https://{NAME}/") == "address_refused"
    assert dialled == []


def test_a_name_that_becomes_another_address_is_connected_to_where_it_was_checked(strict, dialled):
    transport = strict(["8.8.8.8", "1.1.1.1"], ["127.0.0.1"])
    assert error_of(transport, f"https://{NAME}/") == "connection_failed"
    # One answer of the resolver, and only its addresses.
    assert dialled == ["8.8.8.8", "1.1.1.1"]
    assert error_of(transport, f"https://{NAME}/") == "address_refused"
    assert dialled == ["8.8.8.8", "1.1.1.1"]


def test_names_that_are_not_found(strict):
    def fail(name):
        raise socket.gaierror("CANARY")

    assert error_of(strict([]), f"https://{NAME}/") == "name_not_found"
    assert error_of(Transport(strict([])._rules, 1, resolve=fail), f"https://{NAME}/") == "name_not_found"


def test_a_resolver_that_hangs_ends_at_the_deadline(open_settings):
    hang = threading.Event()
    transport = Transport(CallbackRules(open_settings), 0.5, resolve=lambda name: hang.wait(60) and [])
    began = time.monotonic()
    assert error_of(transport, f"https://{NAME}/") == "timeout"
    assert time.monotonic() - began < 0.5 + MARGIN_S
    hang.set()


def test_the_resolver_of_the_system():
    assert "127.0.0.1" in network.resolve("localhost")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, NAME)])
    now = datetime.datetime.now(datetime.UTC)
    names = x509.SubjectAlternativeName([x509.DNSName(NAME), x509.IPAddress(ipaddress.ip_address("127.0.0.2"))])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(names, critical=False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "certificate.pem"
    plain = serialization.NoEncryption()
    path.write_bytes(
        certificate.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    )
    return path


class TestTls:
    """With the certificate of a CA that only the test trusts, for NAME and no other."""

    @pytest.fixture
    def secure(self, certificate):
        receiver, process = start_receiver(certificate)
        yield receiver
        process.kill()
        process.wait()
        process.stdout.close()

    @pytest.fixture
    def trusting(self, open_settings, certificate):
        """A transport that trusts the certificate and takes every name for loopback."""
        return Transport(
            CallbackRules(open_settings),
            TIMEOUT_S,
            resolve=lambda name: ["127.0.0.1"],
            tls=lambda: ssl.create_default_context(cafile=str(certificate)),
        )

    def test_the_connection_goes_to_the_address_and_tls_is_with_the_name(self, trusting, secure):
        assert post(trusting, secure.url("/status/200", "https", NAME)) == 200
        (request,) = secure.wait_for(1)
        assert request["headers"]["host"] == f"{NAME}:{secure.port}"
        assert post(trusting, secure.url("/status/200", "https", NAME)) == 200

    def test_a_certificate_for_another_name_is_refused(self, trusting, secure):
        assert error_of(trusting, secure.url("/status/200", "https", "other.example.com")) == "tls_failed"

    def test_a_certificate_that_nobody_vouches_for_is_refused(self, transport, secure):
        assert error_of(transport, secure.url("/status/200", "https", "127.0.0.1")) == "tls_failed"
        assert secure.requests == []

    def test_a_receiver_without_tls_and_one_that_never_shakes_hands(self, transport, receiver):
        assert error_of(transport, receiver.url("/status/200", "https")) in ("tls_failed", "connection_failed")
        with socket.create_server(("127.0.0.1", 0)) as mute:
            began = time.monotonic()
            assert error_of(transport, f"https://127.0.0.1:{mute.getsockname()[1]}/") == "timeout"
            assert time.monotonic() - began < TIMEOUT_S + MARGIN_S
