"""What the API answers is held against what its own description promises, in every test that calls it."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import requests
from flask import Flask
from flask.testing import FlaskClient
from jsonschema_rs import Draft202012Validator, ValidationError
from werkzeug.test import TestResponse

PLACE = "/api/v1/openapi.json"
SECONDS = 20


class Description:
    """One OpenAPI document, and whether an answer is as it says."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        """Whole paths are found before those with a variable part."""
        self._components = document["components"]
        self._paths = {
            re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path))): operations
            for path, operations in sorted(document["paths"].items(), key=lambda one: one[0].count("{"))
        }
        self._known: dict[int, Draft202012Validator] = {}

    def check(self, method: str, path: str, status: int, media_type: str, body: Any) -> None:
        """Raise AssertionError where an answer is not the one that is described; what is not described is let pass."""
        operation = self._operation(method, path)
        if operation is None or status == 304:
            return
        other = operation["responses"].get("default") if status >= 400 else None
        response = operation["responses"].get(str(status), other)
        assert response, f"{method} {path}: {status} is not described"
        content = self._response(response).get("content", {})
        assert media_type in content, f"{method} {path}: {status} with {media_type}, not {[*content]}"
        if media_type.endswith("json"):
            wrong = [_told(one) for one in self._errors(content[media_type]["schema"], body)]
            assert not wrong, f"{method} {path}: {status} contradicts its description: {'; '.join(wrong)}"

    def _operation(self, method: str, path: str) -> dict[str, Any] | None:
        found = [operations for known, operations in self._paths.items() if known.fullmatch(path)]
        operation: dict[str, Any] | None = found[0].get(method.lower()) if found else None
        return operation

    def _response(self, response: dict[str, Any]) -> dict[str, Any]:
        name = response.get("$ref", "").rpartition("/")[2]
        found: dict[str, Any] = self._components["responses"][name] if name else response
        return found

    def _errors(self, schema: dict[str, Any], body: Any) -> Iterator[ValidationError]:
        if id(schema) not in self._known:
            whole = {"components": self._components, **schema}
            self._known[id(schema)] = Draft202012Validator(whole, validate_formats=True)
        return self._known[id(schema)].iter_errors(body)


def _told(error: ValidationError) -> str:
    return f"/{'/'.join(map(str, error.instance_path))}: {error.message}"


class DescribedClient(FlaskClient):
    """A client within this process that fails where an answer is not the one that is described."""

    def open(self, *args: Any, **options: Any) -> TestResponse:
        """Ask, and hold the answer against the application's description."""
        answer = super().open(*args, **options)
        if answer.request.path != PLACE:
            known, asked, media_type = _description_of(self.application), answer.request, answer.mimetype or ""
            known.check(asked.method, asked.path, answer.status_code, media_type, answer.get_json(silent=True))
        return answer


def described(app: Flask) -> Flask:
    """`app`, whose test clients hold every answer against the description."""
    app.test_client_class = DescribedClient
    return app


def checked(url: str, answer: requests.Response) -> requests.Response:
    """`answer` of the platform at `url`, as its description says; raises AssertionError where it is another."""
    path, media_type = answer.request.path_url.partition("?")[0], answer.headers.get("Content-Type", "").split(";")[0]
    body = answer.json() if media_type.endswith("json") else None
    _description_at(url).check(str(answer.request.method), path, answer.status_code, media_type, body)
    return answer


_DESCRIPTIONS: dict[frozenset[str], Description] = {}
"""By the endpoints that are described: applications with the same ones have the same document."""


def _description_of(app: Flask) -> Description:
    endpoints = frozenset(app.view_functions)
    if endpoints not in _DESCRIPTIONS:
        _DESCRIPTIONS[endpoints] = Description(app.test_client().get(PLACE).get_json())
    return _DESCRIPTIONS[endpoints]


@cache
def _description_at(url: str) -> Description:
    return Description(requests.get(f"{url}{PLACE}", timeout=SECONDS).json())
