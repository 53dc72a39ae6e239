"""Claims that an insurer decides: heard, fetched, decided, and what was prepaid too much comes back."""

from datetime import timedelta
from typing import Any

from app.core.calendar import local_date
from app.core.ids import PublicId
from app.core.journal.models import Entry
from app.core.scope import Scope
from app.core.unit import Unit, run, unit
from app.visits.ids import visit_public_id
from insurance.models import Claim, Coverage
from insurance.purposes import claims_payment
from tests.core.journal.scenes import rows
from tests.insurance.scenes import Insured, Insurer, World
from tests.insurance.settlements.claim_scenes import Reviewer, decision, denial, insured, reviewer
from tests.insurance.settlements.settlement_scenes import (
    DIAGNOSIS,
    LINES,
    TOTAL,
    Pharmacy,
    VisitHospital,
    asked,
    confirmed,
    read,
)
from tests.platform import new_tenant
from tests.scheduling.clock import Clock
from tests.visits.scenes import FEE

NO_DEDUCTIBLE: dict[str, Any] = {"deductible": 0}


def events(scope: Scope) -> list[str]:
    """The types of a tenant's sealed entries, oldest first."""
    with unit(scope) as reading:
        rows = reading.all(reading.select(Entry).order_by(Entry.seq))
    return [row.type for row in rows]


def claimed_visit(world: World, hospital: VisitHospital, **policy: Any) -> tuple[Insured, Reviewer, dict[str, Any]]:
    """A visit whose claim stands open at its insurer."""
    insurer = world.insurer(**NO_DEDUCTIBLE | policy)
    who, coverage = insured(world, insurer)
    settled = confirmed(who, asked(who, hospital.visit(who), coverage))
    world.settle(hospital.scope, insurer.scope)
    return who, reviewer(world, insurer), settled


def paid_supply(world: World, chemist: Pharmacy, insurer: Insurer, who: Insured, coverage: PublicId) -> dict[str, Any]:
    """A supply that was paid in full, handed over, and is claimed for."""
    order = chemist.order(who, new_tenant())
    paying = confirmed(who, asked(who, order, coverage))
    chemist.pay(paying["bill"])
    world.settle(chemist.scope)
    chemist.hands_over(order)
    world.settle(chemist.scope, insurer.scope)
    return paying


def refused_decisions(world: World, desk: Reviewer) -> list[tuple[Any, ...]]:
    """Case, reason and sequence of the decisions that were not taken, as the insurer reads them in its feed."""
    told = world.staff(desk.scope, "tenant_administrator").do("GET", "/events?limit=100")["data"]
    facts = [one["data"] for one in told if one["type"] == "claim.decision_refused"]
    return [(one["case"], one["code"], one["decision_seq"]) for one in facts]


def problem(desk: Reviewer, path: str, body: dict[str, Any], seen: str, status: int = 409) -> dict[str, Any]:
    """What is said of a decision that is refused."""
    answer = desk.actor.ask("POST", path, body, If_Match=seen)
    assert (answer.status_code, type(answer.json)) == (status, dict)
    return dict(answer.json or {})


def test_a_case_is_read_whole_with_its_version(world: World, hospital: VisitHospital) -> None:
    _, desk, _ = claimed_visit(world, hospital)
    (case,) = desk.ids()
    for headers in ({}, {"If_None_Match": '"1"'}):  # what is used of the year changes without the case
        answer = desk.actor.ask("GET", f"/claim-cases/{case}", **headers)
        assert (answer.status_code, answer.headers["ETag"]) == (200, '"1"')
        assert answer.json
        assert answer.json["used"] == {"deductible": 0, "fund": 0}


