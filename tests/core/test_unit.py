"""One unit is one transaction: what commits, what is undone, what is run again."""

import threading
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError, PendingRollbackError
from sqlalchemy.exc import TimeoutError as PoolExhausted

from app.core.engines import fenced
from app.core.guard import OPENING
from app.core.idempotency import Answered, IdempotencyKey, KeyedEffect, Replayed
from app.core.ids import new_id
from app.core.scope import Scope
from app.core.unit import RERUNS, BrokenUnit, Database, Unit, run, sqlstate, unit
from app.settings import driver_url
from tests.core.test_guard import write
from tests.dummy.models import Copy, Line, Note
from tests.platform import Platform, new_tenant

DEADLINE = 30  # seconds


@pytest.fixture
def north(platform: Platform) -> Scope:
    return new_tenant()


def copy(words: str = "x") -> Copy:
    return Copy(id=new_id(), source=words, words=words)


def copies(scope: Scope) -> list[str]:
    with unit(scope) as opened:
        return sorted(row.words for row in opened.all(opened.select(Copy)))


def raw(opened: Unit, statement: str) -> Any:
    """`statement` past the fence, as only the core may send one."""
    return opened.session.connection().exec_driver_sql(statement, execution_options={OPENING: True})


def test_a_unit_commits_at_its_end_and_not_before(north: Scope) -> None:
    with unit(north) as opened:
        opened.add(copy())
        opened.session.flush()
        assert copies(north) == []
    assert copies(north) == ["x"]


@pytest.mark.parametrize("how", ["unit", "run"])
def test_an_exception_leaves_nothing(north: Scope, how: str) -> None:
    def work(opened: Unit) -> None:
        opened.add(copy())
        opened.session.flush()
        raise LookupError

    with pytest.raises(LookupError):
        if how == "run":
            run(north, work)
        else:
            with unit(north) as opened:
                work(opened)
    assert copies(north) == []


def test_an_error_that_the_work_ignores_is_raised_at_the_end(north: Scope) -> None:
    """PostgreSQL would answer the COMMIT with a rollback, without an error."""
    line = {"tenant_id": north.tenant, "id": new_id(), "note_id": new_id(), "number": 1}
    with pytest.raises(BrokenUnit), unit(north) as opened:
        opened.add(copy())
        opened.session.flush()
        with pytest.raises(IntegrityError):
            opened.session.execute(Line.__table__.insert().values(line))  # type: ignore[attr-defined]  # it is a Table
    assert copies(north) == []


def test_a_failed_flush_that_the_work_ignores_is_raised_at_the_end(north: Scope) -> None:
    with pytest.raises(PendingRollbackError), unit(north) as opened:
        opened.add(copy())
        opened.add(Line(id=new_id(), note_id=new_id(), number=1))
        with pytest.raises(IntegrityError):
            opened.session.flush()
    assert copies(north) == []


def test_now_is_one_instant_of_utc(north: Scope) -> None:
    with unit(north) as opened:
        assert opened.now.tzinfo is UTC
        assert abs(opened.now - datetime.now(UTC)) < timedelta(seconds=10)
        assert opened.now == opened.now


def test_getting_and_selecting_are_pinned(north: Scope) -> None:
    other = new_tenant()
    mine, theirs = write(north), write(other)
    with unit(north) as opened:
        known = opened.get(Note, mine, lock=True)
        assert known is not None and known.id == mine
        assert opened.get(Note, theirs) is None
        assert [row.id for row in opened.all(opened.select(Note))] == [mine]
        assert opened.first(opened.select(Note).where(Note.words == "none")) is None


def test_a_locked_row_is_read_afresh(north: Scope) -> None:
    mine = write(north)
    with unit(north) as opened:
        stale = opened.get(Note, mine)
        with unit(north) as between:
            between.session.execute(update(Note).where(Note.tenant_id == north.tenant).values(state="changed"))
        fresh = opened.get(Note, mine, lock=True)
        assert fresh is stale and fresh is not None and fresh.state == "changed"


@dataclass
class Crossing:
    """Two units that lock two rows in opposite order, and meet in between at their first try."""

    scope: Scope
    barrier: threading.Barrier
    tries: dict[str, int]

    def work(self, name: str, rows: list[uuid.UUID]) -> Callable[[Unit], str]:
        def lock(opened: Unit) -> str:
            self.tries[name] = self.tries.get(name, 0) + 1
            opened.get(Note, rows[0], lock=True)
            if self.tries[name] == 1:
                self.barrier.wait(timeout=DEADLINE)
            opened.get(Note, rows[1], lock=True)
            opened.add(copy(name))
            return name

        return lock


def effect(name: str) -> KeyedEffect:
    return KeyedEffect("client:test", name, "POST /x", lambda result: Answered(201, {}, str(result).encode()))


