"""Workers and web processes that are killed between any two steps of a settlement and its claim: nothing is lost,
nothing is settled, booked or given back twice.

A step is reached by holding the row that it needs next, or while the scheme thinks, until the process is seen there.
"""

import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest
import requests

from app.core.ids import PublicId, new_id
from deploy.demo.partners import Scheme
from deploy.stack import Stack
from insurance.models import Settlement
from tests.core.journal.scenes import eventually, rows
from tests.insurance.scenes import Insurer, World
from tests.insurance.settlements.claim_scenes import insured, reviewer
from tests.insurance.settlements.scheme_scenes import (
    ACCOUNT,
    CASH,
    FUND,
    SchemeMember,
    at_scheme,
    confirmed_supply,
    heard,
    paid,
    scheme_member,
    supply,
)
from tests.insurance.settlements.settlement_scenes import TOTAL, Pharmacy, asked, confirmed, found, read
from tests.platform import Platform, new_tenant

THINKING = 2500
"""Milliseconds for which the scheme thinks, unless it is told to answer: long enough to be killed meanwhile."""
SECONDS = 20
Hold = AbstractContextManager[Callable[[], bool]]


@pytest.fixture
def stack(platform: Platform, tmp_path: Path) -> Iterator[Stack]:
    with platform.stack(tmp_path / "logs") as made:
        yield made


@contextmanager
def held(platform: Platform, query: str, *values: Any) -> Iterator[Callable[[], bool]]:
    """Hold what `query` locks; gives a look whether somebody waits for it."""
    with psycopg.connect(platform.addresses["owner"]) as connection:
        assert connection.execute(query.encode(), values).fetchone()
        waiting = "SELECT 1 FROM pg_stat_activity WHERE %s = ANY (pg_blocking_pids(pid))"
        yield partial(_any, platform, waiting, connection.info.backend_pid)
        connection.rollback()


def _any(platform: Platform, query: str, *values: Any) -> bool:
    return bool(rows(platform, query, *values))


def row_of(platform: Platform, table: str, chemist: Pharmacy, id: uuid.UUID) -> Hold:
    """Hold one row of the pharmacy's."""
    return held(platform, f"SELECT 1 FROM {table} WHERE tenant_id = %s AND id = %s FOR UPDATE", chemist.number, id)  # noqa: S608  # our own words


def the_books(platform: Platform, chemist: Pharmacy, settlement: Settlement) -> Hold:
    """Hold the place of what an insurer is going to owe for a settlement."""
    query = (
        "INSERT INTO ledger_postings (tenant_id, id, resident_id, reason, subject_id, account, amount, posted_at)"
        " VALUES (%s, %s, %s, 'insurance.granted', %s, %s, 1, now()) RETURNING 1"
    )
    values = chemist.number, new_id(), settlement.resident_id, settlement.id, f"receivable:{settlement.insurer}"
    return held(platform, query, *values)


def now(chemist: Pharmacy, settlement: dict[str, Any]) -> Settlement:
    """The settlement as it is now."""
    return found(chemist.scope, Settlement, PublicId.parse(settlement["id"], "stl").id)


def relieved(platform: Platform, stack: Stack, chemist: Pharmacy) -> None:
    """Another worker comes, when the lease of the killed one is over."""
    rows(platform, "UPDATE settlements SET due_at = now() WHERE tenant_id = %s AND due_at > now()", chemist.number)
    stack.start_worker()


def happened(platform: Platform, chemist: Pharmacy, type: str) -> int:
    """How often something stands in the pharmacy's journal."""
    query = """SELECT 1 FROM journal WHERE tenant_id = %s AND type = %s
               UNION ALL SELECT 1 FROM journal_pending WHERE tenant_id = %s AND type = %s"""
    return len(rows(platform, query, chemist.number, type, chemist.number, type))


def committed_once(platform: Platform, chemist: Pharmacy, member: SchemeMember, paying: dict[str, Any]) -> None:
    """Paid once, settled once, booked once; the order may be handed over."""
    eventually(lambda: now(chemist, paying).state == "committed")
    assert chemist.order_now(paying["subject"]).settled_by == paying["id"]
    assert (at_scheme(member.scheme, paying["id"]), member.used()["fund"]) == ("settled", FUND)
    assert happened(platform, chemist, "settlement.committed") == 1
    assert (chemist.kept(), chemist.refunds()) == (CASH, [])
    assert chemist.books()[f"receivable:{now(chemist, paying).insurer}"] == FUND + ACCOUNT


def reversed_once(platform: Platform, chemist: Pharmacy, member: SchemeMember, paying: dict[str, Any]) -> None:
    """Everything is back, once."""
    eventually(lambda: now(chemist, paying).state == "reversed")
    assert (at_scheme(member.scheme, paying["id"]), member.used()["fund"]) == ("reversed", 0)
    assert happened(platform, chemist, "settlement.reversed") == 1
    assert (chemist.kept(), chemist.refunds()) == (0, [CASH])
    assert chemist.books()[f"receivable:{now(chemist, paying).insurer}"] == 0


