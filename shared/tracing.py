"""Traces by OpenTelemetry, where KARTU_TRACING is on: one goes from the request through the queue to the webhook.

A span holds ids, names of stages and kinds of outcomes, and nothing of a card or of who sent it: exceptions are noted
by type, and of what a client sends along only `traceparent` is taken, which is an id by its form. Where tracing is off
a span costs a function call, and nothing here imports OpenTelemetry (the extra `otel`).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Literal

from shared.errors import KartuError
from shared.settings import InvalidSettingError, Settings

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.sdk.trace import SpanProcessor, TracerProvider

Kind = Literal["internal", "server", "client", "consumer"]
Value = str | int | float | bool
HEADER = "traceparent"
_NOTHING: AbstractContextManager[None] = nullcontext()
_provider: TracerProvider | None = None


def start_tracing(settings: Settings, process: str, processor: SpanProcessor | None = None) -> None:
    """Trace in this process from now on, if the settings say so; call it after any fork.

    Spans go where `OTEL_EXPORTER_OTLP_ENDPOINT` and the other OTEL_* variables say, by OTLP over HTTP, or to
    `processor`. Raises InvalidSettingError if the extra `otel` is not installed.
    """
    global _provider
    if not settings.tracing:
        return
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import SERVICE_NAME, Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        raise InvalidSettingError(
            "KARTU_TRACING wants the extra `otel`: pip install -r deploy/requirements/otel.txt"
        ) from None
    name = os.environ.get("OTEL_SERVICE_NAME") or f"kartu-{process}"
    provider = TracerProvider(resource=Resource.create({SERVICE_NAME: name}))
    provider.add_span_processor(processor or BatchSpanProcessor(OTLPSpanExporter()))
    _provider = provider


def stop_tracing() -> None:
    """Send what is still held back, and trace no more; a process that ends without it loses its last spans."""
    global _provider
    if _provider is not None:
        _provider.shutdown()
        _provider = None


def span(
    name: str, *, kind: Kind = "internal", parent: str | None = None, **attributes: Value
) -> AbstractContextManager[None]:
    """A span around a block, under the span `parent` (its `traceparent`) or the one at work in this thread.

    Attributes are noted as by `note`. An exception passes through and leaves its type.
    """
    return _NOTHING if _provider is None else _record(_provider, name, kind, parent, attributes)


def note(**attributes: Value) -> None:
    """Add attributes to the span at work: `job_id=…` becomes `kartu.job_id`."""
    if _provider is not None:
        from opentelemetry.trace import get_current_span

        get_current_span().set_attributes(_named(attributes))


def note_error(error: Exception) -> None:
    """Leave the type of an exception in the span at work, and mark that as failed if it is a fault of ours."""
    if _provider is not None:
        from opentelemetry.trace import StatusCode, get_current_span

        at_work = get_current_span()
        at_work.set_attribute("error.type", type(error).__qualname__)
        # That a photograph shows no card is no fault.
        if not isinstance(error, KartuError) or error.http_status >= 500:
            at_work.set_status(StatusCode.ERROR)


def traceparent() -> str | None:
    """The span at work as W3C has it in the header of that name, for who takes the trace on; None without one."""
    if _provider is None:
        return None
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    carrier: dict[str, str] = {}
    TraceContextTextMapPropagator().inject(carrier)
    return carrier.get(HEADER)


def trace_id() -> str | None:
    """The trace at work in this thread, for log lines: 32 hexadecimal digits; None without one."""
    parent = traceparent()
    return parent.split("-")[1] if parent else None


@contextmanager
def _record(
    provider: TracerProvider, name: str, kind: Kind, parent: str | None, attributes: dict[str, Value]
) -> Iterator[None]:
    from opentelemetry.trace import SpanKind

    tracer = provider.get_tracer("kartu")
    # The words and the frames that OpenTelemetry would note of an exception may quote a card.
    with tracer.start_as_current_span(
        name,
        context=_context(parent),
        kind=SpanKind[kind.upper()],
        attributes=_named(attributes),
        record_exception=False,
        set_status_on_exception=False,
    ):
        try:
            yield
        except Exception as error:
            note_error(error)
            raise


def _context(parent: str | None) -> Context | None:
    """None, the context at work, where there is no parent; one that is no traceparent begins a trace of its own."""
    if parent is None:
        return None
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    return TraceContextTextMapPropagator().extract({HEADER: parent})


def _named(attributes: dict[str, Value]) -> dict[str, Value]:
    return {f"kartu.{name}": value for name, value in attributes.items()}
