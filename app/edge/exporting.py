"""What a slice contributes to the export of everything about a person: read and rendered as its endpoints do."""

import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from marshmallow import Schema
from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute

from app.core.db import Base
from app.core.scope import Scope
from app.core.unit import Caller, unit
from app.edge.paging import MOST, Page


@dataclass(frozen=True)
class Whose:
    """The person whose export is made, and the numbers of the tenants that their own rows name."""

    person: uuid.UUID
    tenants: tuple[int, ...] = ()
    alone: bool = True
    """Whether it is for the person themself, not for somebody who acts for them."""

    @property
    def scope(self) -> Scope:
        """The person's own."""
        return Scope.for_person(self.person)

    @property
    def by(self) -> Caller:
        """Who reads: the worker, for the person and as the person."""
        return Caller("system:export")

    def within(self) -> Iterable[Scope]:
        """Each of the tenants, narrowed to what the person may see there."""
        return (Scope.for_tenant(tenant, as_resident=self.person) for tenant in self.tenants)


@dataclass(frozen=True)
class Contribution:
    """A slice's part in every export."""

    parts: Mapping[str, Callable[[Whose], Any]]
    """By name in the document: what reads it, as it goes into JSON."""
    tables: frozenset[str]
    """The tables whose rows about the person the parts tell."""
    own: frozenset[str] = frozenset()
    """The parts that are for the person alone: how they sign in, where they work, who else acts for them."""
    names: tuple[InstrumentedAttribute[Any], ...] = ()
    """Columns of the person's own tables that hold numbers of tenants which keep something about them."""


def named_tenants(person: uuid.UUID, columns: Iterable[InstrumentedAttribute[Any]]) -> tuple[int, ...]:
    """The tenants that the person's own rows name, in order."""
    found: set[int | None] = set()
    with unit(Scope.for_person(person)) as reading:
        for column in columns:
            owner = column.class_.person_id == person
            found.update(reading.session.scalars(select(column).where(owner).distinct()))
    return tuple(sorted(number for number in found if number is not None))


def every(page: Callable[[Mapping[str, Any]], Page[Any]], **asked: Any) -> Iterable[Any]:
    """All items of a list that comes in pages; `asked` are its own filters."""
    cursor: str | None = ""
    while cursor is not None:
        found = page({"limit": MOST, "cursor": cursor, **asked})
        yield from found.data
        cursor = found.next_cursor


def rows_within(whose: Whose, model: type[Base]) -> Iterable[tuple[Scope, Any]]:
    """Every row of `model` that the person may see in their tenants, each with the scope in which it is read."""
    for scope in whose.within():
        with unit(scope) as reading:
            found = reading.all(reading.select(model))
        yield from ((scope, row) for row in found)


def rendered(schema: type[Schema], items: Iterable[Any]) -> list[Any]:
    """`items` as the API answers them."""
    made = schema()
    return [made.dump(item) for item in items]
