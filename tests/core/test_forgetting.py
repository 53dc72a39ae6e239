"""Forgetting: what has had its time is deleted in small batches, in its own scope alone, and nothing else is."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest
from sqlalchemy import Table

from app.core.discovery import due
from app.core.forgetting import BATCH, BATCHES, forgetting
from app.core.ids import PublicId, new_id
from app.core.looks import FORGETTING, MARK_KEPT, QUARTER, Look, quarter_of
from app.core.scope import Scope
from app.core.unit import connect, run
from deploy.processes import Process
from tenants.api import look
from tests import warm
from tests.core.journal.scenes import eventually, own, rows
from tests.platform import Platform, new_tenant
from tests.scheduling.clock import Clock

LOOKS = cast(Table, Look.__table__)


@pytest.fixture
def clock(platform: Platform) -> Iterator[Clock]:
    """The clock of this process's units."""
    made = Clock()
    connect(replace(platform.database, clock=made))
    yield made
    connect(platform.database)


def look_once(scope: Scope) -> bool:
    """Somebody of the tenant looks at one resident's record."""
    resident = Scope.for_person(PERSON).require_person()
    return run(scope, lambda opened: look(opened, resident, "care", PublicId("note", scope, resident)))


PERSON = new_id()


def many(platform: Platform, scope: Scope, count: int) -> None:
    """So many marks that are due."""
    query = """INSERT INTO looks (tenant_id, id, resident_id, actor, purpose, quarter, due_at)
        SELECT %s, gen_random_uuid(), gen_random_uuid(), 'system:test', 'care', now(), now() FROM generate_series(1, %s)
    """
    rows(platform, query, scope.tenant, count)


def test_a_mark_is_forgotten_after_its_quarter_and_the_entry_is_not(platform: Platform, clock: Clock) -> None:
    scope = new_tenant()
    assert MARK_KEPT >= 2 * QUARTER
    assert look_once(scope)
    began = quarter_of(clock.now())
    assert not look_once(scope) or quarter_of(clock.now()) > began
    assert FORGETTING.task(scope) == 0
    clock.set(began + MARK_KEPT + QUARTER)
    assert scope in due(platform.discovery, {LOOKS: ()}, clock.now())[LOOKS]
    assert FORGETTING.task(scope) >= 1
    assert own(platform, scope, "id", "looks") == []
    assert own(platform, scope, "type", "journal_pending")[0] == ("record.read",)
    assert look_once(scope)


def test_many_are_deleted_in_batches(platform: Platform) -> None:
    scope, other = new_tenant(), new_tenant()
    many(platform, scope, BATCH * BATCHES + 7)
    many(platform, other, 1)
    assert FORGETTING.task(scope) == BATCH * BATCHES
    assert FORGETTING.task(scope) == 7
    assert FORGETTING.task(scope) == 0
    assert len(own(platform, other, "id", "looks")) == 1


def test_what_somebody_holds_is_left_and_not_waited_for(platform: Platform) -> None:
    scope = new_tenant()
    many(platform, scope, 3)
    with platform.connection() as holder:
        held = "SELECT id FROM looks WHERE tenant_id = %s ORDER BY id LIMIT 1 FOR UPDATE"
        row = holder.execute(held.encode(), [scope.tenant]).fetchone()
        assert FORGETTING.task(scope) == 2
    assert own(platform, scope, "id", "looks") == [row]
    assert FORGETTING.task(scope) == 1


def test_what_is_not_of_a_scopes_kind_is_not_looked_for(platform: Platform) -> None:
    assert forgetting("looks", Look).task(Scope.for_person(new_id())) == 0
    assert forgetting("looks", Look).task(Scope.for_key("phone_challenges", "0" * 64)) == 0


def hasty(name: str, command: Sequence[str], environ: Mapping[str, str], log: Path) -> Process:
    """The worker of that name in this directory, instead of the usual one."""
    return warm.start(name, [*command[:2], "tests.core.hasty_worker"], environ, log)


def test_a_worker_forgets_by_itself(platform: Platform, logs: Path) -> None:
    first, later = new_tenant(), new_tenant()
    with replace(platform.stack(logs), start=hasty) as stack:
        many(platform, first, 3)
        stack.start_worker()
        eventually(lambda: own(platform, first, "id", "looks") == [])
        many(platform, later, 3)
        eventually(lambda: own(platform, later, "id", "looks") == [])
