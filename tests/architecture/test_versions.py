"""Whoever is asked for a version can read it: what takes If-Match is shown somewhere with its ETag."""

import re
from typing import Any

import pytest
from flask import Flask

from app.core.scope import ScopeKind
from app.edge.documentation import VERSION_PARAMETER
from tests.architecture.specimens import SPECIMENS
from tests.architecture.test_routes import fresh, token

VERSIONED = {"$ref": f"#/components/parameters/{VERSION_PARAMETER}"}


@pytest.fixture(scope="module")
def document(app: Flask) -> dict[str, Any]:
    found: dict[str, Any] = app.test_client().get("/api/v1/openapi.json").get_json()
    return found


def asking(document: dict[str, Any]) -> list[str]:
    """The paths that take If-Match."""
    return [
        path
        for path, operations in document["paths"].items()
        for one in operations.values()
        if isinstance(one, dict) and VERSIONED in one.get("parameters", ())
    ]


def shown_at(document: dict[str, Any], path: str) -> str | None:
    """The path at which the thing that is changed at `path` is read by itself; None where it is only listed. What is
    one's own alone (`/me`) has no id.
    """
    own = path[: path.rfind("}") + 1]
    return next((one for one in (path, own) if "get" in document["paths"].get(one, {})), None)


def test_what_is_changed_by_its_version_is_shown_with_it(app: Flask, document: dict[str, Any]) -> None:
    tried = 0
    for path in asking(document):
        shown = shown_at(document, path)
        if shown is None:
            continue
        names = re.findall(r"{(\w+)}", shown)
        owner, made = fresh(SPECIMENS[names[-1]].kind if names else ScopeKind.PERSON), dict[str, str]()
        for name in names:
            made[name] = SPECIMENS[name].make(owner, made)
        bearer = token(owner, document["paths"][shown]["get"]["x-permission"])
        answer = app.test_client().get(shown.format(**made), headers={"Authorization": f"Bearer {bearer}"})
        assert (answer.status_code, answer.headers.get("ETag", "")[:1]) == (200, '"'), shown
        tried += 1
    assert tried > 3


def test_what_is_only_listed_is_listed_with_its_version(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    listed = {path[: path.index("/{")] for path in asking(document) if shown_at(document, path) is None}
    assert listed
    for path in listed:
        answer = document["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        page = schemas[answer["$ref"].rpartition("/")[2]]
        row = schemas[page["properties"]["data"]["items"]["$ref"].rpartition("/")[2]]
        assert "version" in row["required"], path
