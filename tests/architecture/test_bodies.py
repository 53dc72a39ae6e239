"""Mass assignment and confused content: no endpoint that takes a body takes more, or other, than it describes."""

from collections.abc import Callable, Iterator
from functools import cache, partial
from itertools import cycle
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from marshmallow import fields, validate
from werkzeug.test import Client, TestResponse

from app.core.access import PUBLIC
from app.edge.api import PREFIX
from app.edge.schema import Input, QueryYesNo, YesNo
from prescriptions.schemas.routing import ProductIn
from tests.architecture.test_routes import token
from tests.platform import new_tenant

STRANGE = "is_administrator"
OTHER_TYPES = (
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/jsonp",
)
Json = dict[str, Any]
Bearer = Callable[[Json], str]


@pytest.fixture(scope="module")
def document(app: Flask) -> Json:
    """The description of the whole API."""
    found: Json = Client(app).get(f"{PREFIX}/openapi.json").get_json()
    return found


def taking_json(document: Json) -> Iterator[tuple[str, str, Json, Json]]:
    """Method, path, operation and schema of every operation that takes a body of JSON."""
    for path, operations in sorted(document["paths"].items()):
        for method, operation in sorted(operations.items()):
            content = operation.get("requestBody", {}).get("content", {}) if isinstance(operation, dict) else {}
            if "application/json" in content:
                yield method.upper(), path, operation, content["application/json"]["schema"]


def resolved(document: Json, schema: Json) -> Json:
    """`schema` itself, where it only names another."""
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def with_strange_fields(document: Json, schema: Json) -> Iterator[tuple[Any, str]]:
    """Values that have an unknown field in one of their objects, each with the field's pointer."""
    known = resolved(document, schema)
    if "array" in known.get("type", ()):
        for value, pointer in with_strange_fields(document, known["items"]):
            yield [value], f"/0{pointer}"
    elif "properties" in known:
        yield {STRANGE: True}, f"/{STRANGE}"
        for name, inner in sorted(known["properties"].items()):
            for value, pointer in with_strange_fields(document, inner):
                yield {name: value}, f"/{name}{pointer}"


def asked(app: Flask, method: str, path: str, bearer: str, **body: Any) -> TestResponse:
    """What a client with the permission is answered; the ids in the path are words that name nothing."""
    headers = {"Authorization": f"Bearer {bearer}", "Idempotency-Key": uuid4().hex, "If-Match": '"1"'}
    return Client(app).open(path.replace("{", "").replace("}", ""), method=method, headers=headers, **body)


@pytest.fixture(scope="module")
def bearer_of(app: Flask) -> Bearer:
    """What makes the token of a client that may call an operation."""
    tenant = new_tenant()
    known = cache(partial(token, tenant))
    return lambda operation: known(operation["x-permission"]) if operation["x-permission"] != PUBLIC else ""


def test_no_body_takes_a_field_that_is_not_described(app: Flask, document: Json, bearer_of: Bearer) -> None:
    tried, taken = 0, list[str]()
    for method, path, operation, schema in taking_json(document):
        bearer = bearer_of(operation)
        for value, pointer in with_strange_fields(document, schema):
            answer = asked(app, method, path, bearer, json=value)
            faults = (answer.json or {}).get("errors", [])
            if answer.status_code != 422 or pointer not in {fault["pointer"] for fault in faults}:
                taken.append(f"{method} {path} {pointer}: {answer.status_code}")
            tried += 1
    assert tried > 60
    assert taken == [], "bodies subclass app.edge.schema.Input, which refuses what it does not know"


def test_a_body_of_another_type_is_not_read(app: Flask, document: Json, bearer_of: Bearer) -> None:
    read = []
    for (method, path, operation, _), other in zip(taking_json(document), cycle(OTHER_TYPES), strict=False):
        answer = asked(app, method, path, bearer_of(operation), data=b"{}", content_type=other)
        if answer.status_code != 415:
            read.append(f"{method} {path} as {other}: {answer.status_code}")
    assert read == []


def inputs(base: type[Input] = Input) -> Iterator[type[Input]]:
    """Every schema of a body or a query."""
    for one in base.__subclasses__():
        yield one
        yield from inputs(one)


def input_fields() -> Iterator[tuple[str, fields.Field[Any]]]:
    """Every field of them by its place, and what its lists and mappings hold."""
    for schema in inputs():
        for name, field in schema._declared_fields.items():
            for one in (field, getattr(field, "inner", None), getattr(field, "value_field", None)):
                if one is not None:
                    yield f"{schema.__name__}.{name}", one


def test_no_pattern_lets_a_line_end_through() -> None:
    rules = [(place, rule) for place, field in input_fields() for rule in field.validators]
    patterns = [(place, rule.regex.pattern) for place, rule in rules if isinstance(rule, validate.Regexp)]
    assert "HandOverIn.pickup_code" in dict(patterns)
    assert [place for place, pattern in patterns if "$" in pattern] == [], r"write \Z: $ lets a line end through"


def test_nothing_but_true_and_false_is_yes_or_no() -> None:
    loose = {
        place
        for place, one in input_fields()
        if isinstance(one, fields.Boolean) and not isinstance(one, YesNo | QueryYesNo)
    }
    assert loose == set(), "an input's yes or no is a YesNo or QueryYesNo of app.edge.schema"
    assert isinstance(ProductIn._declared_fields["shippable"], YesNo)
