"""Statements that were built once: they answer as SQLAlchemy's own way does, and nobody who listens is passed by."""

import uuid
from collections.abc import Callable
from typing import Any, cast

import pytest
from sqlalchemy import Executable, Table, bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError, StatementError

from app.core.guard import ScopeViolation
from app.core.ids import new_id
from app.core.keeping import keep_newer
from app.core.scope import Scope
from app.core.seeing import Seeing
from app.core.unit import Unit, sqlstate, unit
from tests.dummy.models import Copy, Note
from tests.platform import Platform, new_tenant

COPIES = cast(Table, Copy.__table__)
C = COPIES.c
MINE = C.tenant_id == bindparam("owner")
SECRET = "what nobody shall read in a log"
INSERT = insert(COPIES)
OF_WORDS = Seeing(Copy, Copy.words == bindparam("of_words"), order=[Copy.id])
ASKED: dict[str, Executable] = {
    "a value in the statement": select(C.id, C.words).where(MINE, C.source == "here").order_by(C.id),
    "an IN list": select(C.id, C.words).where(MINE, C.source.in_(["here", "there"])).order_by(C.id),
    "an expression": select(C.words, (C.words + "!").label("loud")).where(MINE).order_by(C.id),
    "no row": select(C.id).where(MINE, C.source == "nowhere"),
    "two columns of one name": select(C.id, C.id.label("id"), C.words).where(MINE).order_by(C.id),
}


@pytest.fixture
def north(platform: Platform) -> Scope:
    scope = new_tenant()
    with unit(scope) as opened:
        rows = [("here", "one"), ("there", "two"), ("here", "three")]
        opened.execute_each(INSERT, [row(scope, words, source) for source, words in rows])
    return scope


def row(scope: Scope, words: str, source: str = "x", id: uuid.UUID | None = None) -> dict[str, Any]:
    return {"tenant_id": scope.require_tenant(), "id": id or new_id(), "source": source, "words": words}


@pytest.mark.parametrize("name", sorted(ASKED))
def test_the_short_way_answers_the_same(north: Scope, name: str) -> None:
    values = {"owner": north.require_tenant()}
    with unit(north) as opened:
        short = opened.execute(ASKED[name], values)
        assert [tuple(one) for one in short] == opened.session.execute(ASKED[name], values).all()


def test_rows_are_counted(north: Scope) -> None:
    change = update(COPIES).where(MINE, C.source == bindparam("of_source")).values(words=bindparam("to_words"))
    with unit(north) as opened:
        changed = opened.execute(change, {"owner": north.tenant, "of_source": "here", "to_words": "new"})
        assert changed.rowcount == 2
        assert [one.source for one in OF_WORDS.all(opened, of_words="new")] == ["here", "here"]


def test_every_row_is_held_to_the_scope(north: Scope) -> None:
    south = new_tenant()
    kept = select(C.id).where(MINE)
    leaving: list[Callable[[Unit], object]] = [
        lambda opened: opened.execute(INSERT, row(south, "x")),
        lambda opened: opened.execute_each(INSERT, [row(north, "x"), row(south, "y")]),
        lambda opened: opened.execute(kept, {"owner": south.tenant}),
        lambda opened: opened.execute(select(C.id).where(C.words == bindparam("of_words")), {"of_words": "one"}),
    ]
    for work in leaving:
        with pytest.raises(ScopeViolation), unit(north) as opened:
            work(opened)


def test_errors_are_sqlalchemys_and_hold_no_values(north: Scope) -> None:
    known = new_id()
    with unit(north) as opened:
        opened.execute(INSERT, row(north, "x", id=known))
    with pytest.raises(IntegrityError) as twice, unit(north) as opened:
        opened.execute(INSERT, row(north, SECRET, id=known))
    assert sqlstate(twice.value) == "23505"
    assert SECRET not in str(twice.value)
    with pytest.raises(StatementError), unit(north) as opened:
        opened.execute(ASKED["an expression"], {})


def test_a_row_that_was_seen_is_not_written(north: Scope) -> None:
    with unit(north) as opened:
        seen = OF_WORDS.first(opened, of_words="two")
        assert seen is not None
        seen.words = "changed"
    with unit(north) as opened:
        assert OF_WORDS.first(opened, of_words="two") is not None
        assert OF_WORDS.first(opened, of_words="changed") is None


def test_a_resident_sees_their_own(platform: Platform) -> None:
    tenant, (one, other) = new_tenant(), (uuid.uuid4(), uuid.uuid4())
    notes = Seeing(Note, order=[Note.id])
    with unit(tenant) as opened:
        for resident in (one, other):
            opened.add(Note(id=new_id(), resident_id=resident, words="x", state="open", version=1))
    with unit(Scope.for_tenant(tenant.require_tenant(), as_resident=one)) as opened:
        assert [note.resident_id for note in notes.all(opened)] == [one]
    with unit(tenant) as opened:
        assert [note.resident_id for note in notes.all(opened)] == [one, other]


def test_a_copy_gives_way_to_a_newer_one_alone(platform: Platform) -> None:
    tenant, id = new_tenant(), new_id()
    told = [(2, "second"), (1, "first"), (2, "second again"), (3, "third")]
    with unit(tenant) as opened:
        common = {"tenant_id": tenant.tenant, "id": id, "resident_id": uuid.uuid4(), "state": "open"}
        kept = [
            keep_newer(opened, Note, {**common, "words": words, "version": version}, version="version")
            for version, words in told
        ]
        found = opened.get(Note, id)
        assert kept == [True, False, False, True]
        assert found is not None
        assert (found.words, found.version) == ("third", 3)
