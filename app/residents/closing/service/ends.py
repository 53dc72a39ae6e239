"""What all slices together say of the end of an account; the factory connects them."""

import uuid
from collections.abc import Iterator, Sequence
from typing import Any, cast

from sqlalchemy import Table
from sqlalchemy.orm import InstrumentedAttribute

from app.core.db import Base, Placement, placement_of
from app.core.unit import Caller
from app.edge.closing import Blocker, Closing, Rule
from app.edge.exporting import Whose, named_tenants

_closings: Sequence[Closing] = ()
_names: Sequence[InstrumentedAttribute[Any]] = ()


def connect_closings(closings: Sequence[Closing], names: Sequence[InstrumentedAttribute[Any]]) -> None:
    """Say once, in the factory, who has a part in the end of an account, and which columns name tenants."""
    global _closings, _names  # one process, one set of slices; set before the first request
    _closings, _names = closings, names


def whose(person: uuid.UUID) -> Whose:
    """The person, and the tenants that their own rows name."""
    return Whose(person, named_tenants(person, _names))


def blockers(person: uuid.UUID) -> list[Blocker]:
    """What has to end before the account of `person` can be erased."""
    known = whose(person)
    return [blocker for closing in _closings for blocker in closing.blockers(known)]


def erase_outside(person: uuid.UUID) -> None:
    """Erase what lies outside the person's scope; may be called again."""
    known = whose(person)
    for closing in _closings:
        closing.erase(known)


def call_off(person: uuid.UUID, by: Caller) -> None:
    """Call off what was to come for somebody who died; may be called again."""
    for closing in _closings:
        closing.call_off(person, by)


def kept_tables(rule: Rule) -> Iterator[Table]:
    """The tables of tenants that are kept by `rule`, each before those that its foreign keys name."""
    names = {name for closing in _closings for name, by in closing.kept.items() if by is rule}
    for table in reversed(Base.metadata.sorted_tables):
        if table.name in names and placement_of(table) is Placement.TENANT:
            yield cast(Table, table)


def erased_tables() -> Iterator[Table]:
    """The tables of persons' scopes whose rows are erased, each before those that its foreign keys name."""
    names = frozenset[str]().union(*(closing.erased for closing in _closings))
    for table in reversed(Base.metadata.sorted_tables):
        if table.name in names and placement_of(table) is Placement.PERSON:
            yield cast(Table, table)