def test_a_visit_from_trial_to_the_money_back(world: World, hospital: VisitHospital) -> None:
    insurer = world.insurer(deductible=1000)
    who, coverage = insured(world, insurer)
    visit = hospital.visit(who)
    trial = asked(who, visit, coverage)
    assert (trial["state"], trial["payer"], trial["to_pay"], trial["total"]) == ("trial", "commercial", 0, FEE)
    assert (trial["fund"], trial["cash"], trial["expected_return"]) == (0, FEE, 1400)  # 70 % of what is over 10 yuan
    done = confirmed(who, trial)
    assert (done["state"], done["claim"]["state"]) == ("committed", "submitted")
    world.settle(hospital.scope, insurer.scope)
    assert read(who, trial)["claim"]["state"] == "accepted"
    desk = reviewer(world, insurer)
    (case,) = desk.ids()
    decided = desk.decide(case)
    assert (decided["state"], decided["fund"]) == ("decided", 1400)
    world.settle(hospital.scope, insurer.scope)
    claim = read(who, trial)["claim"]
    assert (claim["state"], claim["outcome"], claim["fund"], claim["returned"]) == ("decided", "partial", 1400, 1400)
    assert (hospital.refunds(), desk.counters()) == ([1400], (1000, 1400))
    hospital.refunds_arrive()
    world.settle(hospital.scope, insurer.scope)
    assert (read(who, trial)["claim"]["state"], desk.ids("settled")) == ("settled", [case])
    assert [type for type in events(insurer.scope) if type.startswith("claim.")] == [
        "claim.submitted", "claim.decided", "claim.settled",
    ]  # fmt: skip
    books = hospital.books()
    assert (hospital.kept(), books[f"receivable:{insurer.scope.tenant}"]) == (FEE - 1400, 1400)
    assert hospital.visit_now(visit).refunded_at is None


def test_a_case_says_everything_that_a_decision_needs(world: World, hospital: VisitHospital) -> None:
    _, desk, settled = claimed_visit(world, hospital, deductible=1000)
    shown = desk.fetch(desk.ids()[0])
    assert (shown["kind"], shown["billed"], shown["provider_name"]) == ("visit", FEE, "示范医院")
    assert (shown["diagnoses"], shown["used"]) == (["I10.x09"], {"deductible": 0, "fund": 0})
    assert (shown["coverage"], shown["claim"]) == (settled["coverage"], settled["claim"]["id"])
    assert (shown["plan"]["code"], shown["plan"]["policy"]["deductible"]) == ("P-1", 1000)
    assert (shown["member_number"][0], shown["decision"], shown["state"]) == ("M", None, "open")


def test_a_supply_from_its_bill_to_the_money_back(world: World, chemist: Pharmacy) -> None:
    insurer = world.insurer()
    who, coverage = insured(world, insurer)
    order = chemist.order(who, new_tenant())
    trial = asked(who, order, coverage)
    assert (trial["to_pay"], trial["expected_return"]) == (TOTAL, 8800)  # the worked split of the reference
    paying = confirmed(who, trial)
    chemist.pay(paying["bill"])
    world.settle(chemist.scope, insurer.scope)
    desk = reviewer(world, insurer)
    assert (read(who, trial)["state"], read(who, trial)["claim"], desk.ids()) == ("committed", None, [])
    chemist.hands_over(order)
    world.settle(chemist.scope, insurer.scope)
    (case,) = desk.ids()
    shown = desk.fetch(case)
    assert (shown["kind"], shown["billed"], shown["diagnoses"]) == ("medicine", TOTAL, [DIAGNOSIS])
    assert [(line["code"], line["name"], line["category"], line["amount"]) for line in shown["lines"]] == [
        (line.code, line.name, line.category, line.amount) for line in LINES
    ]
    assert desk.decide(case)["fund"] == 8800
    world.settle(chemist.scope, insurer.scope)
    chemist.refunds_arrive()
    world.settle(chemist.scope, insurer.scope)
    claim = chemist.clerk.do("GET", "/claims")["data"][0]
    assert (claim["state"], claim["fund"], claim["cash"], claim["returned"]) == ("settled", 8800, TOTAL - 8800, 8800)
    assert (chemist.kept(), chemist.books()[f"receivable:{insurer.scope.tenant}"]) == (TOTAL - 8800, 8800)
    assert [row.state for row in desk.cases()] == ["settled"]


