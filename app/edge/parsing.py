"""Parsing what a request brings, strictly; every broken rule becomes a fault with a pointer."""

import typing
from collections.abc import Iterator, Mapping
from typing import Any, NoReturn

import marshmallow
import orjson
from flask import Request, g, request
from webargs.flaskparser import FlaskParser
from webargs.multidictproxy import MultiDictProxy
from werkzeug.exceptions import UnsupportedMediaType

from app.core.errors import Fault
from app.edge.ijson import parse, pointer_to, refuse, text_faults
from app.edge.rule_words import word_of

JSON = "application/json"


class StrictParser(FlaskParser):
    """Bodies are I-JSON; a query has no unknown name and no single value twice."""

    DEFAULT_UNKNOWN_BY_LOCATION: dict[str, str | None] = {  # noqa: RUF012  # declared so by webargs
        **FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION,
        "query": marshmallow.RAISE,
    }

    def load_json(self, req: Request, schema: marshmallow.Schema) -> Any:
        """The body's value, which `g.said` keeps in one way of writing; raises Malformed and InvalidInput."""
        value = parse(req.get_data(cache=True))
        g.said = orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
        return value

    def load_querystring(self, req: Request, schema: marshmallow.Schema) -> MultiDictProxy:
        """The query's values; raises InvalidInput."""
        values = MultiDictProxy(req.args, schema)
        refuse(_query_faults(req, values))
        return values

    def handle_error(
        self, error: marshmallow.ValidationError, req: Request, schema: marshmallow.Schema, **status: Any
    ) -> NoReturn:
        """Raise InvalidInput with one fault for each broken field."""
        # webargs puts the messages below the location (`json`, `query`), which is the root of the pointers
        located = typing.cast(dict[str, Any], error.messages)
        refuse(fault for messages in located.values() for fault in faults(messages))
        raise AssertionError("a validation error without a message")


def expect_nothing() -> None:
    """Let no body pass, or `{}`, which says as little and some clients always send.

    Raises UnsupportedMediaType, Malformed, and InvalidInput where a body says something.
    """
    body = request.get_data()
    if body and request.mimetype != JSON:
        raise UnsupportedMediaType("this request takes no body")
    value = parse(body) if body else {}
    if not isinstance(value, dict):
        refuse([Fault("", "type", "Send no body, or {}.")])
    refuse(Fault(pointer_to("", name), "unknown_field", "Unknown field: this request takes no body.") for name in value)
    g.said = b""


def faults(messages: Any, pointer: str = "") -> Iterator[Fault]:
    """Marshmallow's nested messages as one fault for each broken rule."""
    if isinstance(messages, Mapping):
        for name, inner in messages.items():
            yield from faults(inner, pointer if name == "_schema" else pointer_to(pointer, name))
    elif isinstance(messages, list):
        for message in messages:
            yield from faults(message, pointer)
    else:
        yield Fault(pointer, word_of(str(messages)), str(messages))


def _query_faults(request: Request, values: MultiDictProxy) -> Iterator[Fault]:
    for name, given in request.args.lists():
        if len(given) > 1 and name not in values.multiple_keys:
            yield Fault(pointer_to("", name[:50]), "once", "given more than once")
        named = list(text_faults(name, ""))
        yield from named
        for text in given:
            yield from text_faults(text, "" if named else pointer_to("", name))
