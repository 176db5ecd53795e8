"""Every exception becomes an error answer; none reaches a client as a traceback or an HTML page."""

from __future__ import annotations

import logging
import time
import uuid

from flask import Flask, Response, g, request
from gunicorn.http.errors import ParseException
from kombu.exceptions import OperationalError
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound, RequestEntityTooLarge

from api.answers import answer_error
from shared import errors
from shared.metrics import REFUSALS
from shared.redis import UNAVAILABLE

_log = logging.getLogger(__name__)
_DRAINED_BYTES, _DRAINED_S = 64 * 1024 * 1024, 5.0


def register(app: Flask) -> None:
    """Make `app` answer every failure as the contract has it."""
    app.register_error_handler(errors.KartuError, _answer)
    app.register_error_handler(HTTPException, lambda error: _answer(_translate(error), error))
    for unavailable in (*UNAVAILABLE, OperationalError):
        app.register_error_handler(unavailable, lambda error: _answer(errors.ServiceUnavailable(), error))
    app.register_error_handler(ParseException, lambda error: _answer(_unreadable(), error))
    app.register_error_handler(Exception, lambda error: _answer(errors.ProcessingFailed(), error))


def log_refusal(error: errors.KartuError, cause: Exception | None = None) -> str:
    """Write the log line of a fault; gives its errorId, which stands there and in the answer."""
    error_id = str(uuid.uuid4())
    # What a sandbox key has asked for is no fault, and nobody is to be woken for it.
    is_played = "key" in g and g.key.settings.sandbox
    if not is_played:
        REFUSALS.labels(error.error_type).inc()
    fault = error.http_status >= 500 and not is_played
    _log.log(
        logging.ERROR if fault else logging.INFO,
        "request refused",
        extra={"error_id": error_id, "error_type": error.error_type, "endpoint": request.endpoint},
        exc_info=cause if fault else None,
    )
    return error_id


def _translate(error: HTTPException) -> errors.KartuError:
    match error:
        case NotFound():
            return errors.NotFound()
        case MethodNotAllowed():
            return errors.MethodNotAllowed()
        case RequestEntityTooLarge():
            return errors.ImageTooLarge("The request is larger than an image of the permitted size can make it.")
        case HTTPException(code=int(code)) if code < 500:
            return _unreadable()
        case _:
            return errors.ProcessingFailed()


def _unreadable() -> errors.KartuError:
    return errors.ValidationFailed({"_schema": ["The request cannot be understood."]})


def _answer(error: errors.KartuError, cause: Exception | None = None) -> Response:
    _drain_body()
    response = answer_error(error, log_refusal(error, cause))
    if isinstance(error, errors.Unauthorized):
        response.headers["WWW-Authenticate"] = "Bearer"
    if isinstance(cause, MethodNotAllowed) and cause.valid_methods:
        response.headers["Allow"] = ", ".join(cause.valid_methods)
    if error.retry_after_s is not None:
        response.headers["Retry-After"] = str(error.retry_after_s)
    return response


def _drain_body() -> None:
    """Take what the client is still sending, within bounds: it reads no answer before, and meets a broken pipe."""
    if request.headers.get("Expect", "").lower() == "100-continue":
        # Such a client sends nothing before it is told to, and with this answer it never will be.
        return
    connection = request.environ.get("gunicorn.socket")
    deadline, taken = time.monotonic() + _DRAINED_S, 0
    try:
        while taken < _DRAINED_BYTES and (left := deadline - time.monotonic()) > 0:
            if connection is not None:
                # A client that dribbles must not hold the thread.
                connection.settimeout(left)
            chunk = request.environ["wsgi.input"].read(64 * 1024)
            if not chunk:
                break
            taken += len(chunk)
    except (OSError, ParseException, errors.KartuError):
        return
