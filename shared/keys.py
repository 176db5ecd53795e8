"""API keys as records: what a key may do, and what holds for all jobs of its owner."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, get_args

Scope = Literal["jobs:submit", "jobs:read", "jobs:purge", "billing:read", "webhooks:manage"]
BOOTSTRAP_ID = "bootstrap"
"""What the jobs of KARTU_BOOTSTRAP_KEY belong to."""

SCOPES: tuple[Scope, ...] = get_args(Scope)


@dataclass(frozen=True)
class KeySettings:
    """What can be chosen for each key; None leaves it to the service's own setting.

    `default_wait_s`: how long a submission without `Prefer` waits, in seconds. `rate_per_minute`: submitted images;
    `quota_per_day`: accepted jobs, by the day in UTC; 0 sets no limit. `image_ttl_s`, `result_ttl_s`: retention in
    seconds. `sandbox`: no card is read, answers follow the image's value.
    """

    scopes: tuple[Scope, ...] = SCOPES
    default_wait_s: int = 0
    rate_per_minute: int | None = None
    quota_per_day: int | None = None
    image_ttl_s: int | None = None
    result_ttl_s: int | None = None
    sandbox: bool = False


@dataclass(frozen=True)
class ApiKey:
    """A key without its secret; `id` is what jobs belong to, and stays the same through rotations."""

    id: str
    name: str
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    settings: KeySettings = field(default_factory=KeySettings)
