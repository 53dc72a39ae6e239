"""What the API answers is held against what its own description promises, in every test that calls it."""

import re
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import quote

import requests
from flask import Flask
from flask.testing import FlaskClient
from jsonschema_rs import Draft202012, Draft202012Validator, Registry, ValidationError
from werkzeug.test import TestResponse

PLACE = "/api/v1/openapi.json"
DOCUMENT = "urn:openapi"
SECONDS = 20


class Description:
    """One OpenAPI document, and whether an answer is as it says."""

    def __init__(self, document: dict[str, Any]) -> None:
        """Whole paths are found before those with a variable part."""
        self._responses = document["components"].get("responses", {})
        self._paths = {
            re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path))): (path, operations)
            for path, operations in sorted(document["paths"].items(), key=lambda one: one[0].count("{"))
        }
        self._registry = Registry([(DOCUMENT, document)], draft=Draft202012)
        self._known: dict[str, Draft202012Validator] = {}

    def check(self, method: str, path: str, status: int, media_type: str, body: Any) -> None:
        """Raise AssertionError where an answer is not the one that is described; what is not described is let pass."""
        described, operation = self._operation(method, path)
        if operation is None or status == 304:
            return
        named = str(status) if status < 400 or str(status) in operation["responses"] else "default"
        response = operation["responses"].get(named)
        assert response, f"{method} {path}: {status} is not described"
        place: Sequence[str] = ("paths", described, method.lower(), "responses", named)
        if "$ref" in response:
            place = response["$ref"].split("/")[1:]
            response = self._responses[place[-1]]
        content = response.get("content", {})
        assert media_type in content, f"{method} {path}: {status} with {media_type}, not {[*content]}"
        if media_type.endswith("json"):
            wrong = [_told(one) for one in self._errors(_pointer(*place, "content", media_type, "schema"), body)]
            assert not wrong, f"{method} {path}: {status} contradicts its description: {'; '.join(wrong)}"

    def _operation(self, method: str, path: str) -> tuple[str, dict[str, Any] | None]:
        for known, (described, operations) in self._paths.items():
            if known.fullmatch(path):
                return described, operations.get(method.lower())
        return "", None

    def _errors(self, schema: str, body: Any) -> Iterator[ValidationError]:
        if schema not in self._known:
            whole = {"$ref": f"{DOCUMENT}#{schema}"}
            self._known[schema] = Draft202012Validator(whole, registry=self._registry, validate_formats=True)
        return self._known[schema].iter_errors(body)


def _pointer(*names: str) -> str:
    """A JSON pointer (RFC 6901), as the fragment of an address."""
    return "".join(f"/{quote(name.replace('~', '~0').replace('/', '~1'))}" for name in names)


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
    if not _OF_PROCESSES:
        _OF_PROCESSES.append(Description(requests.get(f"{url}{PLACE}", timeout=SECONDS).json()))
    _OF_PROCESSES[0].check(str(answer.request.method), path, answer.status_code, media_type, body)
    return answer


_DESCRIPTIONS: dict[frozenset[str], Description] = {}
"""By the endpoints that are described: applications with the same ones have the same document."""
_OF_PROCESSES: list[Description] = []
"""What the first process served: all have the same endpoints, and each would take a quarter of a second to write it."""


def _description_of(app: Flask) -> Description:
    endpoints = frozenset(app.view_functions)
    if endpoints not in _DESCRIPTIONS:
        _DESCRIPTIONS[endpoints] = Description(app.test_client().get(PLACE).get_json())
    return _DESCRIPTIONS[endpoints]
