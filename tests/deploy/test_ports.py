"""A port that was reserved is there for the server that is meant to have it, and for nobody else."""

import socket
import sys

import pytest

from deploy.ports import reserve_port

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux keeps a port for a server to come")
MANY = 500


def test_nobody_who_asks_for_any_port_gets_it():
    reserved = {reserve_port() for _ in range(MANY)}
    assert len(reserved) == MANY
    with socket.create_server(("127.0.0.1", 0)) as server:
        for _ in range(20 * MANY):
            with socket.create_server(("127.0.0.1", 0)) as other:
                assert other.getsockname()[1] not in reserved
        for _ in range(2 * MANY):
            with socket.create_connection(server.getsockname()) as client, server.accept()[0]:
                assert client.getsockname()[1] not in reserved


def test_the_server_that_is_meant_to_have_it_gets_it_again_and_again():
    port = reserve_port()
    for _ in range(3):
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port))
        with socket.create_server(("127.0.0.1", port)):
            socket.create_connection(("127.0.0.1", port)).close()
