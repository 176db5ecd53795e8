"""Where things lie: everything that Kartu writes is under one folder, and child processes are told so.

Standard library only: it runs before anything is installed.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Folders:
    """The paths under `home` (`KARTU_HOME`, else `.kartu` in the project)."""

    home: Path

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> Folders:
        """The folders of this project, or those under `KARTU_HOME`."""
        given = (os.environ if environ is None else environ).get("KARTU_HOME", "")
        return cls(Path(given).expanduser().resolve() if given else PROJECT / ".kartu")

    @property
    def venv(self) -> Path:
        """The virtual environment."""
        return self.home / "venv"

    @property
    def python(self) -> Path:
        """The interpreter of the virtual environment."""
        return self.venv / "bin" / "python"

    @property
    def weights(self) -> Path:
        """One folder a model."""
        return self.home / "weights"

    @property
    def temporary(self) -> Path:
        """Downloads on their way; emptied by each set-up."""
        return self.home / "tmp"

    @property
    def logs(self) -> Path:
        """Output of pip and of every process that `up` starts."""
        return self.home / "logs"

    @property
    def tools(self) -> Path:
        """Debian packages that are unpacked and not installed, for programs that tests use."""
        return self.home / "tools"

    @property
    def metrics(self) -> Path:
        """What the processes of an `up` have counted, a file each."""
        return self.home / "metrics"

    @property
    def valkey(self) -> Path:
        """Data of the embedded Valkey."""
        return self.home / "valkey"

    @property
    def api_key(self) -> Path:
        """The API key that `up` makes."""
        return self.home / "key"

    @property
    def sealing_key(self) -> Path:
        """The sealing key that `up` makes."""
        return self.home / "sealing.key"

    @property
    def webhook_secret(self) -> Path:
        """The secret that `up` makes to sign the webhooks of its API key."""
        return self.home / "webhook.secret"

    @property
    def redis_url(self) -> Path:
        """Address of the Redis of a running `up`; absent while none runs."""
        return self.home / "redis.url"

    @property
    def url(self) -> Path:
        """Address of the API of a running `up`; absent while none runs."""
        return self.home / "url"

    @property
    def setup_lock(self) -> Path:
        """Held by the one set-up at work."""
        return self.home / "setup.lock"

    @property
    def up_lock(self) -> Path:
        """Held by the one `up` that runs."""
        return self.home / "up.lock"

    def variables(self) -> dict[str, str]:
        """Environment variables that keep what child processes write under `home`, and keep them off the network."""
        return {
            "KARTU_HOME": str(self.home),
            "PYTHONPYCACHEPREFIX": str(self.home / "pycache"),
            "PIP_CACHE_DIR": str(self.home / "cache" / "pip"),
            # The official wheels of ONNX Runtime report what is run to their maker, and note a device id under the
            # home directory, unless told not to.
            "ORT_DISABLE_TELEMETRY": "1",
        }
