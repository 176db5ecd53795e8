"""Billing: how many jobs of the caller's ended, and how many of them are charged."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, Response, g, request

from api.admission import authenticate, require
from api.answers import answer
from api.services import services
from shared.errors import ValidationFailed
from shared.schemas import refuse_unknown
from shared.usage import KEPT_DAYS, read_usage, today
from shared.usage_schemas import usage_document

_DEFAULT_DAYS = 30

blueprint = Blueprint("billing", __name__, url_prefix="/v1/billing")
blueprint.before_request(authenticate)


@blueprint.get("/usage")
def usage() -> Response:
    """Usage a day, from `from` to `to` (yyyy-mm-dd, UTC, both included); by default the last 30 days."""
    require("billing:read")
    refuse_unknown(request.args, ("from", "to"))
    last = _date("to", today())
    first = _date("from", date.fromordinal(max(1, last.toordinal() - _DEFAULT_DAYS + 1)))
    if first > last:
        raise ValidationFailed({"from": ["Must not be after `to`."]})
    if (last - first).days >= KEPT_DAYS:
        raise ValidationFailed({"from": [f"At most {KEPT_DAYS} days at once."]})
    days = read_usage(services().redis, g.key.id, first, last)
    return answer(usage_document(days, is_sandbox=g.key.settings.sandbox))


def _date(name: str, default: date) -> date:
    raw = request.args.get(name)
    if raw is None:
        return default
    try:
        day = date.fromisoformat(raw)
    except ValueError:
        day = None
    # fromisoformat takes other forms of ISO 8601 as well.
    if day is None or day.isoformat() != raw:
        raise ValidationFailed({name: ["Must be a date: yyyy-mm-dd."]})
    return day
