"""`deploy/up` inside the virtual environment: start everything, read the sample card, stay until told to stop."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import socket
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from deploy import options, redis_server, stack
from deploy.folders import PROJECT, Folders
from deploy.interrupts import Interrupts, StopRequested
from deploy.options import UpOptions
from deploy.ports import reserve_port
from deploy.processes import TICK_S, ChildDiedError, Supervisor
from deploy.secret_files import kept, new_api_key, write_private
from deploy.table import fields_table, sentence, succeeded
from shared.client import RESOURCE, Client
from shared.connection import ServiceError
from shared.metrics import FOLDER_VARIABLE
from shared.sealing import new_key
from shared.settings import InvalidSettingError, Settings
from shared.webhook_secrets import new_secret

SAMPLE = "tests/data/sample.jpg"
SAMPLE_WITHIN_S = 180
# What a job that waits before the sample may take at most on a slow machine.
SECONDS_PER_JOB = 10
# Each request of the sample is held no longer than this, so that a worker that dies is noticed.
SAMPLE_WAIT_S = 5
START_WITHIN_S = 120
HOST = "127.0.0.1"


class CannotStartError(Exception):
    """It makes no sense to go on; the message says why."""


def main(arguments: Sequence[str]) -> int:
    """Run `up`; gives the exit status."""
    asked = options.parse(arguments)
    folders = Folders.from_env()
    try:
        settings = Settings.from_env()
        with only_up(folders) as lock:
            refuse_taken_port(asked.port)
            return run(asked, folders, settings, lock)
    except (CannotStartError, InvalidSettingError) as error:
        print(error, file=sys.stderr)
        return 1


def run(asked: UpOptions, folders: Folders, settings: Settings, lock: int) -> int:
    """Start, show, stay, stop; gives the exit status."""
    interrupts, supervisor = Interrupts(), Supervisor(folders.logs)
    key = settings.bootstrap_key or kept(folders.api_key, new_api_key)
    client = Client(f"http://{HOST}:{asked.port}", key)
    interrupts.take_over()
    try:
        redis_url = start_redis(folders, supervisor, lock)
        start_kartu(asked, folders, settings, supervisor, redis_url, key)
        supervisor.wait_until(client.is_ready, START_WITHIN_S, "The start of the API")
        write_private(folders.url, client.url)
        was_read = read_sample(client, supervisor, redis_server.queue_length(redis_url))
        if asked.once:
            return 0 if was_read else 1
        say(
            f"\nKartu is up. Ctrl-C stops it.\n\n  URL   {client.url}\n  key   {key}\n  page  {client.url}/#key={key}\n"
        )
        say(f"{example(client.url, key)}\n")
        while True:
            for ended in supervisor.revive():
                say(f"The process {ended} and was started again.")
            time.sleep(TICK_S)
    except StopRequested:
        return 130 if asked.once else 0
    except (ChildDiedError, TimeoutError, CannotStartError, redis_server.NoRedisError) as error:
        say(str(error))
        return 1
    finally:
        interrupts.raise_no_more()
        supervisor.stop(lambda name: say(f"Stopping {name} …"), interrupts.is_urgent)
        for address in (folders.redis_url, folders.url):
            address.unlink(missing_ok=True)
        say("Stopped. Jobs in the queue are kept and read after the next start.")


@contextmanager
def only_up(folders: Folders) -> Iterator[int]:
    """Hold the lock that says that an `up` runs from these folders; gives its file descriptor."""
    with folders.up_lock.open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CannotStartError(f"Kartu already runs from {folders.home}; stop that one first.") from None
        yield lock.fileno()


def refuse_taken_port(port: int) -> None:
    """Raise CannotStartError if the API could not listen; asked before anything is started."""
    try:
        socket.create_server((HOST, port)).close()
    except OSError as error:
        why = "is in use" if error.errno == errno.EADDRINUSE else f"cannot be used: {error.strerror}"
        raise CannotStartError(f"Port {port} on {HOST} {why}. Choose another: ./deploy/up --port N") from None


def start_redis(folders: Folders, supervisor: Supervisor, lock: int) -> str:
    """Start the embedded server unless KARTU_REDIS_URL names one; gives the address, and leaves it for `kartu keys`."""
    url = os.environ.get("KARTU_REDIS_URL", "")
    if not url:
        port = reserve_port()
        url = f"redis://{HOST}:{port}/0"
        supervisor.start(redis_server.embedded(folders, port, lock))
        supervisor.wait_until(lambda: redis_server.answers(url), START_WITHIN_S, "The start of Valkey")
    elif not redis_server.answers(url):
        raise CannotStartError(f"The Redis of KARTU_REDIS_URL does not answer: {redis_server.without_password(url)}")
    write_private(folders.redis_url, url)
    return url


def start_kartu(
    asked: UpOptions, folders: Folders, settings: Settings, supervisor: Supervisor, redis_url: str, key: str
) -> None:
    """Start sweeper, workers and API; secrets reach them by their environment, never by a command line."""
    workers = asked.workers or stack.default_workers(settings.device)
    say(f"Starting the API and {describe_workers(workers, settings.device)}; logs in {folders.logs}")
    environment = {
        **os.environ,
        **folders.variables(),
        "KARTU_REDIS_URL": redis_url,
        "KARTU_SEALING_KEYS": settings.sealing_keys or kept(folders.sealing_key, new_key),
        "KARTU_BOOTSTRAP_KEY": key,
        FOLDER_VARIABLE: str(folders.metrics),
        "KARTU_WEBHOOK_SECRET": settings.webhook_secret or kept(folders.webhook_secret, new_secret),
    }
    bind = f"{HOST}:{asked.port}"
    # Of processes that are no more nothing may be added up.
    shutil.rmtree(folders.metrics, ignore_errors=True)
    folders.metrics.mkdir(parents=True)
    for program in stack.programs(
        environment, bind=bind, workers=workers, hard_limit_s=settings.hard_limit_s, device=settings.device
    ):
        supervisor.start(program)


def describe_workers(workers: int, device: str) -> str:
    """What `--workers` means on this device."""
    if device == "gpu":
        return f"a worker process on the GPU, which takes {workers} job{'' if workers == 1 else 's'} at once"
    return f"{workers} worker process{'' if workers == 1 else 'es'}"


def read_sample(client: Client, supervisor: Supervisor, waiting: int) -> bool:
    """Read the sample card through the API, behind the `waiting` jobs, and show it; gives whether it was read."""
    say(f"Reading {SAMPLE} …" + (f" ({waiting} jobs from before come first)" if waiting else ""))
    try:
        document = client.read(
            (PROJECT / SAMPLE).read_bytes(),
            {},
            timeout_s=SAMPLE_WITHIN_S + waiting * SECONDS_PER_JOB,
            wait_s=SAMPLE_WAIT_S,
            between=supervisor.check,
        )
    except (ServiceError, OSError) as error:
        say(f"The sample was not read: {error}")
        return False
    if not succeeded(document):
        say(f"The sample was not read: {sentence(document)}")
        return False
    say(f"\n{fields_table(document)}")
    result = document["data"]["result"]
    return result["fullName"] is not None and result["identityId"] is not None


def example(url: str, key: str) -> str:
    """Lines that read the sample with curl, to be pasted in the project's folder."""
    return "\n".join(
        (
            f"""  (printf '{{"image":"'; base64 < {SAMPLE} | tr -d '\\n'; printf '"}}') |""",
            f"    curl -sS {url}{RESOURCE} -H 'Authorization: Bearer {key}' \\",
            "      -H 'Content-Type: application/json' -H 'Prefer: wait=60' --data-binary @-",
        )
    )


def say(text: str) -> None:
    """Print, even if the terminal is gone: a stop must not fail for that."""
    try:
        print(text, flush=True)
    except OSError:
        return


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
