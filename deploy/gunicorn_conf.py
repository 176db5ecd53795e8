"""How gunicorn serves the API; the address to bind comes on its command line."""

from __future__ import annotations

from typing import Any

# gthread, with deadlines for heads and bodies and the error body of the contract.
worker_class = "deploy.gunicorn_worker.Worker"
# Measured: 2x64 stood 20 slow clients, 2x8 starved. A held `Prefer: wait` takes one thread for up to a minute.
workers = 2
threads = 64
# Imported once, before the fork, at which nothing is connected yet: until the first answer it took 0.97 s of processor
# time, and takes 0.62; both processes together 60 MB instead of 108.
preload_app = True
# Where a process may have 1,024 files, some are left for Redis; who opens more closes others that are idle.
worker_connections = 800
# The kernel would wait for a client that does not read, and that wait has no end.
sendfile = False
# Time for requests in flight at a stop; a client held longer polls its job after the restart.
graceful_timeout = 10
# Behind a proxy that keeps its connections open, shorter than that proxy's own limit of a minute would cut them.
keepalive = 75
# The API writes a log line of its own where there is something to say.
accesslog = None
errorlog = "-"
# It would lie under the home directory, and signals do all that is needed.
control_socket_disable = True


def child_exit(_: Any, worker: Any) -> None:
    """What a process that is gone has counted stays; what it held at the moment does not."""
    from prometheus_client.multiprocess import mark_process_dead

    mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]
