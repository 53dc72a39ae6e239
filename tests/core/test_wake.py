"""Hints quicken work; work does not depend on them."""

import threading
from contextlib import closing

from app.core.ids import PublicId, new_id
from app.core.journal.record import record
from app.core.unit import Database, Unit, run
from app.core.wake import Bell, Hints, listen
from deploy.processes import free_port
from tests.platform import Platform, new_tenant


def test_a_hint_rings() -> None:
    port, rung = free_port(), threading.Event()
    listen(("127.0.0.1", port), rung.set)
    with closing(Hints([("127.0.0.1", port)])) as hint:
        hint()
        assert rung.wait(5)


def test_a_hint_to_nobody_is_lost_quietly() -> None:
    with closing(Hints([("127.0.0.1", free_port()), ("host that is none", 9)])) as hint:
        hint()


def test_a_bell_that_was_rung_before_ends_the_wait() -> None:
    bell = Bell()
    bell.ring()
    bell.wait(60)


def test_only_committed_entries_wake(platform: Platform) -> None:
    scope, woken = new_tenant(), list[int]()
    plain = platform.database
    listening = Database(plain.engine, plain.clock, plain.cipher, plain.blind, lambda: woken.append(1))

    def happen(unit: Unit) -> None:
        record(unit, "thing.happened", PublicId("thing", scope, new_id()), 1, {})

    def fail(unit: Unit) -> None:
        happen(unit)
        raise LookupError

    run(scope, lambda unit: None, on=listening)
    try:
        run(scope, fail, on=listening)
    except LookupError:
        assert woken == []
    run(scope, happen, on=listening)
    assert woken == [1]
