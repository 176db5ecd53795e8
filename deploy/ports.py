"""Ports for servers that are started here: found free, and kept from everybody else until this process ends.

A port that is only found free may belong to another a moment later, to a second test suite or an outgoing connection,
and again whenever its server is restarted. Then one suite worked on the Valkey of the other, and emptied it.
"""

from __future__ import annotations

import socket
import sys

_reserved: list[socket.socket] = []
"""Bound and not listening. Linux gives such a port to nobody who asks for any, and lets a server that asks for this one
have it, since servers bind with SO_REUSEADDR; connecting to it is refused until one listens."""


def reserve_port() -> int:
    """A port of the loopback interface that nobody else gets; other systems than Linux only find it free."""
    holder = socket.socket()
    holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    holder.bind(("127.0.0.1", 0))
    port: int = holder.getsockname()[1]
    if sys.platform == "linux":
        _reserved.append(holder)
    else:
        holder.close()
    return port
