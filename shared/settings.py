"""Every setting of Kartu: one frozen dataclass, read once from the environment.

Each field names its environment variable, its default and one sentence; the README's table is made from them
(`kartu settings`).
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields
from pathlib import Path
from typing import Any, Literal

PROJECT = Path(__file__).resolve().parent.parent


class InvalidSettingError(ValueError):
    """A setting has a value that cannot be used; the message names the variable and never its value."""


def setting(
    env: str, default: Any, sentence: str, *, choices: tuple[str, ...] = (), minimum: float | None = None
) -> Any:
    """Declare one setting: a dataclass field that knows its environment variable and its sentence."""
    metadata = {"env": env, "sentence": sentence, "choices": choices, "minimum": minimum}
    # repr=False: some settings are secrets, and a printed Settings must never show one.
    return field(default=default, repr=False, metadata=metadata)


@dataclass(frozen=True)
class Settings:
    """All settings, with their defaults."""

    home: Path = setting("KARTU_HOME", PROJECT / ".kartu", "Folder for everything that Kartu writes or downloads.")
    redis_url: str = setting("KARTU_REDIS_URL", "redis://127.0.0.1:6379/0", "Redis 6.2 or later, or Valkey.")
    redis_timeout_s: float = setting(
        "KARTU_REDIS_TIMEOUT_S", 2.0, "Seconds until a Redis that does not answer counts as down.", minimum=0.1
    )
    sealing_keys: str = setting(
        "KARTU_SEALING_KEYS",
        "",
        "Keys that seal images and results at rest: 32 bytes in base64 each, separated by commas; the first seals, "
        "all open (`kartu sealing-key` makes one).",
    )
    bootstrap_key: str = setting(
        "KARTU_BOOTSTRAP_KEY", "", "An API key that is valid without being created (no rate limit); for scripts."
    )
    key_in_body: bool = setting(
        "KARTU_KEY_IN_BODY", False, "Whether the API key may also stand in the JSON body, as `key`."
    )
    rate_per_minute: int = setting(
        "KARTU_RATE_PER_MINUTE",
        600,
        "Images a minute that a key may submit, if it has no rate of its own; 0: any.",
        minimum=0,
    )
    quota_per_day: int = setting(
        "KARTU_QUOTA_PER_DAY", 0, "Jobs a day (UTC) of a key that has no quota of its own; 0: any.", minimum=0
    )
    max_image_bytes: int = setting(
        "KARTU_MAX_IMAGE_BYTES", 2 * 1024 * 1024, "Largest image in bytes, after base64 decoding.", minimum=1
    )
    max_image_pixels: int = setting(
        "KARTU_MAX_IMAGE_PIXELS", 50_000_000, "Largest image in pixels, by its header.", minimum=1
    )
    max_wait_s: int = setting("KARTU_MAX_WAIT_S", 60, "Longest `Prefer: wait`, in seconds.", minimum=0)
    max_held: int = setting(
        "KARTU_MAX_HELD",
        48,
        "Requests that an API process (64 threads) holds at once for `Prefer: wait`; more are answered without a wait.",
        minimum=0,
    )
    image_ttl_s: int = setting(
        "KARTU_IMAGE_TTL_S", 24 * 3600, "Seconds after which an image that was never read is gone.", minimum=1
    )
    result_ttl_s: int = setting(
        "KARTU_RESULT_TTL_S", 24 * 3600, "Seconds for which a finished job and its result are kept.", minimum=1
    )
    queue_limit: int = setting(
        "KARTU_QUEUE_LIMIT", 1000, "Waiting jobs above which new ones are refused (503 `queue_full`).", minimum=1
    )
    wait_limit_s: float = setting(
        "KARTU_WAIT_LIMIT_S",
        600.0,
        "Seconds that a new job is expected to wait above which it is refused (503 `queue_full`).",
        minimum=1,
    )
    max_batch_items: int = setting("KARTU_MAX_BATCH_ITEMS", 50, "Most images in a batch.", minimum=1)
    max_batch_bytes: int = setting(
        "KARTU_MAX_BATCH_BYTES", 32 * 1024 * 1024, "Largest body of a batch in bytes.", minimum=1
    )
    max_bodies_bytes: int = setting(
        "KARTU_MAX_BODIES_BYTES",
        96 * 1024 * 1024,
        "Bytes of bodies in an API process at once, else 503.",
        minimum=1,
    )
    max_attempts: int = setting(
        "KARTU_MAX_ATTEMPTS", 3, "Attempts at a job before it ends in `processing_failed`.", minimum=1
    )
    soft_limit_s: int = setting("KARTU_SOFT_LIMIT_S", 25, "Seconds after which an attempt is given up.", minimum=1)
    hard_limit_s: int = setting(
        "KARTU_HARD_LIMIT_S", 30, "Seconds after which the process of an attempt is killed.", minimum=2
    )
    worker_memory_mb: int = setting(
        "KARTU_WORKER_MEMORY_MB",
        1536,
        "Megabytes that an image may take of a worker process beyond its models (on a CPU; an attempt that wants more "
        "fails), and that a process may take in all (one that had more is replaced after its job); 0: any.",
        minimum=0,
    )
    sweep_interval_s: float = setting(
        "KARTU_SWEEP_INTERVAL_S", 2.0, "Seconds between two rounds of the sweeper.", minimum=0.05
    )
    requeue_after_s: float = setting(
        "KARTU_REQUEUE_AFTER_S",
        30.0,
        "Seconds after which a waiting job that was overtaken is queued again.",
        minimum=1,
    )
    webhook_secret: str = setting(
        "KARTU_WEBHOOK_SECRET",
        "",
        "Secrets that sign the webhooks of KARTU_BOOTSTRAP_KEY: `whsec_…`, separated by commas; all of them sign.",
    )
    webhook_http: bool = setting("KARTU_WEBHOOK_HTTP", False, "Whether a `callbackUrl` may begin with http://, too.")
    webhook_networks: str = setting(
        "KARTU_WEBHOOK_NETWORKS",
        "",
        "Private networks that webhooks may go to, such as `127.0.0.0/8`, separated by commas; public addresses always "
        "may.",
    )
    webhook_timeout_s: float = setting(
        "KARTU_WEBHOOK_TIMEOUT_S",
        15.0,
        "Seconds that an attempt to deliver a webhook may take in all.",
        minimum=0.1,
    )
    webhook_retries_s: str = setting(
        "KARTU_WEBHOOK_RETRIES_S",
        "5,60,300,1800,7200,18000",
        "Seconds from each failed attempt to the next; up to a fifth is added at random.",
    )
    webhook_host_limit: int = setting(
        "KARTU_WEBHOOK_HOST_LIMIT", 4, "Webhooks under way at once to one host and port of one key.", minimum=1
    )
    webhook_key_limit: int = setting(
        "KARTU_WEBHOOK_KEY_LIMIT",
        8,
        "Webhooks under way at once of one key, to all its hosts; a worker has 32 threads for all keys.",
        minimum=1,
    )
    webhook_host_failures: int = setting(
        "KARTU_WEBHOOK_HOST_FAILURES",
        10,
        "Failed attempts in a row after which a host and port of one key is left alone for a time.",
        minimum=1,
    )
    webhook_host_pause_s: float = setting(
        "KARTU_WEBHOOK_HOST_PAUSE_S",
        30.0,
        "Seconds of that time; doubled while it does not recover, up to 20 times as long.",
        minimum=0.1,
    )
    engine: str = setting(
        "KARTU_ENGINE",
        "paddle",
        "`paddle` reads cards; `null` gives canned text, for tests.",
        choices=("paddle", "null"),
    )
    device: Literal["cpu", "gpu"] = setting(
        "KARTU_DEVICE",
        "cpu",
        "Where the models run; PP-OCR is always on the processor.",
        choices=("cpu", "gpu"),
    )
    text_detection: str = setting(
        "KARTU_TEXT_DETECTION", "tiny", "PP-OCRv6 model that finds text lines.", choices=("tiny", "small")
    )
    text_recognition: str = setting(
        "KARTU_TEXT_RECOGNITION", "small", "PP-OCRv6 model that reads text lines.", choices=("tiny", "small")
    )
    inference_threads: int = setting(
        "KARTU_INFERENCE_THREADS", 1, "Threads of one worker process for inference.", minimum=1
    )
    batch_ms: float = setting(
        "KARTU_BATCH_MS",
        2.0,
        "Milliseconds that the lines of a job wait for lines of others, to be read with them, on a GPU; 0: none.",
        minimum=0,
    )
    metrics_port: int = setting(
        "KARTU_METRICS_PORT", 0, "Port on which a worker serves its metrics to Prometheus; 0: none.", minimum=0
    )
    tracing: bool = setting(
        "KARTU_TRACING",
        False,
        "Whether spans are sent by OpenTelemetry, to where `OTEL_EXPORTER_OTLP_ENDPOINT` says; wants the extra `otel`.",
    )
    log_level: str = setting(
        "KARTU_LOG_LEVEL",
        "INFO",
        "Least severe log line that is written.",
        choices=("DEBUG", "INFO", "WARNING", "ERROR"),
    )

    @property
    def weights(self) -> Path:
        """Folder of the model weights: one folder a model, named as the model."""
        return self.home / "weights"

    @property
    def lease_s(self) -> float:
        """Seconds for which a claim holds: past the hard limit no process can still be working on it."""
        return self.hard_limit_s + 5.0

    @property
    def webhook_lease_s(self) -> float:
        """Seconds for which an attempt to deliver holds: past its deadline nobody can still be sending."""
        return self.webhook_timeout_s + 5.0

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """Read the settings from `environ` (default: the process's); raises InvalidSettingError."""
        environ = os.environ if environ is None else environ
        given = {
            each.name: _parse(each, environ[each.metadata["env"]])
            for each in fields(cls)
            if environ.get(each.metadata["env"], "") != ""
        }
        settings = cls(**given)
        if settings.soft_limit_s >= settings.hard_limit_s:
            raise InvalidSettingError("KARTU_SOFT_LIMIT_S must be below KARTU_HARD_LIMIT_S.")
        return settings


def _parse(each: Field[Any], raw: str) -> Any:
    """Turn the text of a variable into the type of the field's default."""
    env: str = each.metadata["env"]
    kind: Any = type(each.default)
    try:
        if kind is bool:
            value: Any = {"true": True, "1": True, "false": False, "0": False}[raw.lower()]
        else:
            value = Path(raw).expanduser().resolve() if isinstance(each.default, Path) else kind(raw)
    except KeyError:
        raise InvalidSettingError(f"{env} must be true or false.") from None
    except ValueError:
        raise InvalidSettingError(f"{env} must be of type {kind.__name__}.") from None
    if each.metadata["choices"] and value not in each.metadata["choices"]:
        raise InvalidSettingError(f"{env} must be one of: {', '.join(each.metadata['choices'])}.")
    if each.metadata["minimum"] is not None and value < each.metadata["minimum"]:
        raise InvalidSettingError(f"{env} must be at least {each.metadata['minimum']}.")
    return value


def settings_table() -> str:
    """The table of all settings in Markdown, as it stands in the README."""
    rows = ["| setting | default | meaning |", "|---|---|---|"]
    for each in fields(Settings):
        default = f".{os.sep}.kartu" if isinstance(each.default, Path) else str(each.default)
        default = default.lower() if isinstance(each.default, bool) else default
        choices = " or ".join(f"`{choice}`" for choice in each.metadata["choices"])
        sentence = each.metadata["sentence"] + (f" One of: {choices}." if choices else "")
        rows.append(f"| `{each.metadata['env']}` | {f'`{default}`' if default else '(none)'} | {sentence} |")
    return "\n".join(rows) + "\n"
