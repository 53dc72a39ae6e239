"""Carrying: each relay applied once, in order, whatever happens between the two commits."""

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from psycopg.errors import DeadlockDetected, SerializationFailure
from sqlalchemy import delete
from sqlalchemy.exc import OperationalError

from app.core.carry import TRIES, carry
from app.core.errors import NotFound, WrongState
from app.core.ids import PublicId, new_id
from app.core.journal.record import Outgoing, record
from app.core.relay_sweep import SWEEP, sweep
from app.core.relays import Answer, Handler, Incoming, Relay
from app.core.scope import Scope
from app.core.stuck import OPERATOR, answer, retry
from app.core.unit import Unit, run
from tests.core.journal.scenes import BY, chain, copies, eventually, new_person, note_relays, own, rows, seal_all
from tests.dummy.models import Copy, Profile
from tests.dummy.service import RELAY, take_note
from tests.platform import Platform, new_tenant

KNOWN = {(RELAY, 1): take_note}
NO_PAUSE = 0.0


def given(platform: Platform, giver: Scope, columns: str = "state, tries, error, answer") -> list[Any]:
    return own(platform, giver, columns, "relays", order="seq, position")


def states(platform: Platform, giver: Scope) -> list[str]:
    return [row[0] for row in given(platform, giver, "state")]


def carry_all(platform: Platform, giver: Scope, handlers: Mapping[tuple[str, int], Handler] = KNOWN) -> None:
    """Until nothing is due any more; what is blocked is postponed without a pause, so it is due for ever."""
    while any(state == "pending" for state in states(platform, giver)) and carry(giver, handlers):
        pass


@pytest.fixture
def giver(platform: Platform) -> Scope:
    return new_tenant()


@pytest.fixture
def taker(platform: Platform) -> Scope:
    return new_tenant()


def offer(platform: Platform, giver: Scope, taker: Scope, *words: str) -> PublicId:
    about = note_relays(giver, taker, words)
    seal_all(platform, giver)
    return about


def test_one_commit_holds_inbox_effect_and_entry(platform: Platform, giver: Scope, taker: Scope) -> None:
    about = offer(platform, giver, taker, "hello")
    assert carry(giver, KNOWN) == 1
    assert given(platform, giver) == [("acknowledged", 0, None, {})]
    assert seal_all(platform, taker) == 1
    relay = given(platform, giver, "id")[0][0]
    assert own(platform, taker, "id, giver, answer", "relay_inbox") == [(relay, str(giver), {})]
    assert copies(platform, taker) == ["hello"]
    assert f'"actor":"relay:{giver}"' in chain(platform, taker)[0][4]
    assert str(about) in chain(platform, taker)[0][4]


def test_two_carriers_at_the_same_time_apply_once(platform: Platform, giver: Scope, taker: Scope) -> None:
    words = [f"word {number}" for number in range(12)]
    for word in words:
        offer(platform, giver, taker, word)
    start = threading.Barrier(4)

    def carrying(_: int) -> None:
        start.wait()
        eventually(lambda: carry(giver, KNOWN, NO_PAUSE) == 0 and set(states(platform, giver)) == {"acknowledged"})

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(carrying, range(4)))
    assert sorted(copies(platform, taker)) == sorted(words)


def test_a_relay_applied_by_a_carrier_that_was_cut_is_acknowledged_by_the_next(
    platform: Platform, giver: Scope, taker: Scope
) -> None:
    offer(platform, giver, taker, "hello")

    def cut(unit: Unit, incoming: Incoming) -> Answer:
        query = """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                   WHERE state = 'idle in transaction' AND query LIKE %s AND usename LIKE '%%_app'"""
        assert rows(platform, query, "SELECT relays.%FOR UPDATE%") == [(True,)]
        return {**take_note(unit, incoming), "code": "first"}

    with pytest.raises(OperationalError):
        carry(giver, {(RELAY, 1): cut})
    assert states(platform, giver) == ["pending"]
    assert copies(platform, taker) == ["hello"]
    assert carry(giver, KNOWN) == 1
    assert given(platform, giver) == [("acknowledged", 0, None, {"code": "first"})]
    assert copies(platform, taker) == ["hello"]