def test_what_was_reserved_for_nobody_is_used_by_who_comes_first(world: World, chemist: Pharmacy) -> None:
    """The ceiling: the second claim gets what is left, and not more."""
    insurer = world.insurer(ceiling=10_000, **NO_DEDUCTIBLE)
    who, coverage = insured(world, insurer)
    desk = reviewer(world, insurer)
    for _ in range(2):
        paid_supply(world, chemist, insurer, who, coverage)
    first, second = (desk.fetch(case) for case in desk.ids())
    assert decision(first)["totals"]["fund"] == decision(second)["totals"]["fund"] == 10_000
    desk.decide(first["id"])
    path, seen = f"/claim-cases/{second['id']}/decisions", f'"{second["version"]}"'
    assert desk.actor.refused(409, "POST", path, decision(second), If_Match=seen) == "over_ceiling"
    assert desk.decide(second["id"])["fund"] == 0
    world.settle(chemist.scope, insurer.scope)
    assert (desk.counters(), chemist.refunds()) == ((0, 10_000), [10_000])
    assert sorted(row.state for row in desk.cases()) == ["decided", "settled"]  # nothing granted, nothing to wait for
    chemist.books()


def test_a_denial_closes_the_claim_at_once(world: World, hospital: VisitHospital) -> None:
    who, desk, settled = claimed_visit(world, hospital)
    (case,) = desk.ids()
    desk.decide(case, **denial(desk.fetch(case)))
    world.settle(hospital.scope, desk.scope)
    claim = read(who, settled)["claim"]
    assert (claim["state"], claim["outcome"], claim["fund"], claim["returned"]) == ("settled", "denied", 0, 0)
    assert (desk.ids("settled"), hospital.refunds(), desk.counters()) == ([case], [], (0, 0))
    hospital.books()


def test_a_decision_that_does_not_fit_is_refused_whole(world: World, chemist: Pharmacy) -> None:
    insurer = world.insurer()
    who, coverage = insured(world, insurer)
    paid_supply(world, chemist, insurer, who, coverage)
    desk = reviewer(world, insurer)
    (case,) = desk.ids()
    shown = desk.fetch(case)
    right, path, seen = decision(shown), f"/claim-cases/{case}/decisions", f'"{shown["version"]}"'
    lines, totals = right["lines"], right["totals"]

    def rules(**more: Any) -> set[str]:
        return {rule for _, rule in desk.actor.rules("POST", path, right | more, If_Match=seen)}

    assert rules(lines=lines[:-1]) >= {"line_missing"}
    assert rules(lines=[*lines, lines[0]]) >= {"line_twice"}
    assert rules(lines=[*lines, lines[0] | {"sequence": 9}]) >= {"line_unknown"}
    assert rules(lines=[lines[0] | {"fund": lines[0]["fund"] + 1}, *lines[1:]]) >= {"parts_sum"}
    assert rules(totals=totals | {"fund": totals["fund"] + 1}) == {"totals_sum"}
    assert rules(lines=[lines[0] | {"fund": -1}, *lines[1:]])
    over = [lines[0] | {"deductible": lines[0]["deductible"] + lines[0]["copay"], "copay": 0}, *lines[1:]]
    assert desk.actor.refused(409, "POST", path, right | {"lines": over}, If_Match=seen) == "over_deductible"
    assert desk.actor.refused(412, "POST", path, right, If_Match='"2"') == "stale_version"
    assert desk.actor.refused(428, "POST", path, right) == "if_match_required"
    assert (desk.counters(), desk.ids()) == ((0, 0), [case])
    assert desk.decide(case)["fund"] == 8800


def test_a_decision_that_is_refused_is_told_what_would_be_right(world: World, hospital: VisitHospital) -> None:
    _, desk, _ = claimed_visit(world, hospital)
    (case,) = desk.ids()
    right, path = decision(desk.fetch(case)), f"/claim-cases/{case}/decisions"
    for name, wrong, code, told in (
        ("outcome", "denied", "outcome_unfit", "2100 fen"),
        ("policy_version", "1", "policy_version", right["policy_version"]),
    ):
        said = problem(desk, path, right | {name: wrong}, '"1"', 422)
        (fault,) = said["errors"]
        assert (said["code"], fault["pointer"], fault["rule"]) == (code, f"/{name}", code)
        assert told in fault["detail"]


