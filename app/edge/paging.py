"""Lists in pages: a page ends with a cursor that says where the next one begins.

The cursor is sealed for one list of one scope, so it can be neither read, made up nor used elsewhere. Pages follow the
order of an index (keyset): rows that are added or removed meanwhile never shift the others.
"""

import base64
import binascii
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Generic, TypeVar

import orjson
from marshmallow import Schema, fields, validate
from sqlalchemy import Select, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from app.core.crypto import CannotDecrypt
from app.core.errors import Malformed
from app.core.unit import Unit
from app.edge.schema import Input, QueryNumber

LIMIT = 20
MOST = 100
LONGEST_CURSOR = 500
Row = TypeVar("Row")


class PageQuery(Input):
    """Which page of a list; a list's own filters are further fields of a subclass."""

    limit = QueryNumber(load_default=LIMIT, validate=validate.Range(1, MOST))
    cursor = fields.String(load_default="", validate=validate.Length(max=LONGEST_CURSOR))


@dataclass(frozen=True)
class Page(Generic[Row]):
    """Some rows of a list, and where the next ones begin; `next_cursor` is None on the last page."""

    data: Sequence[Row]
    next_cursor: str | None


@cache
def page_of(schema: type[Schema]) -> type[Schema]:
    """The answer schema of a list whose items are rendered by `schema`."""
    name = schema.__name__.removesuffix("Out").removesuffix("Schema") + "Page"
    return Schema.from_dict(
        {
            "data": fields.List(fields.Nested(schema), required=True),
            "next_cursor": fields.String(required=True, allow_none=True),
        },
        name=name,
    )


@dataclass(frozen=True)
class Keyset:
    """The order of one list: columns of an index that together tell every row apart, such as (created_at, id) or seq.

    `name` is unique among the lists of the platform; a cursor of another list is refused.
    """

    name: str
    columns: tuple[InstrumentedAttribute[Any], ...]
    descending: bool = False

    def page(self, unit: Unit, query: Select[Row], asked: Mapping[str, Any]) -> Page[Row]:
        """The page of `query` that `asked` (a loaded `PageQuery`) names; raises Malformed for a strange cursor."""
        if asked["cursor"]:
            query = query.where(self._after(self._opened(unit, asked["cursor"])))
        order = [column.desc() if self.descending else column.asc() for column in self.columns]
        rows = list(unit.session.scalars(query.order_by(*order).limit(asked["limit"] + 1)))
        shown = rows[: asked["limit"]]
        return Page(shown, self._sealed(unit, shown[-1]) if len(rows) > len(shown) else None)

    def _after(self, values: list[Any]) -> Any:
        key, last = tuple_(*self.columns), tuple_(*values, types=[column.type for column in self.columns])
        return key < last if self.descending else key > last

    def _sealed(self, unit: Unit, row: Any) -> str:
        values = orjson.dumps([getattr(row, column.key) for column in self.columns])
        return base64.urlsafe_b64encode(unit.cipher.seal(values, self._place(unit))).decode().rstrip("=")

    def _opened(self, unit: Unit, cursor: str) -> list[Any]:
        try:
            sealed = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
            values = orjson.loads(unit.cipher.open(sealed, self._place(unit)))
        except (binascii.Error, ValueError, CannotDecrypt):
            raise Malformed("this is no cursor of this list", code="malformed_cursor") from None
        return [_read(value, column) for value, column in zip(values, self.columns, strict=True)]

    def _place(self, unit: Unit) -> str:
        return f"{unit.scope}/cursor/{self.name}"


def _read(value: Any, column: InstrumentedAttribute[Any]) -> Any:
    kind = column.type.python_type
    if kind is datetime:
        return datetime.fromisoformat(value)
    return uuid.UUID(value) if kind is uuid.UUID else value
