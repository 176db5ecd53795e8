"""The API's description, for programs at /openapi.json and for people at /docs; nothing there comes from elsewhere."""

from __future__ import annotations

from flask import Blueprint, Response
from flask_swagger_ui import get_swaggerui_blueprint

from api.openapi import dump_document

blueprint = Blueprint("openapi", __name__)
pages = get_swaggerui_blueprint(
    "/docs", "/openapi.json", config={"app_name": "Kartu", "validatorUrl": None, "tryItOutEnabled": True}
)
_POLICY = "; ".join(
    (
        "default-src 'none'",
        # The page of Swagger UI starts it by a script of its own, which sets styles.
        "script-src 'self' 'unsafe-inline'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)


@pages.after_request  # type: ignore[untyped-decorator]
def confine(response: Response) -> Response:
    """Let the pages use nothing from outside, and nobody frame them."""
    response.headers["Content-Security-Policy"] = _POLICY
    return response


@blueprint.get("/openapi.json")
def openapi() -> Response:
    """The OpenAPI document, as it is checked in."""
    return Response(dump_document(), mimetype="application/json")
