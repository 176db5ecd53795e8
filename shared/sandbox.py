"""What a sandbox key can ask for: the image is the name of a scenario, `sandbox:<scenario>`, and no card is read.

A scenario plays one branch of the contract, so that integrators can test each: `succeeded`, `slow`, every errorType,
and what can become of a webhook: its first attempt fails and is not sent; with `webhook_retried` the next one is, with
`webhook_dead` there is none unless it is replayed.
"""

from __future__ import annotations

from dataclasses import dataclass

from shared import errors
from shared.errors import KartuError, ValidationFailed

PREFIX = "sandbox:"
SUCCEEDED = "succeeded"
WEBHOOK_RETRIED, WEBHOOK_DEAD = "webhook_retried", "webhook_dead"
WEBHOOK_TEST = "webhook_test"
"""Played for POST /v1/webhooks/test, by any key; nobody can name it."""
_SLOW, _SLOW_S = "slow", 5.0

_OF_JOBS: tuple[type[KartuError], ...] = (
    errors.CardNotFound,
    errors.TextNotFound,
    errors.InvalidDocumentType,
    errors.ParsingFailed,
    errors.ProcessingFailed,
)
"""Errors in which a job ends; with all others it is refused."""

_OF_REQUESTS: tuple[type[KartuError], ...] = (
    errors.InvalidBase64Encoding,
    errors.ImageTooLarge,
    errors.UnsupportedImageType,
    errors.CorruptedImage,
    errors.Unauthorized,
    errors.Forbidden,
    errors.NotFound,
    errors.Gone,
    errors.IdempotencyKeyReused,
    errors.RateLimited,
    errors.QueueFull,
    errors.ServiceUnavailable,
)
JOB_ERRORS = {each.error_type: each for each in _OF_JOBS}
REQUEST_ERRORS = {each.error_type: each for each in _OF_REQUESTS}
SCENARIOS = (SUCCEEDED, _SLOW, WEBHOOK_RETRIED, WEBHOOK_DEAD, "validation", *JOB_ERRORS, *REQUEST_ERRORS)


@dataclass(frozen=True)
class Scenario:
    """A scenario that becomes a job, `delay_s` seconds after it was accepted."""

    name: str
    delay_s: float = 0.0


def choose_scenario(image: str) -> Scenario:
    """The scenario that an image value names; raises the error of one that is refused, or ValidationFailed."""
    name = image.removeprefix(PREFIX)
    if name in REQUEST_ERRORS:
        raise REQUEST_ERRORS[name]()
    if name == "validation":
        raise ValidationFailed({"image": ["The sandbox was asked to refuse this image."]})
    if name not in SCENARIOS:
        raise ValidationFailed({"image": ["The sandbox knows no such scenario."]})
    return Scenario(name, _SLOW_S if name == _SLOW else 0.0)