def test_a_late_decision_changes_nothing_and_is_remembered(world: World, hospital: VisitHospital) -> None:
    _, desk, _ = claimed_visit(world, hospital)
    (case,) = desk.ids()
    shown = desk.fetch(case)
    path, right = f"/claim-cases/{case}/decisions", decision(shown)
    stale = right | {"claim_version": 2}
    former = problem(desk, path, stale, '"1"')
    assert former["code"] == "stale_claim_version"
    assert [(one["pointer"], one["detail"]) for one in former["errors"]] == [
        ("/claim_version", "The claim has version 1.")
    ]
    sent = desk.actor.do("POST", path, right, If_Match='"1"', Idempotency_Key="once")
    assert desk.actor.do("POST", path, right, If_Match='"1"', Idempotency_Key="once") == sent
    closed = problem(desk, path, right | {"decision_seq": 2}, '"2"')
    assert (closed["code"], "decided, in version 2" in closed["detail"]) == ("case_closed", True)
    world.settle(hospital.scope, desk.scope)
    assert refused_decisions(world, desk) == [(case, "stale_claim_version", 1), (case, "case_closed", 2)]
    assert events(desk.scope).count("claim.decided") == 1
    assert (hospital.refunds(), desk.counters()) == ([2100], (0, 2100))


def test_a_claim_is_withdrawn_before_its_decision(world: World, hospital: VisitHospital) -> None:
    who, desk, settled = claimed_visit(world, hospital)
    claim = settled["claim"]["id"]
    assert hospital.administrator.refused(403, "POST", f"/claims/{claim}/withdrawal")
    assert hospital.clerk.do("POST", f"/claims/{claim}/withdrawal")["state"] == "withdrawing"
    assert hospital.clerk.refused(409, "POST", f"/claims/{claim}/withdrawal") == "claim_state"
    world.settle(hospital.scope, desk.scope)
    now = read(who, settled)
    assert (now["claim"]["state"], now["state"], now["reason"]) == ("withdrawn", "reversed", "claim_withdrawn")
    (case,) = desk.ids("withdrawn")
    shown = desk.fetch(case)
    body, seen = decision(shown), f'"{shown["version"]}"'
    assert desk.actor.refused(409, "POST", f"/claim-cases/{case}/decisions", body, If_Match=seen) == "case_closed"
    world.settle(desk.scope)
    assert refused_decisions(world, desk) == [(case, "case_closed", 1)]
    assert "claim.withdrawn" in events(desk.scope)
    again = asked(who, settled["subject"], PublicId.parse(settled["coverage"], "cov"))
    assert (again["state"], hospital.kept()) == ("trial", FEE)


def test_a_decision_that_was_quicker_than_the_withdrawal_stands(world: World, hospital: VisitHospital) -> None:
    who, desk, settled = claimed_visit(world, hospital)
    hospital.clerk.do("POST", f"/claims/{settled['claim']['id']}/withdrawal")
    (case,) = desk.ids()
    desk.decide(case)
    world.settle(hospital.scope, desk.scope)
    assert (read(who, settled)["claim"]["state"], hospital.refunds()) == ("decided", [2100])
    hospital.refunds_arrive()
    world.settle(hospital.scope, desk.scope)
    assert (read(who, settled)["claim"]["state"], desk.ids("settled")) == ("settled", [case])
    hospital.books()


def test_an_insurer_opens_no_case_for_a_day_that_it_does_not_cover(world: World, hospital: VisitHospital) -> None:
    insurer = world.insurer(**NO_DEDUCTIBLE)
    who, coverage = insured(world, insurer)
    settled = confirmed(who, asked(who, hospital.visit(who), coverage))
    end_coverage(insurer)
    world.settle(hospital.scope, insurer.scope)
    claim = read(who, settled)["claim"]
    assert (claim["state"], hospital.claim().reason, hospital.kept()) == ("turned_away", "coverage_not_active", FEE)
    assert reviewer(world, insurer).cases() == []
    assert "claim.turned_away" in events(insurer.scope)
    mine = hospital.claim().id
    (stored,) = rows(world.platform, "SELECT state FROM claims WHERE id = %s", mine)
    assert stored == ("denied",), "as processes of the release before read it"
    rows(world.platform, "UPDATE claims SET service_date = '2020-01-01' WHERE id = %s", mine)
    for word in ("denied", "turned_away"):  # the latter by a process of the next release
        rows(world.platform, "UPDATE claims SET state = %s WHERE id = %s", word, mine)
        listed = hospital.clerk.do("GET", "/claims?state=turned_away")["data"]
        assert [one["state"] for one in (read(who, settled)["claim"], *listed)] == ["turned_away"] * 2
        with unit(hospital.scope) as reading:
            assert reading.all(reading.select(Claim).where(claims_payment(reading))) == [], "it has ended"


