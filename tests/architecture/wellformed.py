"""Requests that the API's own description lets pass: a body for every endpoint, with ids of the asker's choice."""

import re
import uuid
from collections.abc import Callable, Mapping
from functools import cached_property
from types import MappingProxyType
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from tests.core.pictures import jpeg

Ids = Callable[[str], str]
"""An id of the kind with that prefix, or of one of the kinds that a bar stands between."""
ID = re.compile(r"\^\(?([a-z|]+)\)?_\[0-9a-v\]\+\$")
WORDS = ("x", "123456", "A01AA01", "I10", "X0123456789", "x" * 16, "http://127.0.0.1:1", "2099-12-31")
"""Texts of which some pattern accepts one."""
FORMATS = {"date": "2099-12-31", "date-time": "2099-12-31T00:00:00Z", "binary": ""}

NOTHING: Mapping[str, Any] = MappingProxyType({})
NAMED = {"url": "https://his.example.com/hooks", "card": "card_1"}
"""What stands in fields of these names, whether they are asked for or not."""


class Requests:
    """What may be asked of an application."""

    def __init__(self, app: Flask) -> None:
        """Its description is read at the first request."""
        self.app = app
        self.web = app.test_client(use_cookies=False)

    @cached_property
    def document(self) -> Mapping[str, Any]:
        """The application's OpenAPI document."""
        found: Mapping[str, Any] = self.web.get("/api/v1/openapi.json").get_json()
        return found

    def ask(
        self,
        method: str,
        path: str,
        named: Mapping[str, str],
        ids: Ids,
        bearer: str | None,
        stated: Mapping[str, Any] = NOTHING,
    ) -> TestResponse:
        """The answer to a request at the rule `path`, whose variable parts are `named`; `stated` are values of fields
        that no description tells, because they follow from each other.
        """
        headers = {"Idempotency-Key": uuid.uuid4().hex, "If-Match": '"1"'}
        if bearer is not None:
            headers["Authorization"] = f"Bearer {bearer}"
        whole = re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", lambda found: named[found[1]], path)
        return self.web.open(whole, method=method, headers=headers, **self.sent(method, path, ids, stated))

    def kinds(self, method: str, path: str) -> list[str]:
        """The prefixes of ids that a request there may name in its body or query."""
        met = set[str]()

        def meet(prefixes: str) -> str:
            met.update(prefixes.split("|"))
            return "x"

        self.sent(method, path, meet)
        return sorted(met)

    def sent(self, method: str, path: str, ids: Ids, stated: Mapping[str, Any] = NOTHING) -> dict[str, Any]:
        """Query and body of a request there, as the test client wants them."""
        operation = self._operation(method, path)
        named = {
            one["name"]: self._value(one["schema"], ids)
            for one in map(self._resolved, operation.get("parameters", []))
            if one["in"] == "query" and (one.get("required") or ID.fullmatch(one["schema"].get("pattern", "")))
        }
        content = operation.get("requestBody", {}).get("content", {})
        if "application/json" in content:
            body = self._value(content["application/json"]["schema"], ids)
            return {"query_string": named, "json": {**body, **stated} if stated else body}
        if content:
            return {"query_string": named, "data": jpeg(), "content_type": next(iter(content))}
        return {"query_string": named}

    def _operation(self, method: str, path: str) -> Mapping[str, Any]:
        described = re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", r"{\1}", path)
        found: Mapping[str, Any] = self.document["paths"].get(described, {}).get(method.lower(), {})
        return found

    def _resolved(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        if "$ref" not in schema:
            return schema
        _, _, kind, name = schema["$ref"].split("/")
        found: Mapping[str, Any] = self.document["components"][kind][name]
        return found

    def _value(self, schema: Mapping[str, Any], ids: Ids) -> Any:
        schema = self._resolved(schema)
        if "enum" in schema:
            return schema["enum"][0]
        if "anyOf" in schema:
            return self._value(schema["anyOf"][0], ids)
        kind = schema.get("type", "string")
        kind = kind if isinstance(kind, str) else kind[0]
        return getattr(self, f"_{kind}")(schema, ids)

    def _object(self, schema: Mapping[str, Any], ids: Ids) -> dict[str, Any]:
        asked = set(schema.get("required", ())) | set(NAMED)
        return {
            name: NAMED.get(name) or self._value(one, ids)
            for name, one in schema.get("properties", {}).items()
            if name in asked or ID.fullmatch(self._resolved(one).get("pattern", ""))
        }

    def _array(self, schema: Mapping[str, Any], ids: Ids) -> list[Any]:
        return [self._value(schema["items"], ids)]

    def _string(self, schema: Mapping[str, Any], ids: Ids) -> str:
        pattern = schema.get("pattern", "")
        if known := ID.fullmatch(pattern):
            return ids(known[1])
        if "example" in schema:
            return str(schema["example"])
        if "format" in schema:
            return FORMATS.get(schema["format"], "x")
        fitting = (word for word in WORDS if re.search(pattern, word) and len(word) >= schema.get("minLength", 0))
        return next(fitting, "x" * 64)

    def _integer(self, schema: Mapping[str, Any], ids: Ids) -> int:
        return int(schema.get("minimum", 1))

    def _boolean(self, schema: Mapping[str, Any], ids: Ids) -> bool:
        return True
