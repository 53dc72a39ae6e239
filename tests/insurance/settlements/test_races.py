"""Several at the same moment: what is settled is settled once, and nothing is given back twice."""

from functools import partial

import pytest

from app.core.errors import Problem, Refused
from app.core.ids import PublicId
from app.core.unit import Caller
from deploy.demo.partners import Scheme
from insurance.rules.adjudication import LineDecision, Totals
from insurance.rules.claims import Outcome
from insurance.service import cases, confirming, withdrawing
from insurance.service.driving import drive
from tests.insurance.scenes import Insured, Insurer, World
from tests.insurance.settlements.claim_scenes import Reviewer, decision, insured, reviewer
from tests.insurance.settlements.scheme_scenes import at_scheme, confirmed_supply, scheme_member
from tests.insurance.settlements.settlement_scenes import TOTAL, Pharmacy, asked, confirmed, read
from tests.insurance.settlements.test_commercial import paid_supply
from tests.platform import new_tenant
from tests.visits.test_races import Act, at_once

BY = Caller("system:test")
ROUNDS = 4


def deciding(desk: Reviewer, case: str, sequence: int = 1) -> Act:
    """A decision as the policy says, by what is used now."""
    shown = desk.fetch(case)
    plain = decision(shown)
    lines = tuple(LineDecision(**{k: v for k, v in line.items() if k != "reason"}) for line in plain["lines"])
    said = cases.Decided(
        plain["claim_version"], sequence, plain["policy_version"], Outcome(plain["outcome"]), lines,
        ("",) * len(lines), Totals(**plain["totals"]),
    )  # fmt: skip

    def act() -> None:
        found = cases.decide(PublicId.parse(case, "ccs"), said, None, BY)
        if isinstance(found, Refused):
            raise found.problem

    return act


@pytest.fixture
def insurer(world: World) -> Insurer:
    return world.insurer(deductible=0)


def test_two_confirmations_at_once_open_one_bill(world: World, chemist: Pharmacy) -> None:
    for _ in range(ROUNDS):
        who = world.resident()
        trial = asked(who, chemist.order(who, new_tenant()))
        act = partial(confirming.confirm, who.actor.id, PublicId.parse(trial["id"], "stl"), 1, None, BY)
        assert at_once([act, act, act]) == {"done": 1, "stale_version": 2}
        assert read(who, trial)["version"] == 2


def test_two_settlements_of_a_supply_asked_for_at_once(world: World, chemist: Pharmacy) -> None:
    for _ in range(ROUNDS):
        who = world.resident()
        wish = {"subject": chemist.order(who, new_tenant()), "coverage": None}

        act = partial(ask_for, who, wish)
        assert at_once([act, act, act]) == {"done": 1, "settlement_exists": 2}


def ask_for(who: Insured, wish: dict[str, str | None]) -> None:
    answer = who.actor.ask("POST", "/settlements", wish)
    if answer.status_code != 201:
        assert answer.json
        raise Problem(code=answer.json["code"])


def test_one_request_sent_twice_at_once_makes_one_settlement(world: World, chemist: Pharmacy) -> None:
    who = world.resident()
    wish = {"subject": chemist.order(who, new_tenant()), "coverage": None}
    seen = set[str]()

    def act() -> None:
        answer = who.actor.ask("POST", "/settlements", wish, Idempotency_Key="one")
        assert answer.status_code in (201, 409), answer.text
        if answer.status_code == 201 and answer.json:
            seen.add(answer.json["id"])

    at_once([act] * 4)
    assert len(seen) == 1


def test_two_decisions_at_once_use_the_benefits_once(world: World, chemist: Pharmacy, insurer: Insurer) -> None:
    who, coverage = insured(world, insurer)
    desk = reviewer(world, insurer)
    for round in range(1, ROUNDS + 1):
        paid_supply(world, chemist, insurer, who, coverage)
        (case,) = desk.ids()
        assert at_once([deciding(desk, case), deciding(desk, case, 2)]) == {"done": 1, "case_closed": 1}
        assert desk.counters() == (0, 16_800 * round)
        world.settle(chemist.scope, insurer.scope)
        assert chemist.refunds() == [16_800] * round
    chemist.books()


