"""The API's description for people, served from this machine: Swagger UI's files come with a package, no third party is
asked, and the page has no script or style of its own inside, so that the strict content policy holds.
"""

from pathlib import Path

import flask_swagger_ui
from flask import Blueprint, Response, send_from_directory

from app.core.access import PUBLIC
from app.edge.api import PREFIX, TITLE
from app.edge.permissions import declare

PATH = "/docs"
FILES = Path(flask_swagger_ui.__file__).parent / "dist"
POLICY = (
    "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; object-src 'none'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
"""Swagger UI sets style attributes while it draws; scripts come from this host alone."""
PAGE = f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{TITLE}: API</title>
<link rel="stylesheet" href="{PATH}/files/swagger-ui.css">
</head>
<body>
<main id="api"><noscript>The API is described in <a href="{PREFIX}/openapi.json">openapi.json</a>.</noscript></main>
<script src="{PATH}/files/swagger-ui-bundle.js"></script>
<script src="{PATH}/start.js"></script>
</body>
</html>
"""
SCRIPT = f"""SwaggerUIBundle({{ url: "{PREFIX}/openapi.json", dom_id: "#api", deepLinking: true, validatorUrl: null }});
"""

blueprint = Blueprint("docs", __name__, url_prefix=PATH)


def page() -> Response:
    """The description as a page."""
    return Response(PAGE, content_type="text/html; charset=utf-8", headers={"Content-Security-Policy": POLICY})


def script() -> Response:
    """What starts the page."""
    return Response(SCRIPT, content_type="text/javascript; charset=utf-8")


def file(name: str) -> Response:
    """A file of Swagger UI."""
    return send_from_directory(FILES, name, max_age=86_400)


for _rule, _view in (("/", page), ("/start.js", script), ("/files/<name>", file)):
    blueprint.get(_rule)(declare(_view, PUBLIC))
