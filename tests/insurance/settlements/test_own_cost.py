"""What somebody would pay themself for what is only offered, by the coverage that comes first."""

import time

from app.core.ports import Priced
from deploy.demo.partners import Scheme
from insurance.api import own_cost
from tests.insurance.scenes import Insurer, World
from tests.insurance.settlements.claim_scenes import insured, reviewer
from tests.insurance.settlements.scheme_scenes import scheme_member
from tests.insurance.settlements.settlement_scenes import LINES, TOTAL, Pharmacy
from tests.insurance.settlements.test_commercial import paid_supply

PRICED = [Priced(line.sequence, line.code, line.category, line.amount) for line in LINES]
PERSONAL = TOTAL - 8800
"""The worked split of the reference."""


def test_without_a_coverage_it_is_the_total(world: World, chemist: Pharmacy) -> None:
    assert own_cost(world.resident().actor.id, chemist.number, "medicine", PRICED) == TOTAL


def test_a_commercial_coverage_counts_what_is_used(world: World, chemist: Pharmacy) -> None:
    insurer = world.insurer()
    who, coverage = insured(world, insurer)
    assert own_cost(who.actor.id, chemist.number, "medicine", PRICED) == PERSONAL
    paid_supply(world, chemist, insurer, who, coverage)
    desk = reviewer(world, insurer)
    desk.decide(desk.ids()[0])
    assert own_cost(who.actor.id, chemist.number, "medicine", PRICED) == TOTAL - 16_800


def public(world: World) -> Insurer:
    return world.insurer("public_scheme")


def test_the_scheme_says_it_and_a_persons_own_account_is_theirs(
    world: World, scheme: Scheme, chemist: Pharmacy
) -> None:
    insurer = public(world)
    chemist.connect(scheme, insurer)
    member = scheme_member(world, scheme, insurer, deductible=10_000, account_balance=4000)
    assert own_cost(member.who.actor.id, chemist.number, "medicine", PRICED) == PERSONAL
    assert member.used() == {"account_balance": 4000, "deductible": 0, "fund": 0}


def test_a_provider_that_the_scheme_does_not_know_is_paid_alone(
    world: World, scheme: Scheme, chemist: Pharmacy
) -> None:
    member = scheme_member(world, scheme, public(world))
    assert own_cost(member.who.actor.id, chemist.number, "medicine", PRICED) == TOTAL


def test_nobody_knows_while_the_scheme_is_silent(world: World, scheme: Scheme, chemist: Pharmacy) -> None:
    insurer = public(world)
    chemist.connect(scheme, insurer)
    member = scheme_member(world, scheme, insurer)
    scheme.faults(drop_before=2)
    assert own_cost(member.who.actor.id, chemist.number, "medicine", PRICED) is None
    scheme.faults(infno="2206", delay_ms=6000)
    began = time.monotonic()
    assert own_cost(member.who.actor.id, chemist.number, "medicine", PRICED) is None
    assert time.monotonic() - began < 5
    scheme.faults()
    assert own_cost(member.who.actor.id, chemist.number, "medicine", PRICED) == TOTAL - 16_800
