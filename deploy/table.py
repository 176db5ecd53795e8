"""A job document for a person: the fields as a table, or what went wrong as one sentence."""

from __future__ import annotations

import json

from shared.connection import Document

NOT_READ = "-"


def succeeded(document: Document) -> bool:
    """Whether the document holds a result."""
    data = document.get("data")
    return isinstance(data, dict) and data.get("status") == "succeeded" and isinstance(data.get("result"), dict)


def fields_table(document: Document) -> str:
    """The fields of a document that succeeded, a line each; what could not be read is a dash.

    Behind the 15 fields stand the extra ones, before the values the confidence, where the document has them.
    """
    data = document["data"]
    confidence = data.get("confidence")
    shown = data["result"] | data.get("extra", {})
    width = max(len(name) for name in shown)
    lines = []
    for name, value in shown.items():
        sure = "" if confidence is None else f"{percent(confidence.get(name)):>7}  "
        lines.append(f"  {name:<{width}}  {sure}{NOT_READ if value is None else value}")
    return "\n".join(lines)


def percent(probability: float | None) -> str:
    """A probability for a person; nothing where there is none."""
    return "" if probability is None else f"{100 * probability:.1f} %"


def findings(document: Document) -> str:
    """How the card lay in the image, and, where they were asked for, the picture's quality and what is wrong or odd."""
    data = document["data"]
    lines = ["  " + ", ".join(f"{name}: {json.dumps(value)}" for name, value in data.get("information", {}).items())]
    for name, measure in data.get("quality", {}).items():
        over = f", over {', '.join(measure['fields'])}" if measure.get("fields") else ""
        lines.append(f"  {name}: {measure['verdict']} ({measure['value']}){over}")
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