def test_a_failure_counts_although_the_giver_was_cut(platform: Platform, giver: Scope, taker: Scope) -> None:
    offer(platform, giver, taker, "hello")

    def cut(unit: Unit, incoming: Incoming) -> Answer:
        query = """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                   WHERE state = 'idle in transaction' AND query LIKE %s AND usename LIKE '%%_app'"""
        rows(platform, query, "SELECT relays.%FOR UPDATE%")
        raise RuntimeError

    with pytest.raises(OperationalError):
        carry(giver, {(RELAY, 1): cut})
    assert given(platform, giver) == [("pending", 1, "RuntimeError", None)]


@pytest.mark.parametrize("answer", ["refused", "silent"])
def test_a_domains_answer_is_stored_and_acknowledged(
    platform: Platform, giver: Scope, taker: Scope, answer: str
) -> None:
    offer(platform, giver, taker, "unwanted" if answer == "refused" else "hello")
    carry_all(platform, giver)
    expected = {"refused": "unwanted"} if answer == "refused" else {}
    assert given(platform, giver) == [("acknowledged", 0, None, expected)]
    assert own(platform, taker, "answer", "relay_inbox") == [(expected,)]


def test_a_stuck_relay_blocks_its_subject_alone(platform: Platform, giver: Scope, taker: Scope) -> None:
    offer(platform, giver, taker, "defect", "behind")
    for tries in range(1, TRIES):
        carry(giver, KNOWN, NO_PAUSE)
        assert given(platform, giver)[0] == ("pending", tries, "RuntimeError", None)
    carry(giver, KNOWN, NO_PAUSE)
    offer(platform, giver, taker, "beside")
    carry_all(platform, giver)
    assert states(platform, giver) == ["stuck", "pending", "acknowledged"]
    assert given(platform, giver, "due_at")[0] == (None,)
    assert copies(platform, taker) == ["beside"]
    assert own(platform, taker, "id", "relay_inbox") == [given(platform, giver, "id")[2]]


def test_a_failed_try_waits(platform: Platform, giver: Scope, taker: Scope) -> None:
    offer(platform, giver, taker, "defect")
    carry(giver, KNOWN)
    carry(giver, KNOWN)
    assert given(platform, giver) == [("pending", 1, "RuntimeError", None)]


def test_what_is_blocked_is_not_looked_for_until_it_is_free(platform: Platform, giver: Scope, taker: Scope) -> None:
    offer(platform, giver, taker, "defect", "behind")
    carry(giver, KNOWN)
    due = "SELECT id FROM relays WHERE tenant_id = %s AND due_at <= now()"
    assert rows(platform, due, giver.tenant) == []
    rows(platform, "UPDATE relays SET due_at = now() WHERE tenant_id = %s AND tries = 1", giver.tenant)
    assert carry(giver, {(RELAY, 1): lambda unit, incoming: {}}) == 1
    assert rows(platform, due, giver.tenant) == given(platform, giver, "id")[1:]


@pytest.mark.parametrize("error", [DeadlockDetected, SerializationFailure])
def test_a_lost_race_in_the_taker_is_no_try(
    platform: Platform, giver: Scope, taker: Scope, error: type[Exception]
) -> None:
    offer(platform, giver, taker, "hello")

    def lose(unit: Unit, incoming: Incoming) -> Answer:
        take_note(unit, incoming)
        unit.session.flush()
        raise OperationalError("", {}, error())

    for _ in range(TRIES + 1):
        carry(giver, {(RELAY, 1): lose})
    assert given(platform, giver) == [("pending", 0, None, None)]
    assert carry(giver, KNOWN) == 1
    assert copies(platform, taker) == ["hello"]


def test_a_real_deadlock_in_the_taker_is_no_try(platform: Platform, giver: Scope, taker: Scope) -> None:
    offer(platform, giver, taker, "hello")
    first, second = (run(taker, lambda unit: unit.add(Copy(id=new_id(), source="", words="")).id, BY) for _ in range(2))
    lock = "UPDATE dummy_copies SET words = 'x' WHERE tenant_id = %s AND id = %s"
    with platform.connection() as other, ThreadPoolExecutor(1) as thread:
        other.execute("SET deadlock_timeout = '60s'")
        other.execute(lock, [taker.tenant, first])

        def cross(unit: Unit, incoming: Incoming) -> Answer:
            unit.get(Copy, second, lock=True)
            waiting = thread.submit(other.execute, lock.encode(), [taker.tenant, second])
            waits = "SELECT 1 FROM pg_stat_activity WHERE pid = %s AND wait_event_type = 'Lock'"
            eventually(lambda: bool(rows(platform, waits, other.info.backend_pid)))
            try:
                unit.get(Copy, first, lock=True)
            finally:
                unit.session.rollback()
                waiting.result()
            return {}

        carry(giver, {(RELAY, 1): cross})
    assert given(platform, giver) == [("pending", 0, None, None)]


