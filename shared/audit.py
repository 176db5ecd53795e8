"""The audit trail: one log line for each access to a person's data. It names jobs and keys, never what is in them."""

from __future__ import annotations

import logging
from typing import Literal

AUDIT_LOGGER = "kartu.audit"
_log = logging.getLogger(AUDIT_LOGGER)

Event = Literal["result read", "result sent", "job purged"]


def audit(event: Event, *, job_id: str, key_id: str, status: str) -> None:
    """Write that the key did this to the job, whose status it was then."""
    _log.info(event, extra={"job_id": job_id, "key_id": key_id, "status": status})
