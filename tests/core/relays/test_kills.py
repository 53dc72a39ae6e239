"""A worker killed at each step: nothing is lost, nothing is done twice.

Each step is reached by holding the lock that its statement needs, until the worker is seen waiting for it. Gates are
opened one after the other, so that the worker stops at steps whose table an earlier step needs too.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack

import psycopg
import pytest

from app.core.journal.verify import verify
from app.core.scope import Scope
from deploy.processes import Process
from deploy.stack import Stack
from tests.core.journal.scenes import chain, copies, eventually, own, rows, send_notes
from tests.core.send.scenes import Held, attempts, deliveries, heard_by, hurry
from tests.platform import Platform, new_tenant
from tests.receiver import Heard, Receiver, hear

Gate = tuple[str, str]
SEAL: Sequence[tuple[Gate, ...]] = (
    (("journal_heads", "EXCLUSIVE"),),
    (("journal", "SHARE"),),
    (("relays", "SHARE"),),
    (("webhook_endpoints", "ACCESS EXCLUSIVE"),),
    (("deliveries", "SHARE"),),
    (("journal_heads", "SHARE"),),
    (("relays", "SHARE"), ("journal_pending", "SHARE")),
)
CARRY: Sequence[tuple[Gate, ...]] = (
    (("relay_inbox", "SHARE"),),
    (("dummy_copies", "SHARE"),),
    (("relay_inbox", "SHARE"), ("journal_pending", "SHARE")),
    (("relay_inbox", "SHARE"), ("relays", "SHARE")),
)
SEND: Sequence[tuple[Gate, ...]] = (
    (("delivery_attempts", "SHARE"),),
    (("delivery_attempts", "SHARE"), ("deliveries", "SHARE")),
)
ROLES = {"seal": "sealer", "carry": "app", "send": "app"}
CASES = [
    pytest.param(ROLES[step], gates, id=f"{step}-{'-'.join(table for table, _ in gates)}-{gates[-1][1]}")
    for step, cases in {"seal": SEAL, "carry": CARRY, "send": SEND}.items()
    for gates in cases
]


class Crew:
    """One worker runs at any time; who takes over from the killed one is the next test's victim."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._worker = stack.start_worker()

    def kill(self) -> None:
        self._worker.kill()

    def relieve(self) -> Process:
        self._worker = self._stack.start_worker()
        return self._worker


@pytest.fixture(scope="module")
def crew(platform: Platform, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crew]:
    with platform.stack(tmp_path_factory.mktemp("crew")) as stack:
        yield Crew(stack)


def lock(platform: Platform, gate: Gate) -> psycopg.Connection:
    connection = platform.connection()
    connection.execute(f"LOCK TABLE {gate[0]} IN {gate[1]} MODE".encode())
    return connection


def somebody_waits(platform: Platform, role: str, table: str) -> Callable[[], bool]:
    query = """SELECT 1 FROM pg_locks l JOIN pg_stat_activity a USING (pid)
               WHERE NOT l.granted AND l.relation = %s::regclass AND a.usename LIKE '%%_' || %s"""
    return lambda: bool(rows(platform, query, table, role))


def cut(platform: Platform, role: str, table: str, following: str) -> None:
    """End the statement that waits for `table` where its own transaction holds `following`, as its time-out would after
    two seconds: it is begun again, and finds both held.
    """
    query = """SELECT pg_cancel_backend(pid) FROM pg_locks l JOIN pg_stat_activity a USING (pid)
               WHERE NOT l.granted AND l.relation = %s::regclass AND a.usename LIKE '%%_' || %s AND EXISTS (
                   SELECT 1 FROM pg_locks o WHERE o.pid = l.pid AND o.relation = %s::regclass
                   AND o.granted AND o.mode = 'RowExclusiveLock')"""
    rows(platform, query, table, role, following)