def test_an_unknown_type_or_version_waits_for_who_knows_it(platform: Platform, giver: Scope, taker: Scope) -> None:
    offer(platform, giver, taker, "hello")
    carry(giver, {(RELAY, 2): take_note, ("note.other", 1): take_note}, NO_PAUSE)
    assert given(platform, giver) == [("pending", 0, None, None)]
    assert carry(giver, KNOWN) == 1
    assert copies(platform, taker) == ["hello"]


def test_an_unknown_type_is_not_asked_for_at_once(platform: Platform, giver: Scope, taker: Scope) -> None:
    offer(platform, giver, taker, "hello")
    carry(giver, {})
    assert carry(giver, KNOWN) == 0


def test_a_person_takes_and_gives(platform: Platform, giver: Scope, taker: Scope) -> None:
    person = new_person()

    def keep(unit: Unit, incoming: Incoming) -> Answer:
        profile = unit.add(Profile(id=new_id(), words=str(incoming.payload["words"])))
        onward = [Outgoing(taker, RELAY, {"words": f"{profile.words} again"})]
        record(unit, "profile.changed", PublicId("profile", unit.scope, profile.id), 1, {}, onward)
        return {}

    offer(platform, giver, person, "hello")
    assert carry(giver, {(RELAY, 1): keep}) == 1
    assert own(platform, giver, "state", "relays") == [("acknowledged",)]
    assert rows(platform, "SELECT words FROM dummy_profiles WHERE person_id = %s", person.person) == [("hello",)]
    assert seal_all(platform, person) == 1
    assert carry(person, KNOWN) == 1
    assert given(platform, person) == [("acknowledged", 0, None, {})]
    assert copies(platform, taker) == ["hello again"]
    assert own(platform, taker, "giver", "relay_inbox") == [(str(person),)]


def test_a_resident_bound_beside_a_tenant_gives_as_the_tenant(platform: Platform, giver: Scope, taker: Scope) -> None:
    bound = Scope.for_tenant(giver.require_tenant(), as_resident=new_id())
    note_relays(bound, taker, ["hello"], PublicId("note", giver, new_id()))
    seal_all(platform, giver)
    assert carry(giver, KNOWN) == 1
    assert copies(platform, taker) == ["hello"]


@pytest.mark.parametrize("bad", [lambda: None, lambda: {"code": object()}], ids=["none", "no json"])
def test_an_answer_that_cannot_be_kept_undoes_the_effect(
    platform: Platform, giver: Scope, taker: Scope, bad: Callable[[], Any]
) -> None:
    offer(platform, giver, taker, "hello")

    def careless(unit: Unit, incoming: Incoming) -> Answer:
        take_note(unit, incoming)
        answer: Answer = bad()
        return answer

    carry(giver, {(RELAY, 1): careless})
    assert [row[:2] for row in given(platform, giver)] == [("pending", 1)]
    assert copies(platform, taker) == []


def test_payloads_are_deleted_some_days_after_the_acknowledgement(
    platform: Platform, giver: Scope, taker: Scope
) -> None:
    words = [f"word {number}" for number in range(3)]
    offer(platform, giver, taker, *words, "defect")
    carry_all(platform, giver)
    assert all(row[0] for row in given(platform, giver, "payload"))
    week = "SELECT due_at - acknowledged_at FROM relays WHERE tenant_id = %s AND state = 'acknowledged'"
    assert {row[0].days for row in rows(platform, week, giver.tenant)} == {7}
    age = "UPDATE relays SET due_at = now() WHERE tenant_id = %s AND state = 'acknowledged' AND seq < 3"
    rows(platform, age, giver.tenant)
    assert carry(giver, KNOWN) == 2
    assert [row[0] is None for row in given(platform, giver, "payload")] == [True, True, False, False]
    kept = "SELECT due_at - acknowledged_at FROM relays WHERE tenant_id = %s AND payload IS NULL"
    assert {row[0].days for row in rows(platform, kept, giver.tenant)} == {90}


