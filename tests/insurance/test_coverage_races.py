"""Several at the same moment: one person per member number, one row of counters per year."""

import uuid
from functools import partial

from sqlalchemy import select

from app.core.unit import Unit, run, unit
from insurance.models.coverages import BenefitCounters, Coverage, PersonCoverage
from insurance.rules.adjudication import Used
from insurance.rules.coverages import TRIES
from insurance.service.coverages import locked_counters, used_of
from tests.insurance.scenes import World
from tests.residents.world import new_number
from tests.tenants.world import at_once

ROUNDS = 4


def test_two_persons_bind_one_member_number_at_once(world: World) -> None:
    for _ in range(ROUNDS):
        number = new_number()
        insurer, both = world.insurer(), [world.resident(number=number) for _ in range(2)]
        wish = insurer.wish(insurer.member(both[0]))
        for who in both:
            who.actor.do("POST", "/me/coverages", wish)
        at_once(*(partial(world.settle, who.scope) for who in both))
        world.settle(insurer.scope)
        told = [who.actor.do("GET", "/me/coverages")["data"][0] for who in both]
        assert sorted((one["state"], one["reason"]) for one in told) == [("active", None), ("refused", "not_a_member")]
        with unit(insurer.scope) as reading:
            assert len(reading.all(reading.select(Coverage))) == 1


def test_asking_twice_at_once_is_one_request(world: World) -> None:
    insurer, who = world.insurer(), world.resident()
    ask = partial(who.actor.do, "POST", "/me/coverages", {"insurer": insurer.id, "member_number": "M1"})
    assert len({asked["id"] for asked in at_once(*[ask] * 6)}) == 1


def test_many_tries_at_once_are_five(world: World) -> None:
    insurer, who = world.insurer(), world.resident()
    asks = [
        partial(who.actor.ask, "POST", "/me/coverages", {"insurer": insurer.id, "member_number": f"M{at}"})
        for at in range(12)
    ]
    answers = [answer.status_code for answer in at_once(*asks)]
    assert sorted(answers) == [201] * TRIES + [429] * (12 - TRIES)
    with unit(who.scope) as reading:
        assert len(reading.all(reading.select(PersonCoverage))) == TRIES


def test_ending_and_binding_at_once(world: World) -> None:
    for _ in range(ROUNDS):
        insurer, who = world.insurer(), world.resident()
        member = insurer.member(who)
        asked = who.actor.do("POST", "/me/coverages", insurer.wish(member))
        end = partial(insurer.administrator.do, "POST", f"/members/{member['id']}/ending", {"reason": "left"})
        at_once(partial(world.settle, who.scope), end)
        world.settle(insurer.scope, who.scope)
        assert who.actor.do("GET", f"/coverages/{asked['id']}")["state"] in ("ended", "refused")


def test_counters_are_made_once_and_hold_their_limits(world: World) -> None:
    insurer, who = world.insurer(ceiling=1000), world.resident()
    coverage = world.covered(who, insurer)
    paid = at_once(*[partial(run, insurer.scope, partial(spend, coverage.id)) for _ in range(8)])
    assert sorted(paid) == [0] * 4 + [250] * 4
    with unit(insurer.scope) as reading:
        assert used_of(reading, coverage.id, 2026) == Used(0, 1000)
        assert used_of(reading, coverage.id, 2027) == Used()
        of_insurer = select(BenefitCounters.year).where(BenefitCounters.tenant_id == insurer.scope.tenant)
        assert list(reading.session.scalars(of_insurer)) == [2026]


def spend(coverage_id: uuid.UUID, opened: Unit) -> int:
    """Let the fund pay 250 fen where so much is left."""
    coverage = opened.get(Coverage, coverage_id)
    assert coverage
    counters = locked_counters(opened, coverage, 2026)
    left = (counters.ceiling or 0) - counters.fund_used
    paid = min(250, left)
    counters.fund_used += paid
    return paid
