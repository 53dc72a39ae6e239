"""Glances: what a question may be, that it is one message behind the same wall, and what becomes of its connection."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest
from psycopg import pq
from psycopg.errors import InvalidTextRepresentation
from sqlalchemy import BindParameter, Select, Table, bindparam, make_url, select
from sqlalchemy.exc import DBAPIError, OperationalError

from app.core.db import Base
from app.core.engines import fenced
from app.core.glances import Glance
from app.core.ids import new_id
from app.core.questions import OWNER, BadQuestion, Question
from app.core.scope import Scope, ScopeKind
from app.core.unit import Database, run, sqlstate, unit
from app.settings import driver_url
from tests.dummy.models import Copy, Line, Profile, Value
from tests.platform import Platform, new_tenant

COPIES, LINES, PROFILES, VALUES = (cast(Table, model.__table__) for model in (Copy, Line, Profile, Value))
OWNED: BindParameter[Any] = bindparam(OWNER)
WORDS = Question(
    ScopeKind.TENANT, select(COPIES.c.words).where(COPIES.c.tenant_id == OWNED, COPIES.c.id == bindparam("of_id"))
)
NUMBERED = Question(
    ScopeKind.TENANT, select(LINES.c.id).where(LINES.c.tenant_id == OWNED, LINES.c.number == bindparam("of_number"))
)
RESERVED = Question(ScopeKind.KEY, select(VALUES.c.reserver).where(VALUES.c.key == OWNED))
TOO_MUCH = 2**70
"""No bigint: the statement fails in the database."""
BAD: Mapping[str, tuple[ScopeKind, Select[Any]]] = {
    "nothing pinned": (ScopeKind.TENANT, select(COPIES.c.words)),
    "pinned to another value": (ScopeKind.TENANT, select(COPIES.c.words).where(COPIES.c.tenant_id == 7)),
    "one of two": (ScopeKind.TENANT, select(COPIES.c.words, LINES.c.number).where(COPIES.c.tenant_id == OWNED)),
    "of a person": (ScopeKind.TENANT, select(PROFILES.c.words).where(PROFILES.c.person_id == OWNED)),
    "of a value": (ScopeKind.TENANT, select(VALUES.c.reserver).where(VALUES.c.key == OWNED)),
    "a list": (
        ScopeKind.TENANT, select(COPIES.c.words).where(COPIES.c.tenant_id == OWNED, COPIES.c.words.in_(["a", "b"])),
    ),
    "words": (ScopeKind.TENANT, select(COPIES.c.id).where(COPIES.c.tenant_id == OWNED, COPIES.c.words == "x'; --")),
}  # fmt: skip


@pytest.fixture
def on(platform: Platform) -> Iterator[Database]:
    """A database over a pool of one connection."""
    known = platform.database
    engine = fenced(driver_url(platform.addresses["app"]), 1)
    yield Database(engine, known.clock, known.cipher, known.blind)
    engine.dispose()


def kept(words: str = "x") -> tuple[Scope, dict[str, Any]]:
    """A fresh tenant with one row, and the values with which it is asked for."""
    scope, row = new_tenant(), Copy(id=new_id(), source="x", words=words)
    run(scope, lambda opened: opened.add(row))
    return scope, {"of_id": row.id}


def driver(on: Database) -> Any:
    """The one connection."""
    with closing(on.engine.raw_connection()) as pooled:
        return pooled.driver_connection


@pytest.mark.parametrize("kind", sorted(BAD))
def test_a_question_that_could_leave_its_scope_is_none(kind: str) -> None:
    with pytest.raises(BadQuestion):
        Question(*BAD[kind])


ELSEWHERE = {
    "person": (WORDS, Scope.for_person(new_id())),
    "narrowed": (WORDS, Scope.for_tenant(1, as_resident=new_id())),
    "tenant": (RESERVED, Scope.for_tenant(1)),
    "another table": (RESERVED, Scope.for_key("logins", new_id())),
}


@pytest.mark.parametrize("where", sorted(ELSEWHERE))
def test_a_question_is_asked_of_its_kind_of_scope_alone(where: str) -> None:
    question, scope = ELSEWHERE[where]
    with pytest.raises(BadQuestion):
        question.call(scope, {"of_id": new_id()})


@pytest.mark.parametrize("value", ["0'; DROP TABLE", True, 1.5, None, b"x", [1]], ids=repr)
def test_what_is_not_written_as_a_literal(value: Any) -> None:
    with pytest.raises(BadQuestion):
        WORDS.call(Scope.for_tenant(1), {"of_id": value})


def test_a_glance_sees_what_a_unit_sees(platform: Platform) -> None:
    scope, row = kept("甲'\n")
    assert list(Glance(scope).ask(WORDS, row) or ()) == ["甲'\n"]
    with unit(scope) as opened:
        assert list(opened.ask(WORDS, row) or ()) == ["甲'\n"]
    assert Glance(new_tenant()).ask(WORDS, row) is None
    assert Glance(scope).ask(WORDS, {"of_id": new_id()}) is None


def test_the_wall_stands_where_the_pin_names_another_owner(on: Database) -> None:
    (scope, row), other = kept(), new_tenant()
    assert Glance(scope, on=on).ask(WORDS, row)
    answer = driver(on).pgconn.exec_(f"{other.binding()}; {WORDS.call(scope, row)}".encode())
    assert (answer.status, answer.ntuples) == (pq.ExecStatus.TUPLES_OK, 0)


def test_after_a_glance_nothing_is_bound(on: Database) -> None:
    Glance(new_tenant(), on=on).ask(WORDS, {"of_id": new_id()})
    with pytest.raises(InvalidTextRepresentation):
        driver(on).execute("SELECT * FROM dummy_copies")


def messages(on: Database, place: Path, act: Callable[[], object]) -> list[str]:
    """What passes over the one connection while `act` runs, by libpq's own trace: sent (F) and received (B)."""
    held = driver(on).pgconn
    with (place / "trace").open("w") as file:
        held.trace(file.fileno())
        act()
        held.untrace()
    lines = [line.split("\t") for line in (place / "trace").read_text().splitlines() if line.count("\t") > 2]
    return [f"{direction} {name}" for _, direction, _, name, *_ in lines]