def test_a_visit_whose_claim_nobody_takes_is_settled_by_another_coverage(world: World, hospital: VisitHospital) -> None:
    """Two coverages: the first has ended, which its insurer alone knows yet. The resident loses nothing by it."""
    former, other = world.insurer(**NO_DEDUCTIBLE), world.insurer(**NO_DEDUCTIBLE)
    who, ended = insured(world, former)
    holds = world.covered(who, other)
    visit = hospital.visit(who)
    first = confirmed(who, asked(who, visit, ended))
    end_coverage(former)
    world.settle(hospital.scope, former.scope)
    now = read(who, first)
    assert (now["state"], now["reason"], now["claim"]["state"]) == ("reversed", "claim_turned_away", "turned_away")
    second = confirmed(who, asked(who, visit, holds))
    world.settle(hospital.scope, other.scope)
    desk = reviewer(world, other)
    desk.decide(desk.ids()[0])
    world.settle(hospital.scope, other.scope)
    assert (read(who, second)["claim"]["fund"], hospital.refunds(), hospital.kept()) == (2100, [2100], FEE - 2100)
    hospital.books()


def end_coverage(insurer: Insurer) -> None:
    """The insurer ends the coverage as of yesterday, which the person has not heard."""

    def work(opened: Unit) -> None:
        (row,) = opened.all(opened.select(Coverage))
        row.valid_until = local_date(opened.now) - timedelta(days=1)

    run(insurer.scope, work)


def test_a_visit_that_cannot_be_settled(world: World, hospital: VisitHospital) -> None:
    insurer = world.insurer()
    who, coverage = insured(world, insurer)
    stranger, strange = insured(world, insurer)
    visit = hospital.visit(who)
    assert who.actor.refused(422, "POST", "/settlements", {"subject": visit}) == "coverage_needed"
    wish = {"subject": visit, "coverage": str(strange)}
    assert who.actor.refused(404, "POST", "/settlements", wish) == "not_found"
    assert stranger.actor.refused(404, "POST", "/settlements", wish) == "not_found"
    open_visit = hospital.clinic.taken(hospital.platform, person=who.actor.id)
    wish = {"subject": str(visit_public_id(open_visit)), "coverage": str(coverage)}
    assert who.actor.refused(409, "POST", "/settlements", wish) == "visit_not_completed"


def test_a_visit_is_settled_within_thirty_days(world: World, hospital: VisitHospital, clock: Clock) -> None:
    insurer = world.insurer()
    who, coverage = insured(world, insurer)
    wish = {"subject": hospital.visit(who), "coverage": str(coverage)}
    clock.forward(days=29)
    late = world.again(who)
    assert late.actor.do("POST", "/settlements", wish)["state"] == "trial"
    clock.forward(days=2)
    assert world.again(who).actor.refused(409, "POST", "/settlements", wish) == "settle_time_over"


def test_looks_leave_a_mark_and_strangers_see_nothing(world: World, clock: Clock, hospital: VisitHospital) -> None:
    clock.in_a_quarter()
    _, desk, settled = claimed_visit(world, hospital)
    (case,) = desk.ids()
    for _ in range(2):
        desk.fetch(case)
    detail = hospital.clerk.do("GET", f"/claims/{settled['claim']['id']}")
    assert (detail["diagnoses"], detail["lines"][0]["amount"]) == (["I10.x09"], FEE)
    world.settle(hospital.scope, desk.scope)
    assert (events(desk.scope).count("record.read"), events(hospital.scope).count("record.read")) == (1, 1)
    other = reviewer(world, world.insurer())
    assert other.actor.refused(404, "GET", f"/claim-cases/{case}") == "not_found"
    assert other.actor.refused(403, "GET", "/claims")
    assert hospital.clerk.refused(403, "GET", "/claim-cases")
    assert desk.actor.refused(403, "GET", "/scheme-connections")
