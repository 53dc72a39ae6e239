"""Every form of statement, executed on the database: allowed ones return the scope's rows, the others are refused."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import (
    and_,
    cast,
    delete,
    exists,
    extract,
    func,
    insert,
    literal,
    literal_column,
    not_,
    or_,
    select,
    text,
    true,
    tuple_,
    union,
    union_all,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import aliased, joinedload, selectinload, subqueryload

from app.core.guard import ScopeViolation
from app.core.ids import new_id
from app.core.scope import Scope
from app.core.unit import Unit, run, unit
from tests.core.relations import Leaf
from tests.dummy.models import Copy, Line, Note
from tests.platform import Platform, new_tenant
from tests.tables import let_through

OTHER_NOTE, OTHER_LINE = aliased(Note), aliased(Line)


@dataclass(frozen=True)
class Ours:
    """One note with one line and a copy, in a tenant beside which another has the same."""

    scope: Scope
    other: Scope
    note: uuid.UUID

    @property
    def tenant(self) -> int:
        return self.scope.require_tenant()

    @property
    def stranger(self) -> int:
        return self.other.require_tenant()


def write(scope: Scope) -> uuid.UUID:
    def work(opened: Unit) -> uuid.UUID:
        note = opened.add(Note(id=new_id(), resident_id=new_id(), words="ours", state="sent", version=1))
        opened.session.flush()
        opened.add(Line(id=new_id(), note_id=note.id, number=1))
        opened.add(Copy(id=new_id(), source="x", words="ours"))
        return note.id

    return run(scope, work)


@pytest.fixture(scope="module")
def ours(platform: Platform) -> Ours:
    scope, other = new_tenant(), new_tenant()
    write(other)
    return Ours(scope, other, write(scope))


Statement = Callable[[Ours], Any]
JOINED = and_(Line.tenant_id == Note.tenant_id, Line.note_id == Note.id)
READS: dict[str, Statement] = {
    "pinned": lambda o: select(Note).where(Note.tenant_id == o.tenant),
    "columns": lambda o: select(Note.words).where(literal(o.tenant) == Note.tenant_id),
    "twice negated": lambda o: select(Note).where(not_(not_(Note.tenant_id == o.tenant))),
    "join": lambda o: select(Note, Line).join(Line, JOINED).where(Note.tenant_id == o.tenant),
    "join, pinned at the other end": lambda o: select(Note).join(Line, JOINED).where(Line.tenant_id == o.tenant),
    "join, each pinned": lambda o: (
        select(Note)
        .join(Line, and_(Line.note_id == Note.id, Line.tenant_id == o.tenant))
        .where(Note.tenant_id == o.tenant)
    ),
    "two tables in FROM": lambda o: select(Note, Line).where(JOINED, Note.tenant_id == o.tenant),
    "self join": lambda o: (
        select(Note)
        .join(OTHER_NOTE, and_(OTHER_NOTE.tenant_id == Note.tenant_id, OTHER_NOTE.words == Note.words))
        .where(Note.tenant_id == o.tenant)
    ),
    "outer join": lambda o: select(Note, Line).outerjoin(Line, JOINED).where(Note.tenant_id == o.tenant),
    "tuple in": lambda o: select(Note).where(tuple_(Note.tenant_id, Note.id).in_([(o.tenant, o.note)])),
    "in": lambda o: select(Note).where(Note.tenant_id.in_([o.tenant])),
    "empty in": lambda o: select(Note).where(Note.tenant_id.in_([])),
    "subquery": lambda o: select(select(Note.words).where(Note.tenant_id == o.tenant).subquery()),
    "joined to a subquery": lambda o: select(Line).join(
        inner := select(Note.tenant_id, Note.id).where(Note.tenant_id == o.tenant).limit(5).subquery(),
        and_(Line.tenant_id == inner.c.tenant_id, Line.note_id == inner.c.id),
    ),
    "exists": lambda o: select(Note).where(
        Note.tenant_id == o.tenant, exists(select(Line.id).where(JOINED, Note.tenant_id == o.tenant))
    ),
    "correlated exists": lambda o: select(Note).where(
        Note.tenant_id == o.tenant,
        exists(select(Line.id).where(Line.tenant_id == o.tenant, Note.tenant_id == o.tenant, Line.note_id == Note.id)),
    ),
    "in a subquery": lambda o: select(Note).where(
        Note.tenant_id == o.tenant, Note.id.in_(select(Line.note_id).where(Line.tenant_id == o.tenant))
    ),
    "cte": lambda o: select(select(Note.words).where(Note.tenant_id == o.tenant).cte()),
    "union": lambda o: union(
        select(Note.words).where(Note.tenant_id == o.tenant), select(Copy.words).where(Copy.tenant_id == o.tenant)
    ),
    "counted": lambda o: select(func.count()).select_from(Note).where(Note.tenant_id == o.tenant),
    "locked": lambda o: select(Note).where(Note.tenant_id == o.tenant).with_for_update(skip_locked=True),
    "operator": lambda o: select(cast(Note.words, JSONB).op("@>")(cast("1", JSONB))).where(
        Note.tenant_id == o.tenant, Note.words == "7"
    ),
    "selectinload": lambda o: select(Leaf).where(Leaf.tenant_id == o.tenant).options(selectinload(Leaf.rows)),
    "joinedload": lambda o: select(Leaf).where(Leaf.tenant_id == o.tenant).options(joinedload(Leaf.rows)),
    "joinedload, limited": lambda o: (
        select(Leaf).where(Leaf.tenant_id == o.tenant).limit(1).options(joinedload(Leaf.rows))
    ),
    "subqueryload": lambda o: select(Leaf).where(Leaf.tenant_id == o.tenant).options(subqueryload(Leaf.rows)),
    "no table": lambda o: select(1),
}
REFUSED_READS: dict[str, Statement] = {
    "unpinned": lambda o: select(Note),
    "id only": lambda o: select(Note).where(Note.id == o.note),
    "another tenant": lambda o: select(Note).where(Note.tenant_id == o.stranger),
    "another in the list": lambda o: select(Note).where(Note.tenant_id.in_([o.tenant, o.stranger])),
    "another in the tuples": lambda o: select(Note).where(
        tuple_(Note.tenant_id, Note.id).in_([(o.tenant, o.note), (o.stranger, o.note)])
    ),
    "null": lambda o: select(Note).where(Note.tenant_id == None),  # noqa: E711  # SQLAlchemy's IS NULL
    "or": lambda o: select(Note).where(or_(Note.tenant_id == o.tenant, Note.words == "ours")),
    "not": lambda o: select(Note).where(not_(Note.tenant_id == o.tenant)),
    "greater": lambda o: select(Note).where(Note.tenant_id >= o.tenant),
    "is true": lambda o: select(Note).where((Note.tenant_id == o.tenant).is_(True)),
    "join on the id alone": lambda o: (
        select(Note).join(Line, Line.note_id == Note.id).where(Note.tenant_id == o.tenant)
    ),
    "self join unpinned": lambda o: (
        select(Note).join(OTHER_NOTE, OTHER_NOTE.words == Note.words).where(Note.tenant_id == o.tenant)
    ),
    "left table pinned in ON": lambda o: select(Note).outerjoin(Line, and_(JOINED, Note.tenant_id == o.tenant)),
    "left joined on the right's pin": lambda o: select(Note).outerjoin(Line, and_(JOINED, Line.tenant_id == o.tenant)),
    "full join": lambda o: select(Note).join(Line, JOINED, full=True).where(Note.tenant_id == o.tenant),
    "unpinned subquery": lambda o: select(select(Note.words).subquery()),
    "joined to an unpinned subquery": lambda o: select(Line).join(
        inner := select(Note.tenant_id, Note.id).subquery(),
        and_(Line.tenant_id == inner.c.tenant_id, Line.note_id == inner.c.id),
    ),
    "outer joined to a pinned subquery": lambda o: select(Line).outerjoin(
        inner := select(Note.tenant_id, Note.id).where(Note.tenant_id == o.tenant).subquery(),
        and_(Line.tenant_id == inner.c.tenant_id, Line.note_id == inner.c.id),
    ),
    "pinned by a union only": lambda o: select(Line).join(
        inner := union_all(select(Note.tenant_id).where(Note.tenant_id == o.tenant), select(Copy.tenant_id)).subquery(),
        Line.tenant_id == inner.c.tenant_id,
    ),
    "pinned in an exists only": lambda o: select(Note).where(exists(select(Line.id).where(Note.tenant_id == o.tenant))),
    "pinned in an exists under or": lambda o: select(Note).where(
        or_(Note.words == "ours", exists(select(Line.id).where(JOINED, Note.tenant_id == o.tenant)))
    ),
    "unpinned exists": lambda o: select(Note).where(Note.tenant_id == o.tenant, exists(select(Copy.id))),
    "relationship's any": lambda o: select(Leaf).where(Leaf.tenant_id == o.tenant, Leaf.rows.any()),
    "unpinned scalar subquery": lambda o: select(select(Copy.words).limit(1).scalar_subquery()),
    "unpinned in order by": lambda o: (
        select(Note).where(Note.tenant_id == o.tenant).order_by(select(Copy.words).limit(1).scalar_subquery())
    ),
    "unpinned cte": lambda o: select(select(Note.words).cte()),
    "unpinned added cte": lambda o: select(Note).where(Note.tenant_id == o.tenant).add_cte(select(Copy).cte("x")),
    "unpinned half of a union": lambda o: union(
        select(Note.words).where(Note.tenant_id == o.tenant), select(Copy.words)
    ),
    "lateral": lambda o: select(Note, select(Line).where(JOINED).lateral()).where(Note.tenant_id == o.tenant),
    "sample": lambda o: select(Note.__table__.tablesample(5)),
    "text": lambda o: text("SELECT * FROM dummy_notes"),
    "text in where": lambda o: select(Note).where(Note.tenant_id == o.tenant, text("true OR true")),
    "text for all": lambda o: select(Note).from_statement(text("SELECT * FROM dummy_notes")),
    "literal column": lambda o: select(Note).where(Note.tenant_id == o.tenant, literal_column("true OR true")),
    "operator of text": lambda o: select(Note).where(Note.tenant_id == o.tenant, true().op("OR true OR")(true())),
    "field of text": lambda o: select(extract("year FROM now()) + (1", Note.words)).where(Note.tenant_id == o.tenant),
    "prefix": lambda o: select(Note.id).where(Note.tenant_id == o.tenant).prefix_with("ALL"),
    "prefix in brackets": lambda o: select(Note.id).where(
        Note.tenant_id == o.tenant,
        Note.id == select(Note.id).where(Note.tenant_id == o.tenant).prefix_with("ALL").scalar_subquery(),
    ),
    "operator of text in brackets": lambda o: select(Note).where(
        Note.tenant_id == o.tenant, ~true().op("OR true OR")(true()).self_group()
    ),
    "suffix": lambda o: (
        select(Note.id).where(Note.tenant_id == o.tenant).suffix_with("UNION SELECT id FROM dummy_notes")
    ),
    "statement hint": lambda o: select(Note.id).where(Note.tenant_id == o.tenant).with_statement_hint("LIMIT 1"),
    "another binding": lambda o: select(func.set_config("app.tenant", str(o.stranger), True)),
    "text run by a function": lambda o: select(func.query_to_xml("SELECT * FROM dummy_notes", True, True, "")),
    "the database's time": lambda o: select(func.now()),
    "an advisory lock": lambda o: select(func.pg_advisory_xact_lock(1)),
}


def rows(o: Ours, statement: Any) -> list[Any]:
    with unit(o.scope) as opened:
        return list(opened.session.execute(statement).unique().all())


def test_what_is_pinned_reads_its_own_rows(ours: Ours) -> None:
    found = {form: len(rows(ours, read(ours))) for form, read in READS.items()}
    assert found == {**dict.fromkeys(READS, 1), "empty in": 0, "operator": 0}


def test_what_could_leave_the_scope_is_refused(ours: Ours) -> None:
    assert let_through(lambda form: rows(ours, REFUSED_READS[form](ours)), REFUSED_READS, ScopeViolation) == set()


def note(o: Ours, tenant: int | None = None, **more: Any) -> dict[str, Any]:
    known = {"tenant_id": tenant or o.tenant, "id": new_id(), "resident_id": new_id()}
    return {**known, "words": "new", "state": "sent", "version": 1, **more}


CHANGES: dict[str, Statement] = {
    "update": lambda o: update(Note).where(Note.tenant_id == o.tenant, Note.words == "no").values(words="x"),
    "update from a pinned subquery": lambda o: (
        update(Note)
        .where(Note.tenant_id == o.tenant, Note.id.in_(select(Line.note_id).where(Line.tenant_id == 0 + o.tenant)))
        .values(state=select(Copy.words).where(Copy.tenant_id == o.tenant).limit(1).scalar_subquery())
    ),
    "insert": lambda o: insert(Note).values(note(o)),
    "several rows": lambda o: insert(Note).values([note(o), note(o)]),
    "upsert": lambda o: (
        upsert(Note)
        .values(note(o, id=o.note))
        .on_conflict_do_update(index_elements=["tenant_id", "id"], set_={"state": "again"})
    ),
    "insert or nothing": lambda o: upsert(Note).values(note(o, id=o.note)).on_conflict_do_nothing(),
    "change in a cte": lambda o: select(
        update(Note).where(Note.tenant_id == o.tenant).values(state="x").returning(Note.id).cte().c.id
    ),
}
REFUSED_CHANGES: dict[str, Statement] = {
    "update unpinned": lambda o: update(Note).values(words="x"),
    "update another": lambda o: update(Note).where(Note.tenant_id == o.stranger).values(words="x"),
    "update of the owner": lambda o: update(Note).where(Note.tenant_id == o.tenant).values(tenant_id=o.stranger),
    "update of the owner in order": lambda o: update(Note)
    .where(Note.tenant_id == o.tenant)
    .ordered_values((Note.tenant_id, o.stranger)),
    "update from another table": lambda o: update(Note)
    .where(Note.tenant_id == o.tenant, Note.words == Copy.words)
    .values(words="x"),
    "update with another table's value": lambda o: update(Note)
    .where(Note.tenant_id == o.tenant)
    .values(words=Copy.words),
    "update with an unpinned subquery": lambda o: update(Note)
    .where(Note.tenant_id == o.tenant)
    .values(words=select(Copy.words).limit(1).scalar_subquery()),
    "delete unpinned": lambda o: delete(Note),
    "delete another": lambda o: delete(Note).where(Note.tenant_id == o.stranger),
    "delete using another table": lambda o: delete(Note).where(Note.tenant_id == o.tenant, Note.id == Line.note_id),
    "insert for another": lambda o: insert(Note).values(note(o, o.stranger)),
    "insert without owner": lambda o: insert(Note).values(id=new_id(), words="x"),
    "one of several for another": lambda o: insert(Note).values([note(o), note(o, o.stranger)]),
    "an owner computed": lambda o: insert(Note).values(note(o) | {"tenant_id": func.abs(-o.tenant)}),
    "an owner computed in one of several": lambda o: insert(Note).values(
        [note(o), note(o) | {"tenant_id": func.abs(-o.stranger)}]
    ),
    "a subquery in one of several": lambda o: insert(Note).values(
        [note(o), note(o) | {"words": select(Copy.words).limit(1).scalar_subquery()}]
    ),
    "upsert of the owner": lambda o: upsert(Note)
    .values(note(o, id=o.note))
    .on_conflict_do_update(index_elements=["tenant_id", "id"], set_={"tenant_id": o.stranger}),
    "upsert with an unpinned subquery": lambda o: upsert(Note)
    .values(note(o, id=o.note))
    .on_conflict_do_update(
        index_elements=["tenant_id", "id"], set_={"words": select(Copy.words).limit(1).scalar_subquery()}
    ),
    "upsert on an unpinned condition": lambda o: upsert(Note)
    .values(note(o, id=o.note))
    .on_conflict_do_update(
        index_elements=["tenant_id", "id"], set_={"words": "x"}, where=exists(select(Copy.id))
    ),
    "insert from select": lambda o: insert(Copy).from_select(
        ["tenant_id", "id", "source", "words"],
        select(Note.tenant_id, Note.id, Note.state, Note.words).where(Note.tenant_id == o.tenant),
    ),
    "change in an unpinned cte": lambda o: select(update(Note).values(words="x").returning(Note.id).cte().c.id),
}  # fmt: skip


def change(o: Ours, statement: Any) -> None:
    with unit(o.scope) as opened:
        opened.session.execute(statement, execution_options={"synchronize_session": False})


@pytest.mark.parametrize("form", CHANGES)
def test_a_pinned_change_passes(ours: Ours, form: str) -> None:
    change(ours, CHANGES[form](ours))


def test_a_pinned_delete_reaches_the_database(ours: Ours) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"), unit(ours.scope) as opened:
        opened.session.execute(delete(Line).where(Line.tenant_id == ours.tenant))


@pytest.mark.filterwarnings("ignore:.*(cartesian product|primary key):sqlalchemy.exc.SAWarning")
def test_a_change_that_could_leave_the_scope_is_refused(ours: Ours) -> None:
    assert let_through(lambda form: change(ours, REFUSED_CHANGES[form](ours)), REFUSED_CHANGES, ScopeViolation) == set()
