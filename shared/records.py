"""What is kept of a job, as frozen dataclasses: the request, the outcome, the claim and the job itself."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, Literal, TypeVar, cast, get_args

from shared.errors import KartuError
from shared.messages import Language

Status = Literal["queued", "processing", "succeeded", "failed", "cancelled"]
Include = Literal["confidence", "boxes", "quality", "extra", "crops"]
BLOCKS: tuple[Include, ...] = get_args(Include)
"""The blocks of the document that are there only where `include` names them, in the document's order."""

RESULT_FIELDS = (
    "identityId",
    "fullName",
    "birthPlace",
    "birthDate",
    "gender",
    "address",
    "province",
    "city",
    "district",
    "village",
    "rtrw",
    "religion",
    "maritalStatus",
    "occupation",
    "nationality",
)
"""The keys of `result`: always these 15, in this order."""

ENDED: frozenset[str] = frozenset({"succeeded", "failed", "cancelled"})


Record = TypeVar("Record")


def restore(kind: type[Record], stored: dict[str, Any]) -> Record:
    """A dataclass as it was stored; what a later release has added is left out, so that two may run side by side."""
    known = {each.name for each in fields(cast("Any", kind))}
    return kind(**{name: value for name, value in stored.items() if name in known})


@dataclass(frozen=True)
class ReadRequest:
    """The flags of a request and the client's own id; the image travels apart from it.

    `sandbox` names the scenario that is played instead of reading a card; None reads it. `callback_url` is where the
    webhook goes, in `language`; None sends none. `traceparent` is the span of the request that brought it, if it is
    traced: kept with the job and not with its message, so that whoever queues it again need not know of it.
    """

    card_detect: bool = True
    pass_card_detect: bool = True
    flip_image: bool = False
    check_flip_image: bool = False
    validate_result: bool = False
    reference_id: str | None = None
    include: tuple[Include, ...] = ()
    sandbox: str | None = None
    callback_url: str | None = field(default=None, repr=False)
    language: Language = "en"
    traceparent: str | None = None


@dataclass(frozen=True)
class Outcome:
    """How a job ended: either `result` and `information`, or an error.

    All from `result` to `crops` is in the wire's own names and types, ready to be sent. `is_played`: by the sandbox.
    """

    message: str
    charged: bool
    result: dict[str, str | None] | None = None
    information: dict[str, float | bool] | None = None
    validation: dict[str, Any] | None = None
    confidence: dict[str, float | None] | None = None
    boxes: dict[str, list[list[float]] | None] | None = None
    quality: dict[str, dict[str, Any]] | None = None
    extra: dict[str, str | None] | None = None
    crops: dict[str, str | None] | None = field(default=None, repr=False)
    error_type: str | None = None
    error_id: str | None = None
    http_status: int = 200
    is_played: bool = False

    @classmethod
    def failure(cls, error: KartuError, error_id: str) -> Outcome:
        """The outcome of a job that ended in `error`."""
        return cls(
            message=error.message,
            charged=error.charged,
            error_type=error.error_type,
            error_id=error_id,
            http_status=error.http_status,
        )

    @property
    def name(self) -> str:
        """What the usage ledger counts it under: `succeeded`, or the errorType."""
        return self.error_type or "succeeded"

    @property
    def status(self) -> Status:
        """The status of a job that ended so."""
        return "succeeded" if self.error_type is None else "failed"


@dataclass(frozen=True)
class Claim:
    """The right to work on a job until the lease runs out; `token` is what `finish` compares.

    `attempt` counts from 1 and includes this one; `waited_s` is the time in the queue before it. The request is still
    sealed: that it cannot be opened must be a failed attempt like any other.
    """

    job_id: str
    token: str
    attempt: int
    owner: str
    sealed_request: bytes = field(repr=False)
    waited_s: float = 0.0


@dataclass(frozen=True)
class Job:
    """A job as its owner may see it."""

    id: str
    owner: str
    status: Status
    created_at: datetime
    expires_at: datetime
    request: ReadRequest = field(repr=False)
    started_at: datetime | None = None
    finished_at: datetime | None = None
    outcome: Outcome | None = field(default=None, repr=False)

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen to this job."""
        return self.status in ENDED
