"""Statements made at random never return or change another tenant's row: the guard refuses, or the result is clean.

They run as the owner of the tables, whom row-level security does not bind: what is clean is clean by the guard alone.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, and_, exists, not_, or_, select, true, tuple_, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.selectable import FromClause

from app.core.db import Base
from app.core.engines import fenced
from app.core.guard import ScopeViolation
from app.core.scope import Scope
from app.settings import driver_url
from tests.core.test_guard import write
from tests.platform import Platform, new_tenant

TABLES = [Base.metadata.tables[name] for name in ("dummy_notes", "dummy_lines", "dummy_copies")]
Draw = st.DrawFn


@dataclass(frozen=True)
class Two:
    """Two tenants with the same rows, and an engine that is fenced by the guard alone."""

    engine: Engine
    ours: Scope
    theirs: Scope


@pytest.fixture(scope="module")
def two(platform: Platform) -> Iterator[Two]:
    engine = fenced(driver_url(platform.addresses["owner"]), 2)
    ours, theirs = new_tenant(), new_tenant()
    for scope in (ours, theirs):
        write(scope)
    yield Two(engine, ours, theirs)
    engine.dispose()


@st.composite
def conditions(draw: Draw, froms: list[FromClause], tenants: tuple[int, int], depth: int = 2) -> Any:
    """A condition over the columns of `froms`, most often with a pin somewhere in it."""
    left, right = (draw(st.sampled_from(froms)).c.tenant_id for _ in range(2))
    ours = tenants[0]
    kinds = ["pin", "pin", "equal", "in", "tuple", "other", "true"] + (
        ["and", "and", "or", "not", "exists"] if depth else []
    )
    kind = draw(st.sampled_from(kinds))
    inner = conditions(froms, tenants, max(depth - 1, 0))
    if kind in ("and", "or"):
        return (and_ if kind == "and" else or_)(draw(inner), draw(inner))
    if kind == "not":
        return not_(draw(inner))
    if kind == "exists":
        return exists(draw(selects(tenants, froms, depth - 1)))
    if kind == "tuple":
        return tuple_(left, right).in_([(ours, draw(st.sampled_from(tenants)))])
    simple = {"pin": left == ours, "equal": left == right, "in": left.in_(draw(st.sampled_from([[ours], tenants])))}
    return simple.get(kind, true() if kind == "true" else left != ours)


@st.composite
def selects(draw: Draw, tenants: tuple[int, int], outside: list[FromClause] = [], depth: int = 2) -> Any:  # noqa: B006  # never changed
    """A SELECT of owners, joined in some way, which may speak of tables of an outer one."""
    froms: list[FromClause] = [draw(st.sampled_from(TABLES)).alias()]
    source: FromClause = froms[0]
    for _ in range(draw(st.integers(0, 2))):
        if depth and draw(st.integers(0, 3)) == 0:
            more: FromClause = draw(selects(tenants, [], depth - 1)).subquery()
        else:
            more = draw(st.sampled_from(TABLES)).alias()
        on = draw(conditions([*froms, more], tenants, 1))
        source = source.join(more, on, isouter=draw(st.booleans()))
        froms.append(more)
    shown = [draw(st.sampled_from(froms)), *froms]
    owners = [one.c.tenant_id.label(f"owner_{number}" if number else "tenant_id") for number, one in enumerate(shown)]
    return select(*owners).select_from(source).where(draw(conditions(froms + outside, tenants, depth)))


def run_on(two: Two, statement: Any) -> list[Any] | None:
    """What `statement` returns in our tenant, or None where it was refused; nothing is kept."""
    with two.engine.connect().execution_options(scope=two.ours) as connection:
        try:
            return [owner for row in connection.execute(statement) for owner in row]
        except ScopeViolation:
            return None
        except DBAPIError:  # a statement that PostgreSQL cannot run (an outer table inside a join)
            return None
        finally:
            connection.rollback()


quick = settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))


@quick
@given(data=st.data())
@pytest.mark.filterwarnings("ignore:.*cartesian product:sqlalchemy.exc.SAWarning")
def test_a_random_select_returns_no_row_of_another_tenant(two: Two, data: st.DataObject) -> None:
    tenants = (two.ours.require_tenant(), two.theirs.require_tenant())
    found = run_on(two, data.draw(selects(tenants)))
    assert not found or set(found) <= {tenants[0], None}


@quick
@given(data=st.data())
@pytest.mark.filterwarnings("ignore:.*cartesian product:sqlalchemy.exc.SAWarning")
def test_a_random_update_changes_no_row_of_another_tenant(two: Two, data: st.DataObject) -> None:
    tenants = (two.ours.require_tenant(), two.theirs.require_tenant())
    table = data.draw(st.sampled_from(TABLES))
    change = update(table).where(data.draw(conditions([table], tenants, 2))).values(id=table.c.id)
    found = run_on(two, change.returning(table.c.tenant_id))
    assert not found or set(found) == {tenants[0]}