def test_a_deadlock_is_run_again_and_done_once(north: Scope) -> None:
    rows = [write(north), write(north)]
    crossing = Crossing(north, threading.Barrier(2), {})
    done: list[str] = []

    def go(name: str, order: list[uuid.UUID]) -> None:
        done.append(run(north, crossing.work(name, order), effect=effect(name)))

    threads = [threading.Thread(target=go, args=("one", rows)), threading.Thread(target=go, args=("two", rows[::-1]))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=DEADLINE)
    assert sorted(done) == ["one", "two"]
    assert sorted(crossing.tries.values()) == [1, 2]
    assert copies(north) == ["one", "ours", "ours", "two"]
    with unit(north) as opened:
        assert len(opened.all(opened.select(IdempotencyKey))) == 2
    with pytest.raises(Replayed) as replayed:
        run(north, crossing.work("one", rows), effect=effect("one"))
    assert replayed.value.answer.body == b"one"


@pytest.mark.parametrize("failures", [RERUNS, RERUNS + 1])
def test_a_serialization_failure_is_run_again_at_most_three_times(north: Scope, failures: int) -> None:
    mine = write(north)
    tries = 0

    def work(opened: Unit) -> None:
        nonlocal tries
        tries += 1
        raw(opened, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        opened.get(Note, mine)
        if tries <= failures:
            with unit(north) as between:
                between.session.execute(update(Note).where(Note.tenant_id == north.tenant).values(words=str(tries)))
        opened.session.execute(update(Note).where(Note.tenant_id == north.tenant).values(state=str(tries)))

    if failures > RERUNS:
        with pytest.raises(OperationalError) as failed:
            run(north, work)
        assert sqlstate(failed.value) == "40001"
    else:
        run(north, work)
    assert tries == RERUNS + 1


def test_other_errors_are_not_run_again(north: Scope) -> None:
    tries = 0

    def work(opened: Unit) -> None:
        nonlocal tries
        tries += 1
        opened.add(Line(id=new_id(), note_id=new_id(), number=1))

    with pytest.raises(IntegrityError):
        run(north, work)
    assert tries == 1


@pytest.fixture
def single(platform: Platform) -> Iterator[Database]:
    """The database over a pool of one connection."""
    engine, known = fenced(driver_url(platform.addresses["app"]), 1), platform.database
    yield Database(engine, known.clock, known.cipher, known.blind)
    engine.dispose()


def test_an_exhausted_pool_says_so(single: Database, north: Scope) -> None:
    with unit(north, on=single) as opened, pytest.raises(PoolExhausted):
        opened.session.execute(select(1))
        with unit(north, on=single):
            raise AssertionError("there was only one connection")
    with unit(north, on=single) as opened:
        assert opened.session.scalar(select(1)) == 1


def shortened(opened: Unit, limit: str) -> str:
    """How long `limit` lets wait in this unit; a tenth of it from here on."""
    known = str(raw(opened, f"SHOW {limit}").scalar())
    raw(opened, f"SET LOCAL {limit} = {int(known.removesuffix('s')) * 100}")
    return known


def test_a_lock_is_waited_for_two_seconds(north: Scope) -> None:
    mine = write(north)
    with unit(north) as holding:
        holding.get(Note, mine, lock=True)
        with pytest.raises(DBAPIError) as failed, unit(north) as waiting:
            assert shortened(waiting, "lock_timeout") == "2s"
            before = holding.clock.now()
            waiting.get(Note, mine, lock=True)
        assert timedelta(seconds=0.15) < holding.clock.now() - before < timedelta(seconds=2)
    assert sqlstate(failed.value) == "55P03"


def test_a_statement_ends_after_five_seconds(north: Scope) -> None:
    with pytest.raises(DBAPIError) as failed, unit(north) as opened:
        assert shortened(opened, "statement_timeout") == "5s"
        raw(opened, "SELECT pg_sleep(20)")
    assert sqlstate(failed.value) == "57014"


@pytest.mark.parametrize("of", ["app", "sealer", "discovery"])
def test_the_limits_of_every_process_are_in_force(platform: Platform, of: str) -> None:
    with {"app": platform.app, "sealer": platform.sealer, "discovery": platform.discovery}[of].connect() as plain:
        driver: Any = plain.connection.driver_connection
        names = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
        assert [driver.execute(f"SHOW {name}").fetchone()[0] for name in names] == ["5s", "2s", "10s"]


def test_a_connection_that_is_lost_in_the_middle_leaves_nothing(
    platform: Platform, single: Database, north: Scope
) -> None:
    def work(opened: Unit) -> None:
        opened.add(copy())
        opened.session.flush()
        backend = raw(opened, "SELECT pg_backend_pid()").scalar()
        with platform.connection() as admin:
            admin.execute("SELECT pg_terminate_backend(%s)", (backend,))
        opened.session.execute(select(Copy).where(Copy.tenant_id == north.tenant))

    with pytest.raises(DBAPIError) as failed:
        run(north, work, on=single)
    assert failed.value.connection_invalidated
    assert copies(north) == []
    with unit(north, on=single) as opened:
        assert opened.session.scalar(select(1)) == 1