@pytest.mark.parametrize("make", [new_tenant, new_person])
def test_acknowledged_relays_are_deleted_in_the_end_on_both_sides(
    platform: Platform, giver: Scope, make: Callable[[], Scope]
) -> None:
    taker, other = make(), new_tenant()
    handlers: Mapping[tuple[str, int], Handler] = {(RELAY, 1): lambda unit, relay: {}}
    offer(platform, giver, taker, "old", "new")
    offer(platform, giver, other, "old")
    carry_all(platform, giver, handlers)
    old = "UPDATE relays SET payload = NULL, due_at = now() WHERE tenant_id = %s AND seq <> 2"
    rows(platform, old, giver.tenant)
    assert carry(giver, handlers) == 2
    assert [row[0] for row in given(platform, giver, "seq")] == [2]
    assert own(platform, taker, "id", "relay_inbox") == given(platform, giver, "id")
    assert own(platform, other, "id", "relay_inbox") == []
    assert carry(giver, handlers) == 0


def test_a_relay_that_may_be_repeated_is_remembered_by_its_taker(
    platform: Platform, giver: Scope, taker: Scope
) -> None:
    """However long ago it was taken, as long as its giver does not know it."""
    offer(platform, giver, taker, "hello")
    carry_all(platform, giver)
    rows(platform, "UPDATE relays SET state = 'pending', due_at = now() - interval '1 year' WHERE tenant_id = %s",
         giver.tenant)  # fmt: skip
    assert sweep(giver) == 0
    assert carry(giver, KNOWN) == 1
    assert copies(platform, taker) == ["hello"]


def test_a_deletion_that_was_cut_between_both_sides_goes_on(platform: Platform, giver: Scope, taker: Scope) -> None:
    offer(platform, giver, taker, "hello")
    carry_all(platform, giver)
    rows(platform, "UPDATE relays SET payload = NULL, due_at = now() WHERE tenant_id = %s", giver.tenant)
    rows(platform, "DELETE FROM relay_inbox WHERE tenant_id = %s", taker.tenant)
    assert carry(giver, KNOWN) == 1
    assert given(platform, giver) == []


@pytest.mark.parametrize(
    ("is_now", "gone"),
    [
        ("state = 'pending'", 0),
        ("state = 'stuck'", 0),
        ("state = 'acknowledged'", 0),
        ("state = 'pending', payload = NULL", 0),
        ("state = 'acknowledged', payload = NULL", 1),
    ],
)
def test_no_other_relay_can_be_deleted_than_the_sweep_deletes(
    platform: Platform, giver: Scope, taker: Scope, is_now: str, gone: int
) -> None:
    offer(platform, giver, taker, "hello")
    rows(platform, f"UPDATE relays SET {is_now} WHERE tenant_id = %s", giver.tenant)  # noqa: S608  # our own words
    deleting = delete(Relay).where(Relay.tenant_id == giver.tenant)
    deleted: Any = run(giver, lambda opened: opened.session.execute(deleting))
    assert (deleted.rowcount, len(given(platform, giver, "id"))) == (gone, 1 - gone)


def test_payloads_are_deleted_in_bounded_batches(platform: Platform, giver: Scope, taker: Scope) -> None:
    offer(platform, giver, taker, "hello")
    carry_all(platform, giver)
    many = """INSERT INTO relays SELECT r.* FROM generate_series(1, %s) n, LATERAL (SELECT r.tenant_id,
        gen_random_uuid(), r.seq, n, r.subject, r.taker, r.type, r.version, r.payload, r.state, now(), r.tries, r.error,
        r.answer, r.acknowledged_at FROM relays r WHERE r.tenant_id = %s) r"""
    rows(platform, many, SWEEP + 1, giver.tenant)
    assert [carry(giver, KNOWN) for _ in range(3)] == [SWEEP, 1, 0]


def test_only_a_stuck_relay_is_answered_or_tried_again(platform: Platform, giver: Scope, taker: Scope) -> None:
    offer(platform, giver, taker, "hello")
    relay = given(platform, giver, "id")[0][0]
    for act in (lambda unit: retry(unit, relay), lambda unit: answer(unit, relay, "lost")):
        with pytest.raises(WrongState):
            run(giver, act, OPERATOR)
        with pytest.raises(NotFound):
            run(taker, act, OPERATOR)
