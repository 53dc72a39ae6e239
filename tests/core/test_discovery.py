"""Looks for work: each owner once, oldest first, at a price that does not follow from how many rows wait."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from sqlalchemy import Engine, Table, event

import app.models
from app.core.backlog import backlog
from app.core.discovery import BY_OWNER, LIMIT, MOST_READ, due, owners
from app.core.ids import new_id
from app.core.journal.models import Pending, PersonPending
from app.core.scope import Scope
from app.core.send.models import Delivery
from tests.core.journal.scenes import new_person, note_relays, rows, seal_all
from tests.dummy.service import SENT
from tests.platform import Platform, new_tenant
from tests.receiver import hear

NOW = datetime.now(UTC)
FOUND = [table for table in app.models.metadata.sorted_tables if "due_at" in table.info["grants"].get("discovery", "")]
"""The tables in which work is looked for."""
LATER = [table for table in FOUND if table not in BY_OWNER]
MANY = 2_000
PENDING, PERSON_PENDING, DELIVERIES = (cast(Table, model.__table__) for model in (Pending, PersonPending, Delivery))


def wait(platform: Platform, scope: Scope, count: int, since: datetime = NOW) -> None:
    """Let so many entries of `scope` wait to be sealed, written at `since`."""
    family, owner = ("", "tenant_id") if scope.tenant else ("person_", "person_id")
    query = f"""
        INSERT INTO {family}journal_pending ({owner}, id, due_at, type, subject, subject_version,
            actor, request_id, facts, relays)
        SELECT %s, ('{str(new_id())[:24]}' || lpad(to_hex(n), 12, '0'))::uuid, %s, 'note.sent', 'not_1', n,
               'system:test', '', '{{}}', '[]' FROM generate_series(1, %s) AS n
    """  # noqa: S608  # our own words
    rows(platform, query, scope.tenant or scope.person, since, count)


def clear(platform: Platform, *scopes: Scope) -> None:
    """Nothing of `scopes` waits any more."""
    for scope in scopes:
        family, owner = ("", "tenant_id") if scope.tenant else ("person_", "person_id")
        query = f"DELETE FROM {family}journal_pending WHERE {owner} = %s"  # noqa: S608  # our own words
        rows(platform, query, scope.tenant or scope.person)


def of(found: Sequence[Scope], scopes: Sequence[Scope]) -> list[Scope]:
    """Those of `scopes` that were found, in the order in which they were."""
    return [scope for scope in found if scope in scopes]


@pytest.mark.parametrize(("table", "make"), [(PENDING, new_tenant), (PERSON_PENDING, new_person)])
def test_who_has_waited_longest_is_found_first_and_once(platform: Platform, table: Table, make: Any) -> None:
    scopes = [make() for _ in range(4)]
    for age, scope in zip((2, 4, 1, 3), scopes, strict=True):
        wait(platform, scope, age, NOW - timedelta(days=age))
    try:
        found = due(platform.discovery, {table: ()}, NOW)[table]
        assert of(found, scopes) == [scopes[1], scopes[3], scopes[0], scopes[2]]
        assert len(set(found)) == len(found) <= LIMIT
        assert of(due(platform.discovery, {table: scopes[:2]}, NOW)[table], scopes) == [scopes[3], scopes[2]]
        assert {*found, *scopes} <= owners(platform.discovery, table)
    finally:
        clear(platform, *scopes)


@pytest.fixture
def sent(platform: Platform) -> Iterator[list[tuple[str, Any]]]:
    """What looks ask of the database from now on."""
    asked: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        asked.append((statement, parameters))

    event.listen(platform.discovery, "before_cursor_execute", note)
    yield asked
    event.remove(platform.discovery, "before_cursor_execute", note)


def plan(discovery: Engine, statement: str, parameters: Any) -> Iterator[dict[str, Any]]:
    """The steps that the database took, on a connection of those that look."""
    connection = discovery.raw_connection()
    try:
        cursor = connection.cursor()
        cursor.execute("EXPLAIN (ANALYZE, FORMAT JSON) " + statement, parameters)
        (((explained,),),) = [cursor.fetchall()]
    finally:
        connection.close()
    yield from steps(explained[0]["Plan"])


def steps(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for below in node.get("Plans", ()):
        yield from steps(below)


def read(discovery: Engine, table: Table, sent: Sequence[tuple[str, Any]]) -> int:
    """How many rows of `table` a look that was sent reads."""
    found = [step for step in plan(discovery, *sent[-1]) if step.get("Relation Name") == table.name]
    assert found
    assert not [step for step in found if "Rows Removed by Filter" in step]
    return sum(round(step["Actual Rows"] * step["Actual Loops"]) for step in found)


def test_a_look_reads_one_waiting_entry_of_each_owner(platform: Platform, sent: list[tuple[str, Any]]) -> None:
    scope = new_tenant()
    wait(platform, scope, MANY)
    try:
        assert scope in due(platform.discovery, {PENDING: ()}, NOW)[PENDING]
        ((have_work,),) = rows(platform, "SELECT count(DISTINCT tenant_id) FROM journal_pending")
        assert have_work <= read(platform.discovery, PENDING, sent) <= have_work + 1 < MANY
    finally:
        clear(platform, scope)


def test_a_look_reads_one_waiting_delivery_of_each_tenant(platform: Platform, sent: list[tuple[str, Any]]) -> None:
    """However many wait for an endpoint that does not answer."""
    scopes = [new_tenant() for _ in range(3)]
    for age, scope in enumerate(scopes, 1):
        hear(scope, "http://127.0.0.1:9/", [SENT])
        note_relays(scope, scope, ["one", "two"] * 20)
        seal_all(platform, scope)
        since = NOW - timedelta(days=age)
        rows(platform, "UPDATE deliveries SET due_at = %s WHERE tenant_id = %s", since, scope.tenant)
    rows(platform, "UPDATE deliveries SET due_at = %s WHERE tenant_id = %s", NOW + timedelta(1), scopes[1].tenant)
    found = due(platform.discovery, {DELIVERIES: ()}, NOW)[DELIVERIES]
    assert of(found, scopes) == [scopes[2], scopes[0]]
    assert of(due(platform.discovery, {DELIVERIES: scopes[:1]}, NOW)[DELIVERIES], scopes) == [scopes[2]]
    ((wait_for_any,),) = rows(platform, "SELECT count(DISTINCT tenant_id) FROM deliveries WHERE due_at IS NOT NULL")
    assert wait_for_any <= read(platform.discovery, DELIVERIES, sent) <= wait_for_any + 1
    for scope in scopes:
        rows(platform, "UPDATE deliveries SET due_at = NULL, state = 'canceled' WHERE tenant_id = %s", scope.tenant)


@pytest.mark.parametrize(
    ("table", "make", "count", "most"),
    [(PENDING, new_tenant, MANY, MANY // 2), (PERSON_PENDING, new_person, MOST_READ + 1, MOST_READ)],
)
def test_the_figures_of_what_waits_read_little_of_it(
    platform: Platform, sent: list[tuple[str, Any]], table: Table, make: Any, count: int, most: int
) -> None:
    """They are read at every scrape, also when a million entries wait."""
    scope, age = make(), timedelta(days=400)
    wait(platform, scope, count, NOW - age)
    try:
        assert backlog(platform.discovery, (), NOW).overdue[table.name] == age.total_seconds()
        (asked,) = [one for one in sent if f"FROM {table.name}" in one[0]]
        assert 0 < read(platform.discovery, table, [asked]) <= most < count
    finally:
        clear(platform, scope)


def test_what_is_not_due_is_never_read(platform: Platform, sent: list[tuple[str, Any]]) -> None:
    """Every table in which work comes due has an index that leads to it, and it is gone by, however small the table."""
    due(platform.discovery, dict.fromkeys(LATER, ()), NOW)
    found = {step["Relation Name"]: step for step in plan(platform.discovery, *sent[0]) if "Relation Name" in step}
    assert found.keys() == {table.name for table in LATER}
    assert {name for name, step in found.items() if "due_at <= " not in step.get("Index Cond", "")} == set()


def test_who_has_enough_of_everything_asks_nothing(platform: Platform, sent: list[tuple[str, Any]]) -> None:
    assert due(platform.discovery, {}, NOW) == {}
    assert not sent