def pass_gates(
    platform: Platform, role: str, gates: Sequence[Gate], act: Callable[[], None], kill: Callable[[], None]
) -> None:
    """Hold the first gate, act, wait for the worker; hold the next and let it on to that; at the last one, kill."""
    with ExitStack() as stack:
        held = stack.enter_context(lock(platform, gates[0]))
        act()
        for number, (table, _) in enumerate(gates):
            eventually(somebody_waits(platform, role, table))
            if number + 1 < len(gates):
                cut(platform, role, table, gates[number + 1][0])
                following = stack.enter_context(lock(platform, gates[number + 1]))
                held.rollback()
                held = following
        kill()


def nothing_lost_nothing_doubled(platform: Platform, giver: Scope, taker: Scope, receiver: Receiver) -> None:
    """The note's whole way, once: two chains of one entry, one copy, one acknowledged relay, two events heard."""
    eventually(lambda: [row[0] for scope in (giver, taker) for row in deliveries(platform, scope)] == ["delivered"] * 2)
    eventually(lambda: own(platform, giver, "state, tries", "relays") == [("acknowledged", 0)])
    assert copies(platform, taker) == ["hello"]
    assert len(own(platform, taker, "id", "relay_inbox")) == 1
    assert [len(chain(platform, scope)) for scope in (giver, taker)] == [1, 1]
    assert [own(platform, scope, "id", "journal_pending") for scope in (giver, taker)] == [[], []]
    assert [list(verify(scope, platform.checkpoint_keys, platform.sealing)) for scope in (giver, taker)] == [[], []]
    assert len(heard_by(receiver)) == 2


def scene(receiver: Receiver) -> tuple[Scope, Scope]:
    giver, taker = new_tenant(), new_tenant()
    hear(giver, receiver.url, ["note.sent"])
    hear(taker, receiver.url, ["note.taken"])
    return giver, taker


@pytest.mark.parametrize(("role", "gates"), CASES)
def test_killed_before_a_step(
    platform: Platform, crew: Crew, receiver: Receiver, role: str, gates: tuple[Gate, ...]
) -> None:
    giver, taker = scene(receiver)
    pass_gates(platform, role, gates, lambda: send_notes(giver, taker, ["hello"]), crew.kill)
    for scope in (giver, taker):
        hurry(platform, scope)  # the other's delivery may have been under way
    crew.relieve()
    nothing_lost_nothing_doubled(platform, giver, taker, receiver)
    assert len(receiver.heard) <= sum(len(attempts(platform, scope)) for scope in (giver, taker)) <= 3


def test_killed_while_the_receiver_thinks(platform: Platform, crew: Crew, receiver: Receiver) -> None:
    giver, taker = scene(receiver)
    held = Held()
    receiver.behavior = held
    send_notes(giver, taker, ["hello"])
    receiver.wait(2)
    crew.kill()
    held.release()
    assert [attempts(platform, scope) for scope in (giver, taker)] == [[(1, "sent_unknown", None, False)]] * 2
    hurry(platform, giver)
    hurry(platform, taker)
    crew.relieve()
    nothing_lost_nothing_doubled(platform, giver, taker, receiver)
    assert len(receiver.heard) == 4
    assert attempts(platform, giver) == [(1, "sent_unknown", None, False), (2, "delivered", 204, True)]


def test_killed_between_the_answer_and_its_recording(platform: Platform, crew: Crew, receiver: Receiver) -> None:
    giver, taker = scene(receiver)
    locks: list[psycopg.Connection] = []

    def lock_then_answer(heard: Heard, before: int) -> int:
        if "note.taken" in heard.body and not locks:
            locks.append(lock(platform, ("deliveries", "SHARE")))
        return 204

    receiver.behavior = lock_then_answer
    send_notes(giver, taker, ["hello"])
    receiver.wait(2)
    eventually(somebody_waits(platform, "app", "deliveries"))
    crew.kill()
    locks[0].close()
    assert deliveries(platform, taker) == [("sending", 1)]
    hurry(platform, taker)
    hurry(platform, giver)
    crew.relieve()
    nothing_lost_nothing_doubled(platform, giver, taker, receiver)
    assert len([heard for heard in receiver.heard if "note.taken" in heard.body]) == 2
