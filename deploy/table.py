"""A job document for a person: the fields as a table, or what went wrong as one sentence."""

from __future__ import annotations

import json

from deploy.client import Document

NOT_READ = "-"


def succeeded(document: Document) -> bool:
    """Whether the document holds a result."""
    data = document.get("data")
    return isinstance(data, dict) and data.get("status") == "succeeded" and isinstance(data.get("result"), dict)


def fields_table(document: Document) -> str:
    """The fields of a document that succeeded, a line each; what could not be read is a dash."""
    result = document["data"]["result"]
    width = max(len(name) for name in result)
    return "\n".join(f"  {name:<{width}}  {NOT_READ if value is None else value}" for name, value in result.items())


def findings(document: Document) -> str:
    """How the card lay in the image, and, where validation was asked for, what is wrong or odd in each field."""
    data = document["data"]
    lines = ["  " + ", ".join(f"{name}: {json.dumps(value)}" for name, value in data.get("information", {}).items())]
    for name, field in data.get("validation", {}).get("fields", {}).items():
        lines += [f"  {name}: {issue['severity']}: {issue['message']}" for issue in field["issues"]]
    return "\n".join(lines)


def sentence(document: Document) -> str:
    """What a document that did not succeed says: the message, the faults of single fields, and the errorType."""
    message = str(document.get("message") or "The service gave no reason.")
    errors = document.get("errors")
    if not isinstance(errors, dict):
        data = document.get("data")
        status = data.get("status") if isinstance(data, dict) else None
        return f"{message} (status: {status})" if status else message
    fields = [f"{name}: {' '.join(map(str, faults))}" for name, faults in errors.items() if isinstance(faults, list)]
    kind = f" ({errors['errorType']})" if "errorType" in errors else ""
    return " ".join([message, *fields]) + kind