def test_a_decision_and_a_withdrawal_at_once(world: World, chemist: Pharmacy, insurer: Insurer) -> None:
    """One of both becomes true on both sides, whoever was first."""
    who, coverage = insured(world, insurer)
    desk = reviewer(world, insurer)
    for pause in range(ROUNDS):
        settled = paid_supply(world, chemist, insurer, who, coverage)
        (case,) = desk.ids()
        claim = read(who, settled)["claim"]["id"]
        before, given = desk.counters(), len(chemist.refunds())
        found = at_once([deciding(desk, case), partial(withdraw, world, chemist, claim)])
        world.settle(chemist.scope, insurer.scope)
        state = read(who, settled)["claim"]["state"]
        decided = state == "decided"
        assert state in ("decided", "withdrawn"), (pause, found)
        assert (case in desk.ids("decided"), case in desk.ids("withdrawn")) == (decided, not decided)
        assert (desk.counters() != before, len(chemist.refunds()) - given) == (decided, int(decided))
    chemist.books()


def withdraw(world: World, chemist: Pharmacy, claim: str) -> None:
    withdrawing.withdraw(PublicId.parse(claim, "clm"), BY)
    world.settle(chemist.scope)


def test_two_claims_race_for_the_last_of_the_ceiling(world: World, chemist: Pharmacy) -> None:
    insurer = world.insurer(deductible=0, ceiling=20_000)
    who, coverage = insured(world, insurer)
    desk = reviewer(world, insurer)
    for _ in range(2):
        paid_supply(world, chemist, insurer, who, coverage)
    first, second = desk.ids()
    assert at_once([deciding(desk, first), deciding(desk, second)]) == {"done": 1, "over_ceiling": 1}
    assert desk.counters() == (0, 16_800)
    deciding(desk, desk.ids()[0])()
    assert desk.counters() == (0, 20_000)
    world.settle(chemist.scope, insurer.scope)
    assert (chemist.refunds(), chemist.books()[f"receivable:{insurer.scope.tenant}"]) == ([3_200, 16_800], 20_000)


@pytest.mark.parametrize("public", [False, True])
def test_a_payment_arrives_when_the_order_ends(world: World, scheme: Scheme, chemist: Pharmacy, public: bool) -> None:
    insurer = world.insurer("public_scheme")
    chemist.connect(scheme, insurer)
    for _ in range(ROUNDS):
        if public:
            member = scheme_member(world, scheme, insurer)
            who = member.who
            order, paying = confirmed_supply(chemist, member)
        else:
            who = world.resident()
            order = chemist.order(who, new_tenant())
            paying = confirmed(who, asked(who, order))
        found = at_once([
            partial(chemist.pay, paying["bill"]),
            partial(chemist.ends, order),
            partial(world.settle, chemist.scope),
            chemist.drive,
        ])  # fmt: skip
        assert found == {"done": 4}
        world.settle(chemist.scope)
        chemist.drive()
        chemist.drive()
        assert read(who, paying)["state"] in ("canceled", "reversed")
        assert at_scheme(scheme, paying["id"]) in ("unknown", "reversed")
        assert chemist.kept() == 0
    assert len(chemist.refunds()) <= ROUNDS
    chemist.books()


def test_a_scheme_that_is_asked_by_several_settles_once(world: World, scheme: Scheme, chemist: Pharmacy) -> None:
    insurer = world.insurer("public_scheme")
    chemist.connect(scheme, insurer)
    for _ in range(ROUNDS):
        member = scheme_member(world, scheme, insurer)
        order, paying = confirmed_supply(chemist, member)
        chemist.pay(paying["bill"])
        world.settle(chemist.scope)
        drivers: list[Act] = [chemist.drive] * 3
        drivers.append(partial(drive, chemist.scope, PublicId.parse(paying["id"], "stl").id))
        assert at_once(drivers) == {"done": 4}
        assert (read(member.who, paying)["state"], member.used()["fund"]) == ("committed", 16_800)
        assert chemist.order_now(order).settled_by == paying["id"]
    assert chemist.kept() == ROUNDS * (TOTAL - 16_800)
    chemist.books()


def test_the_scheme_settles_while_the_order_ends(world: World, scheme: Scheme, chemist: Pharmacy) -> None:
    insurer = world.insurer("public_scheme")
    chemist.connect(scheme, insurer)
    for _ in range(ROUNDS):
        member = scheme_member(world, scheme, insurer)
        order, paying = confirmed_supply(chemist, member)
        chemist.pay(paying["bill"])
        world.settle(chemist.scope)
        assert at_once([chemist.drive, partial(end, world, chemist, order), chemist.drive]) == {"done": 3}
        for _ in range(2):
            world.settle(chemist.scope)
            chemist.drive()
        assert (read(member.who, paying)["state"], member.used()["fund"]) == ("reversed", 0)
        assert at_scheme(scheme, paying["id"]) == "reversed"
        assert chemist.kept() == 0
    chemist.books()


def end(world: World, chemist: Pharmacy, order: str) -> None:
    chemist.ends(order)
    world.settle(chemist.scope)