def test_killed_when_the_payment_is_heard_of(
    platform: Platform, stack: Stack, scheme: Scheme, chemist: Pharmacy, member: SchemeMember
) -> None:
    order, paying = confirmed_supply(chemist, member)
    chemist.pay(paying["bill"])
    with row_of(platform, "settlements", chemist, now(chemist, paying).id) as somebody_waits:
        worker = stack.start_worker()
        eventually(somebody_waits)
        worker.kill()
        assert (now(chemist, paying).state, chemist.order_now(order).settled_by) == ("paying", None)
    relieved(platform, stack, chemist)
    committed_once(platform, chemist, member, paying)


@pytest.mark.parametrize("step", ["before it is asked", "while it thinks", "answered", "at the order", "at the books"])
def test_killed_while_the_scheme_settles(
    world: World, platform: Platform, stack: Stack, scheme: Scheme, chemist: Pharmacy, member: SchemeMember, step: str
) -> None:
    order, paying = confirmed_supply(chemist, member)
    paid(world, chemist, paying)
    stop_at(step, platform, stack, chemist, paying, scheme, "2207")
    left = now(chemist, paying)
    assert (left.state, left.tries) == ("committing", int(step != "before it is asked"))
    assert left.credential
    assert (chemist.order_now(order).settled_by, chemist.books()[f"receivable:{left.insurer}"]) == (None, 0)
    if step != "before it is asked":
        scheme.faults()
        eventually(lambda: at_scheme(scheme, paying["id"]) == "settled")
    relieved(platform, stack, chemist)
    committed_once(platform, chemist, member, paying)


@pytest.mark.parametrize("step", ["heard of", "before it is asked", "while it thinks", "answered"])
def test_killed_while_the_scheme_reverses(
    world: World, platform: Platform, stack: Stack, scheme: Scheme, chemist: Pharmacy, member: SchemeMember, step: str
) -> None:
    order, paying = confirmed_supply(chemist, member)
    paid(world, chemist, paying)
    chemist.drive()
    chemist.ends(order)
    if step == "heard of":
        stop_at("before it is asked", platform, stack, chemist, paying, scheme, "2208")
        assert (now(chemist, paying).state, chemist.refunds()) == ("committed", [])
    else:
        world.settle(chemist.scope)
        stop_at(step, platform, stack, chemist, paying, scheme, "2208")
        assert (now(chemist, paying).state, chemist.refunds()) == ("reversing", [CASH])
    if step in ("while it thinks", "answered"):
        scheme.faults()
        eventually(lambda: at_scheme(scheme, paying["id"]) == "reversed")
    relieved(platform, stack, chemist)
    reversed_once(platform, chemist, member, paying)


def test_killed_while_the_scheme_is_asked_for_a_trial(
    platform: Platform, stack: Stack, scheme: Scheme, chemist: Pharmacy, member: SchemeMember
) -> None:
    scheme.faults(infno="2206", drop_before=2)
    _, shown = supply(chemist, member)
    again(platform, chemist, shown)
    scheme.faults()
    stop_at("while it thinks", platform, stack, chemist, shown, scheme, "2206")
    assert now(chemist, shown).state == "asked"
    asked = heard(scheme, "2206")
    relieved(platform, stack, chemist)
    eventually(lambda: heard(scheme, "2206") > asked)
    scheme.faults()
    eventually(lambda: now(chemist, shown).state == "trial")
    assert (read(member.who, shown)["to_pay"], at_scheme(scheme, shown["id"])) == (CASH, "unknown")
    assert happened(platform, chemist, "settlement.trial") == 1


def again(platform: Platform, chemist: Pharmacy, settlement: dict[str, Any]) -> None:
    """As if nobody had asked yet."""
    query = "UPDATE settlements SET due_at = now(), tries = 0 WHERE tenant_id = %s AND id = %s"
    rows(platform, query, chemist.number, now(chemist, settlement).id)


def stop_at(
    step: str, platform: Platform, stack: Stack, chemist: Pharmacy, settlement: dict[str, Any], scheme: Scheme,
    infno: str,
) -> None:  # fmt: skip
    """Let a worker come as far as `step`, and kill it there; a scheme that thinks goes on thinking."""
    row = now(chemist, settlement)
    if step in ("while it thinks", "answered"):
        scheme.faults(infno=infno, delay_ms=THINKING)
        before, worker = heard(scheme, infno), stack.start_worker()
        eventually(lambda: heard(scheme, infno) > before)
        with row_of(platform, "settlements", chemist, row.id) as somebody_waits:
            if step == "answered":
                scheme.faults()
                eventually(somebody_waits)
            worker.kill()
        return
    holding: dict[str, Callable[[], Hold]] = {
        "before it is asked": lambda: row_of(platform, "settlements", chemist, row.id),
        "at the order": lambda: row_of(platform, "routing_orders", chemist, PublicId.parse(row.subject, "rou").id),
        "at the books": lambda: the_books(platform, chemist, row),
    }
    with holding[step]() as somebody_waits:
        worker = stack.start_worker()
        eventually(somebody_waits)
        worker.kill()


