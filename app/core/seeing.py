"""Queries of one table that are built once, and whose rows are seen, not changed: they go past the session."""

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any, Generic, TypeVar, cast

from sqlalchemy import ColumnElement, Select, Table, bindparam, select
from sqlalchemy.orm import class_mapper
from sqlalchemy.orm.attributes import instance_dict

from app.core.db import Base, ResidentView, key_column
from app.core.unit import Unit

Row = TypeVar("Row", bound=Base)


def seen(model: type[Row], names: Iterable[str], values: Iterable[Any]) -> Row:
    """A row of `model` as it was read, to be seen, not changed.

    Its constructor is passed by: it notes each value as a change that is to be written.
    """
    row = class_mapper(model).class_manager.new_instance()
    instance_dict(row).update(zip(names, values, strict=True))
    return row


class Seeing(Generic[Row]):
    """The rows of `model` in a unit's scope, a tenant's or a person's, for which all `conditions` hold; values that
    they ask for are bound by name.

    What is set on a row that was seen is written nowhere.
    """

    def __init__(
        self, model: type[Row], *conditions: ColumnElement[bool], order: Sequence[Any] = (), most: int | None = None
    ) -> None:
        """A query that is kept, at the level of a module; in that `order`, at `most` so many."""
        self._model, self._conditions, self._order, self._most = model, conditions, order, most
        self._table = cast(Table, model.__table__)

    def all(self, unit: Unit, **values: Any) -> list[Row]:
        """Every row."""
        bound = {**values, "scope_owner": unit.scope.tenant or unit.scope.person}
        query = self._whole
        if unit.scope.resident and self._model.resident_view is ResidentView.OWN:
            query, bound["scope_resident"] = self._narrowed, unit.scope.resident
        names = self._table.columns.keys()
        return [seen(self._model, names, row) for row in unit.execute(query, bound)]

    def first(self, unit: Unit, **values: Any) -> Row | None:
        """The first row, or None."""
        return next(iter(self.all(unit, **values)), None)

    @cached_property
    def _whole(self) -> Select[Any]:
        owner = self._table.c[str(key_column(self._table))]
        query = select(self._table).where(owner == bindparam("scope_owner"), *self._conditions).order_by(*self._order)
        return query if self._most is None else query.limit(self._most)

    @cached_property
    def _narrowed(self) -> Select[Any]:
        """With a resident bound beside the tenant."""
        return self._whole.where(self._table.c.resident_id == bindparam("scope_resident"))
