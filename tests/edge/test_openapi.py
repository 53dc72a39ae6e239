"""The API describes itself truthfully."""

from typing import Any

import pytest
from flask import Flask
from flask_smorest import Blueprint
from marshmallow import Schema, fields
from openapi_spec_validator import OpenAPIV31SpecValidator

from app.core.access import PUBLIC
from app.edge.endpoint import endpoint
from app.edge.paging import page_of
from tests.edge.slice import EchoOut, SecretOut

METHODS = ("get", "put", "post", "patch", "delete")


@pytest.fixture
def document(app: Flask) -> dict[str, Any]:
    found = app.test_client().get("/api/v1/openapi.json").json
    assert isinstance(found, dict)
    return found


def operations(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (method, path, one)
        for path, item in document["paths"].items()
        for method, one in item.items()
        if method in METHODS and path.startswith("/api/v1/")  # the token endpoint answers as OAuth does
    ]


def headers(operation: dict[str, Any]) -> set[str]:
    return {one["$ref"].rpartition("/")[2] for one in operation.get("parameters", []) if "$ref" in one}


def test_document_is_valid(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")
    assert list(OpenAPIV31SpecValidator(document).iter_errors()) == []


def test_operations_are_named_once(document: dict[str, Any]) -> None:
    names = [one["operationId"] for _, _, one in operations(document)]
    assert len(names) == len(set(names)) > 5


def test_every_operation_tells_its_security_and_problems(document: dict[str, Any]) -> None:
    for method, path, one in operations(document):
        public = one["x-permission"] == PUBLIC
        assert one["security"] == ([] if public else [{"bearer": []}]), path
        assert {"406", "503", "default"} <= one["responses"].keys(), path
        assert public or {"401", "403"} <= one["responses"].keys(), path
        assert "{" not in path or "404" in one["responses"], path
        assert ("IdempotencyKey" in headers(one)) <= (method != "get"), path
        assert "x-headers" not in one


def test_keys_and_versions_are_asked_for(document: dict[str, Any]) -> None:
    notes, one = document["paths"]["/api/v1/edge-notes"], document["paths"]["/api/v1/edge-notes/{note_id}"]
    assert headers(notes["post"]) == {"IdempotencyKey"}
    assert headers(one["put"]) == {"IdempotencyKey", "IfMatch"}
    assert {"412", "428"} <= one["put"]["responses"].keys()
    assert (headers(one["get"]), headers(document["paths"]["/api/v1/edge-echoes"]["post"])) == (set(), set())
    assert {parameter["name"] for parameter in notes["get"]["parameters"]} == {"limit", "cursor"}
    assert "304" in one["get"]["responses"]


def test_problems_are_problem_json(document: dict[str, Any]) -> None:
    for name, response in document["components"]["responses"].items():
        expected = set() if name == "NOT_MODIFIED" else {"application/problem+json"}
        assert response.get("content", {}).keys() == expected, name


def test_own_fields_are_described(document: dict[str, Any]) -> None:
    fields_of = document["components"]["schemas"]["EdgeNoteIn"]["properties"]
    assert fields_of["at"]["format"] == "date-time"
    assert fields_of["source"]["pattern"].startswith("^note_")
    amount = document["components"]["schemas"]["LineIn"]["properties"]["amount"]
    assert (amount["type"], amount["minimum"], amount["maximum"]) == ("integer", 0, 10**13 - 1)
    assert document["components"]["schemas"]["EdgeNoteIn"]["additionalProperties"] is False


@pytest.mark.parametrize(
    "declaration",
    [
        {"permission": PUBLIC, "answer": EchoOut},
        {"permission": "x", "answer": SecretOut, "secret_fields": ("client_secrt",)},
        {"permission": "x", "answer": SecretOut, "secret_fields": ("id",)},
        {"permission": PUBLIC, "answer": SecretOut, "idempotent_by": "y", "secret_fields": ("client_secret",)},
    ],
)
def test_contradicting_declarations_are_refused(declaration: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"say what|no optional field|keeps no answer"):
        endpoint(Blueprint("x", __name__), "POST", "/x", **declaration)


def test_pages_of_a_schema_are_one_schema() -> None:
    class ThingOut(Schema):
        name = fields.String()

    assert page_of(ThingOut) is page_of(ThingOut)
    assert page_of(ThingOut).__name__ == "ThingPage"
