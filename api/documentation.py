"""The API's description, for programs at /openapi.json and for people at /docs; nothing there comes from elsewhere."""

from __future__ import annotations

from flask import Blueprint, Response
from flask_swagger_ui import get_swaggerui_blueprint

from api.openapi import dump_document

blueprint = Blueprint("openapi", __name__)
pages = get_swaggerui_blueprint(
    "/docs", "/openapi.json", config={"app_name": "Kartu", "validatorUrl": None, "tryItOutEnabled": True}
)


@blueprint.get("/openapi.json")
def openapi() -> Response:
    """The OpenAPI document, as it is checked in."""
    return Response(dump_document(), mimetype="application/json")
