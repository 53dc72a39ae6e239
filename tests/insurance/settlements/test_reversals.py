"""Outcomes that are not known, and orders that end: what the scheme settled is committed once, or reversed."""

from collections.abc import Callable

import pytest

from deploy.demo.partners import Scheme
from prescriptions.rules.orders import OrderEvent
from tests.insurance.scenes import World
from tests.insurance.settlements.scheme_scenes import (
    CASH,
    FUND,
    SchemeMember,
    at_scheme,
    confirmed_supply,
    paid,
    supply,
)
from tests.insurance.settlements.settlement_scenes import Pharmacy, asked, read

UNPAID = ("asked", "trial", "paying")


def dropped_before(scheme: Scheme) -> None:
    scheme.faults(infno="2207", drop_before=1)


def dropped_after(scheme: Scheme) -> None:
    scheme.faults(infno="2207", drop_after=1)


@pytest.mark.parametrize("lost", [dropped_before, dropped_after])
def test_a_settlement_of_unknown_outcome_is_asked_for_and_settles_once(
    world: World, scheme: Scheme, chemist: Pharmacy, member: SchemeMember, lost: Callable[[Scheme], None]
) -> None:
    order, paying = confirmed_supply(chemist, member)
    lost(scheme)
    paid(world, chemist, paying)
    chemist.drive()
    assert read(member.who, paying)["state"] == "committing"
    assert at_scheme(scheme, paying["id"]) == ("settled" if lost is dropped_after else "unknown")
    chemist.drive()
    assert (read(member.who, paying)["state"], chemist.order_now(order).settled_by) == ("committed", paying["id"])
    assert chemist.order_now(order).settled
    assert (member.used()["fund"], chemist.kept()) == (FUND, CASH)
    chemist.books()


@pytest.mark.parametrize("event", [OrderEvent.REVOKED, OrderEvent.EXPIRED])
@pytest.mark.parametrize("at", [*UNPAID, "paid", "committing", "lost_before", "lost_after", "committed"])
def test_an_order_that_ends_is_reversed_and_paid_back(
    world: World, scheme: Scheme, chemist: Pharmacy, member: SchemeMember, at: str, event: OrderEvent
) -> None:
    before = member.used()
    order, settlement = brought_to(at, world, scheme, chemist, member)
    chemist.ends(order, event)
    world.settle(chemist.scope)
    for _ in range(3):
        chemist.drive()
    now = read(member.who, settlement)
    assert now["state"] in (("canceled",) if at in UNPAID else ("canceled", "reversed"))
    assert at_scheme(scheme, settlement["id"]) in ("unknown", "reversed")
    assert (member.used(), chemist.kept()) == (before, 0)
    assert chemist.refunds() == ([] if at in UNPAID else [CASH])
    assert not chemist.order_now(order).settled
    chemist.books()


def brought_to(
    at: str, world: World, scheme: Scheme, chemist: Pharmacy, member: SchemeMember
) -> tuple[str, dict[str, str]]:
    """A supply and its settlement, as far as `at` says."""
    if at == "asked":
        scheme.faults(drop_before=2)
        order, settlement = supply(chemist, member)
    elif at == "trial":
        order, settlement = supply(chemist, member)
    else:
        order, settlement = confirmed_supply(chemist, member)
    if at not in UNPAID:
        chemist.pay(settlement["bill"])
    if at not in (*UNPAID, "paid"):
        world.settle(chemist.scope)
    if at.startswith("lost"):
        (dropped_before if at == "lost_before" else dropped_after)(scheme)
    if at in ("lost_before", "lost_after", "committed"):
        chemist.drive()
    return order, settlement


def test_an_order_that_ended_while_the_scheme_was_settling(
    world: World, scheme: Scheme, chemist: Pharmacy, member: SchemeMember
) -> None:
    """The scheme has settled; when that is noted the order is gone, and its relay has not arrived yet."""
    order, paying = confirmed_supply(chemist, member)
    paid(world, chemist, paying)
    chemist.ends(order)
    chemist.drive()
    assert read(member.who, paying)["state"] == "reversing"
    assert at_scheme(scheme, paying["id"]) == "settled"
    chemist.drive()
    world.settle(chemist.scope)
    assert read(member.who, paying)["state"] == "reversed"
    assert (at_scheme(scheme, paying["id"]), chemist.kept(), chemist.refunds()) == ("reversed", 0, [CASH])
    chemist.books()


def test_a_reversal_without_an_answer_is_repeated(
    world: World, scheme: Scheme, chemist: Pharmacy, member: SchemeMember
) -> None:
    order, paying = confirmed_supply(chemist, member)
    paid(world, chemist, paying)
    chemist.drive()
    scheme.faults(infno="2208", drop_after=4)
    chemist.ends(order)
    world.settle(chemist.scope)
    chemist.drive()
    chemist.drive()
    assert (read(member.who, paying)["state"], at_scheme(scheme, paying["id"])) == ("reversing", "reversed")
    chemist.drive()
    assert (read(member.who, paying)["state"], member.used()["fund"]) == ("reversed", 0)


def test_a_refusal_after_a_call_of_unknown_outcome_is_made_sure_of(
    world: World, scheme: Scheme, chemist: Pharmacy, member: SchemeMember
) -> None:
    """The first call may still be on its way: its number is reversed, so that it can never settle."""
    order, paying = confirmed_supply(chemist, member)
    paid(world, chemist, paying)
    dropped_before(scheme)
    chemist.drive()
    scheme.faults(infno="2207", split_changed=1)
    chemist.drive()
    now = read(member.who, paying)
    assert (now["state"], now["reason"], chemist.refunds()) == ("reversing", "split_changed", [CASH])
    chemist.drive()
    assert (read(member.who, paying)["state"], at_scheme(scheme, paying["id"])) == ("reversed", "reversed")
    again = asked(member.who, order, member.coverage)
    assert (again["state"], chemist.kept()) == ("trial", 0)