@pytest.mark.parametrize("step", ["paid", "supplied", "decided", "returned"])
def test_killed_when_a_claim_goes_on(
    world: World, platform: Platform, stack: Stack, chemist: Pharmacy, step: str
) -> None:
    """An insurer that decides: the news of payment, of hand-over, of the decision and of the money that is back."""
    insurer = world.insurer()
    who, coverage = insured(world, insurer)
    desk = reviewer(world, insurer)
    order = chemist.order(who, new_tenant())
    paying = confirmed(who, asked(who, order, coverage))
    acts: dict[str, Callable[[], object]] = {
        "paid": lambda: chemist.pay(paying["bill"]),
        "supplied": lambda: chemist.hands_over(order),
        "decided": lambda: desk.decide(desk.ids()[0]),
        "returned": chemist.refunds_arrive,
    }
    steps = iter(acts)
    for done in iter(lambda: next(steps), step):
        acts[done]()
        world.settle(chemist.scope, insurer.scope)
    acts[step]()
    table = "settlements" if step in ("paid", "supplied") else "claims"
    id = now(chemist, paying).id if table == "settlements" else chemist.claim().id
    with row_of(platform, table, chemist, id) as somebody_waits:
        worker = stack.start_worker()
        eventually(somebody_waits)
        worker.kill()
    stack.start_worker()
    for following in steps:
        eventually(partial(ready, following, chemist, paying, desk))
        acts[following]()
    eventually(lambda: desk.ids("settled") != [])
    assert (chemist.claim().state, chemist.refunds(), desk.counters()) == ("settled", [8800], (10_000, 8800))
    for one in ("made", "accepted", "answered", "closed"):
        assert happened(platform, chemist, f"claim.{one}") == 1
    assert (chemist.kept(), chemist.books()[f"receivable:{insurer.scope.tenant}"]) == (TOTAL - 8800, 8800)


def ready(step: str, chemist: Pharmacy, paying: dict[str, Any], desk: Any) -> bool:
    """Whether `step` can be done now."""
    if step == "supplied":
        return now(chemist, paying).state == "committed"
    return desk.ids() != [] if step == "decided" else chemist.refunds() != []


def sent(
    stack: Stack, member: SchemeMember, path: str, body: dict[str, Any], seen: int = 0
) -> requests.Response | None:
    """One request to the web process, always with the same key; None where no answer came."""
    given = {"Authorization": f"Bearer {member.who.actor.token}", "Idempotency-Key": "one", "If-Match": f'"{seen}"'}
    given["Connection"] = "close"  # a connection that may be used again would be waited for when the server stops
    try:
        return requests.post(f"{stack.url}/api/v1{path}", json=body, headers=given, timeout=SECONDS)
    except requests.ConnectionError:
        return None


def test_a_web_process_is_killed_while_the_scheme_is_asked_for_a_trial(
    platform: Platform, stack: Stack, scheme: Scheme, chemist: Pharmacy, member: SchemeMember
) -> None:
    """The same request, sent again, finds the settlement that it made."""
    wish = {"subject": chemist.order(member.who, new_tenant()), "coverage": str(member.coverage)}
    web = stack.start_web()
    scheme.faults(infno="2206", delay_ms=THINKING)
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(sent, stack, member, "/settlements", wish)
        eventually(lambda: [row.tries for row in chemist.rows(Settlement)] == [1])
        web.kill()
        assert answer.result(SECONDS) is None
    scheme.faults()
    stack.start_web()
    repeated = sent(stack, member, "/settlements", wish)
    assert repeated is not None
    assert (repeated.status_code, repeated.json()["state"]) == (201, "asked"), repeated.text
    relieved(platform, stack, chemist)
    eventually(lambda: [row.state for row in chemist.rows(Settlement)] == ["trial"])


def test_a_web_process_is_killed_while_the_scheme_settles(
    world: World, platform: Platform, stack: Stack, scheme: Scheme, insurer: Insurer, chemist: Pharmacy
) -> None:
    """Nothing is to be paid, so the confirmation itself asks the scheme."""
    chemist.connect(scheme, insurer)
    member = scheme_member(world, scheme, insurer, account_balance=10**6)
    order, trial = supply(chemist, member)
    web = stack.start_web()
    scheme.faults(infno="2207", delay_ms=THINKING)
    path = f"/settlements/{trial['id']}/confirmation"
    confirm = partial(sent, stack, member, path, {"credential": member.credential()}, trial["version"])
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(confirm)
        eventually(lambda: (now(chemist, trial).state, now(chemist, trial).tries) == ("committing", 1))
        web.kill()
        assert answer.result(SECONDS) is None
    scheme.faults()
    eventually(lambda: at_scheme(scheme, trial["id"]) == "settled")
    assert chemist.order_now(order).settled_by is None
    relieved(platform, stack, chemist)
    eventually(lambda: now(chemist, trial).state == "committed")
    assert chemist.order_now(order).settled_by == trial["id"]
    assert happened(platform, chemist, "settlement.committed") == 1
    assert (member.used()["fund"] + 10**6 - member.used()["account_balance"], chemist.rows(Settlement)[0].total) == (
        TOTAL, TOTAL,
    )  # fmt: skip
    chemist.books()
