"""The OpenAPI side of the edge: flask-smorest with problem+json as the only documented error."""

import http
import json
from collections.abc import Callable
from datetime import timedelta
from inspect import cleandoc
from threading import Lock
from typing import Any

from apispec import APISpec
from flask import Flask, Response
from flask_smorest import Api, Blueprint

from app.core.access import FRESH_FOR, PUBLIC
from app.edge.documentation import STEP_UP, HeaderParameters
from app.edge.permissions import declare
from app.edge.problems import CONTENT_TYPE
from app.edge.schema import describe

TITLE = "Cloud hospital"
VERSION = "v1"
PREFIX = "/api/v1"
ABOUT = (
    "Bodies are I-JSON (RFC 7493) in UTF-8: no name twice in an object, integers within 53 bits, at most 32 levels. "
    "Text holds no control characters but tab and line ends, and loses white space around it; nor does it hold what is "
    "not shown (Unicode category Cf, U+2028, U+2029), but for joiners (U+200C, U+200D) beside a virama, between Arabic "
    "letters and in emoji. "
    "Errors are problem details (RFC 9457) with a stable `code`; docs/errors.md, which comes with the platform, lists "
    "every code and every rule with what it means."
)
_TEXT = {"type": "string"}
PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "RFC 9457 problem details. Decide by `code`, which never changes; titles and details may.",
    "required": ["type", "title", "status", "code", "request_id"],
    "properties": {
        "type": {"type": "string", "pattern": "^urn:cloud-hospital:problem:[a-z0-9_]+$"},
        "title": {"type": "string", "description": "What kind of problem it is, in English"},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "code": {"type": "string", "pattern": "^[a-z0-9_]+$", "description": "All are listed in docs/errors.md"},
        "detail": {"type": "string", "description": "What is wrong here, and what to change"},
        "request_id": {"type": "string", "description": "To be named to support; the header X-Request-Id has it too"},
        "errors": {
            "type": "array",
            "description": "What is wrong with body or query, with 422; with a few 409, what in the thing itself is",
            "items": {
                "type": "object",
                "required": ["pointer", "rule", "detail"],
                "properties": {
                    "pointer": {"type": "string", "description": "Where: a JSON Pointer (RFC 6901)"},
                    "rule": {
                        "type": "string",
                        "description": "Which rule, a stable word; all are listed in docs/errors.md",
                    },
                    "detail": _TEXT,
                },
            },
        },
    },
}
_WAIT = {"Retry-After": {"description": "Seconds until it may succeed", "schema": {"type": "integer", "minimum": 0}}}
_CHALLENGE = {"WWW-Authenticate": {"description": "Bearer, and why the token was refused", "schema": _TEXT}}
_STEP_UP = (
    "Not permitted; with `second_factor_required`, permitted once the person behind the token has proved their second "
    f"factor (`POST {PREFIX}/me/second-factor`), which holds for {FRESH_FOR // timedelta(minutes=1)} minutes. Clients "
    "are proved by their credentials."
)
_HEADERS = {
    http.HTTPStatus.UNAUTHORIZED: _CHALLENGE,
    http.HTTPStatus.CONFLICT: _WAIT,
    http.HTTPStatus.TOO_MANY_REQUESTS: _WAIT,
    http.HTTPStatus.SERVICE_UNAVAILABLE: _WAIT,
}
"""Headers that some problems have."""


class ProblemApi(Api):  # type: ignore[misc]  # flask-smorest carries no types
    """An API whose errors are rendered by the edge and documented as problems.

    Its document is made when it is first asked for: making it is most of what it takes to make an application, and few
    processes are ever asked.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self._chapters: list[Callable[[APISpec], None]] = []
        self._written: str | None = None
        self._writing = Lock()
        super().__init__(*arguments, **options)

    def register_blueprint(self, blp: Blueprint, **options: Any) -> None:
        """Serve the blueprint now, describe it later; flask-smorest's own does both at once."""
        self._app.extensions["flask-smorest"]["blp_name_to_api"][blp.name] = self
        self._app.register_blueprint(blp, **options)

        def chapter(spec: APISpec) -> None:
            blp.register_views_in_doc(self, self._app, spec, name=blp.name, parameters=None)
            spec.tag({"name": blp.name, "description": blp.description})

        self.describe(chapter)

    def describe(self, chapter: Callable[[APISpec], None]) -> None:
        """Have `chapter` add its part to the document, after the parts that were given before."""
        self._chapters.append(chapter)

    def _register_error_handlers(self) -> None:
        """Errors are rendered by `problems`, for pages and API alike."""

    def _openapi_json(self) -> Response:
        with self._writing:
            if self._written is None:
                self._written = self._write()
        return Response(self._written, mimetype="application/json")

    def _write(self) -> str:
        for chapter in self._chapters:
            chapter(self.spec)
        self._explain_schemas()
        return json.dumps(self.spec.to_dict(), ensure_ascii=False)

    def _explain_schemas(self) -> None:
        """Let every schema say what its class says. Not by its `Meta`: apispec would keep silent then about what more a
        body may hold.
        """
        shown = self.spec.components.schemas  # flask-smorest's own of pages is not among them: nothing refers to it
        for (schema, *_), name in self.ma_plugin.converter.refs.items():
            if name in shown and (said := vars(schema).get("__doc__")):
                shown[name]["description"] = cleandoc(said)

    def _register_responses(self) -> None:
        self.spec.components.schema("Problem", PROBLEM)
        content = {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
        self.spec.components.response("NOT_MODIFIED", {"description": "The caller has this version"}, lazy=True)
        for status in (status for status in http.HTTPStatus if status >= http.HTTPStatus.BAD_REQUEST):
            told = {"description": status.phrase, "content": content, "headers": _HEADERS.get(status, {})}
            self.spec.components.response(status.name, told, lazy=True)
        self.spec.components.response(STEP_UP, {"description": _STEP_UP, "content": content}, lazy=True)
        self.spec.components.response("DEFAULT_ERROR", {"description": "Problem", "content": content}, lazy=True)


declare(ProblemApi._openapi_json, PUBLIC)


def configure(app: Flask) -> ProblemApi:
    """Give `app` its API; the specification is served at `/api/v1/openapi.json`."""
    app.config.update(
        API_TITLE=TITLE,
        API_VERSION=VERSION,
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX=PREFIX,
        OPENAPI_JSON_PATH="openapi.json",
    )
    api = ProblemApi(app, spec_kwargs={"extra_plugins": [HeaderParameters()], "info": {"description": ABOUT}})
    api.ma_plugin.converter.add_attribute_function(describe)
    bearer = {"type": "http", "scheme": "bearer", "description": "Access token from /oauth/token"}
    api.spec.components.security_scheme("bearer", bearer)
    return api
