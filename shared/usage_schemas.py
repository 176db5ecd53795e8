"""The wire of billing: usage by day."""

from __future__ import annotations

from datetime import date
from typing import Any

from marshmallow import Schema, fields

from shared.usage import Usage, total_usage


class UsageSchema(Schema):
    """Jobs that ended."""

    jobs = fields.Integer(required=True)
    charged = fields.Integer(required=True, metadata={"description": "0 for a sandbox key"})
    outcomes = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        required=True,
        metadata={"description": "jobs by outcome: succeeded, cancelled, or an errorType"},
    )


class DayUsageSchema(UsageSchema):
    """Jobs that ended on a day."""

    date = fields.Date(required=True, metadata={"description": "in UTC"})


class UsageDataSchema(Schema):
    """Usage of the caller's key."""

    class Meta:
        """`from` is a word of Python, so it cannot be an attribute."""

        include = {"from": fields.Date(required=True)}  # noqa: RUF012

    to = fields.Date(required=True)
    sandbox = fields.Boolean(required=True)
    total = fields.Nested(UsageSchema, required=True)
    days = fields.List(fields.Nested(DayUsageSchema), required=True)


def usage_document(days: dict[date, Usage], *, is_sandbox: bool) -> dict[str, Any]:
    """The document of these days; what is played in the sandbox is counted and never charged."""
    data = {
        "from": min(days).isoformat(),
        "to": max(days).isoformat(),
        "sandbox": is_sandbox,
        "total": _describe(total_usage(list(days.values())), is_sandbox=is_sandbox),
        "days": [{"date": day.isoformat()} | _describe(each, is_sandbox=is_sandbox) for day, each in days.items()],
    }
    return {"message": "OK", "data": data}


def _describe(usage: Usage, *, is_sandbox: bool) -> dict[str, Any]:
    return {"jobs": usage.jobs, "charged": 0 if is_sandbox else usage.charged, "outcomes": usage.outcomes}