def test_a_glance_is_one_message(on: Database, tmp_path: Path) -> None:
    scope, row = kept()
    Glance(scope, on=on).ask(WORDS, row)
    passed = messages(on, tmp_path, lambda: Glance(scope, on=on).ask(WORDS, row))
    assert [one for one in passed if one.startswith("F")] == ["F Query"]


def test_what_the_driver_deallocates_after_a_rollback_is_prepared_again(on: Database, tmp_path: Path) -> None:
    scope, row = kept()
    held = driver(on)

    def refused_between() -> None:
        Glance(scope, on=on).ask(WORDS, row)
        held.execute("SELECT 1", prepare=True)
        with pytest.raises(KeyError), unit(scope, on=on):
            raise KeyError
        assert Glance(scope, on=on).ask(WORDS, row)

    passed = messages(on, tmp_path, refused_between)
    assert "F Query" in passed and "B ErrorResponse" not in passed
    held.execute("DEALLOCATE ALL")
    assert Glance(scope, on=on).ask(WORDS, row), "gone without a rollback"


def test_a_name_that_is_taken_ends_the_connection_and_not_the_request(on: Database) -> None:
    scope, row = kept()
    driver(on).execute(f"PREPARE {WORDS.name} AS SELECT 1")
    backend = driver(on).info.backend_pid
    assert Glance(scope, on=on).ask(WORDS, row)
    assert driver(on).info.backend_pid != backend


@pytest.mark.parametrize("shaken", [False, True])
def test_a_lost_connection_is_no_error(platform: Platform, on: Database, shaken: bool) -> None:
    scope, row = kept()
    Glance(scope, on=on).ask(WORDS, row)
    if shaken:
        with pytest.raises(KeyError), unit(scope, on=on):
            raise KeyError
    with platform.connection() as admin:
        admin.execute("SELECT pg_terminate_backend(%s, 5000)", [driver(on).info.backend_pid])
    assert Glance(scope, on=on).ask(WORDS, row)


def test_what_the_driver_can_ask_nothing_more_is_lost(on: Database) -> None:
    scope, row = kept()
    driver(on).pgconn.finish()
    assert Glance(scope, on=on).ask(WORDS, row)


def test_an_error_of_the_database_is_that_of_a_unit(on: Database) -> None:
    scope = new_tenant()
    with pytest.raises(DBAPIError) as glanced:
        Glance(scope, on=on).ask(NUMBERED, {"of_number": TOO_MUCH})
    with pytest.raises(DBAPIError) as asked, unit(scope, on=on) as opened:
        opened.ask(NUMBERED, {"of_number": TOO_MUCH})
    assert type(glanced.value) is type(asked.value)
    assert sqlstate(glanced.value) == sqlstate(asked.value) == "22003"
    assert Glance(scope, on=on).ask(NUMBERED, {"of_number": 1}) is None


def test_a_database_that_is_away_is_an_error_of_the_database(platform: Platform) -> None:
    known = platform.database
    nobody = make_url(driver_url(platform.addresses["app"])).set(port=1)
    gone = Database(fenced(nobody.render_as_string(hide_password=False), 1), known.clock, known.cipher, known.blind)
    with pytest.raises(OperationalError):
        Glance(Scope.for_tenant(1), on=gone).ask(WORDS, {"of_id": new_id()})


def test_every_kind_of_column_is_read_as_a_unit_reads_it() -> None:
    """Of the types that tables have; PostgreSQL's own spelling of each."""
    now = datetime(2026, 11, 22, 1, 2, 3, 4, tzinfo=UTC)
    tokens = Base.metadata.tables["person_access_tokens"].c
    question = Question(
        ScopeKind.PERSON,
        select(tokens.id, tokens.secret_hash, tokens.tenant, tokens.issued_at, tokens.used_on).where(
            tokens.person_id == OWNED
        ),
    )
    id_ = new_id()
    row = [str(id_).encode(), b"x", b"7", b"2026-11-22 01:02:03.000004+00", b"2026-11-22"]
    assert question.read(row) == [id_, "x", 7, now, now.date()]
    assert question.read([None] * 5) == [None] * 5


@pytest.mark.parametrize("written", [b"\\x00ff27", b"\\000\\377'"], ids=["hex", "escape"])
def test_bytes_are_read_however_the_server_writes_them(written: bytes) -> None:
    keys = Base.metadata.tables["person_idempotency_keys"].c
    question = Question(ScopeKind.PERSON, select(keys.answer).where(keys.person_id == OWNED))
    assert question.read([written]) == [b"\x00\xff'"]
