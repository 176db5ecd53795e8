"""A span for each request with a key. Not by Flask's own instrumentation: that one notes who called, and from where."""

from __future__ import annotations

from flask import Flask, Response, g, request

from shared.tracing import HEADER, note, span


def trace(app: Flask) -> None:
    """Trace the requests under /v1; probes, metrics and pages are not worth a trace."""
    app.before_request(_begin)
    app.after_request(_note_status)
    app.teardown_request(_end)


def _begin() -> None:
    if request.url_rule is None or not request.url_rule.rule.startswith("/v1/"):
        return
    name = f"{request.method} {request.url_rule.rule}"
    # Ids in an address are UUIDs by their route.
    ids = {key: str(value) for key, value in (request.view_args or {}).items()}
    g.span = span(name, kind="server", parent=request.headers.get(HEADER), **ids)
    g.span.__enter__()


def _note_status(response: Response) -> Response:
    note(http_status=response.status_code)
    return response


def _end(_: BaseException | None) -> None:
    if "span" in g:
        g.pop("span").__exit__(None, None, None)
