"""Cases at an insurer: their entries, and the decision about one."""

import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from app.core.errors import InvalidInput, NotFound, Refused, WrongState
from app.core.ids import PublicId, new_id
from app.core.journal.record import Facts, Outgoing, record
from app.core.scope import Scope
from app.core.unit import Caller, Effect, Unit, run
from app.core.versions import expect_version
from insurance.errors import decision_refused, outcome_unfit, policy_differs
from insurance.ids import case_id, claim_of_case, provider_of_case
from insurance.models import ClaimCase
from insurance.names import CLAIM_DECIDE
from insurance.rules.adjudication import Decision, Line, LineDecision, Totals, Used, check, check_limits
from insurance.rules.claims import CaseState, Outcome, decision_refusal, fits
from insurance.service.content import content_of, seal_decision
from insurance.service.coverages import locked_counters, locked_coverage, policy_of

EVIDENCE_ID = "dec"
"""Prefix of the subject of an entry about a decision that was not taken."""


@dataclass(frozen=True)
class Decided:
    """What an insurer says of a claim."""

    claim_version: int
    decision_seq: int
    policy_version: str
    outcome: Outcome
    lines: tuple[LineDecision, ...]
    reasons: tuple[str, ...] = field(repr=False)
    """Of each line, in their order: a code or words, perhaps empty."""
    totals: Totals

    def plain(self) -> dict[str, Any]:
        """As it is kept and shown."""
        lines = [asdict(line) | {"reason": why} for line, why in zip(self.lines, self.reasons, strict=True)]
        return {
            "claim_version": self.claim_version, "decision_seq": self.decision_seq,
            "policy_version": self.policy_version, "outcome": self.outcome.value, "lines": lines,
            "totals": asdict(self.totals),
        }  # fmt: skip


def decide(
    known: PublicId, said: Decided, seen: int | None, by: Caller, effect: Effect | None = None
) -> ClaimCase | Refused:
    """Take a decision in: checked line by line, within what the year's counters leave, which it uses up.

    Raises NotFound; InvalidInput with every fault; PreconditionFailed; WrongState for what goes beyond the year's
    limits. One that is late or about a former version is `Refused`: it changes nothing and leaves an entry, of which
    the insurer's systems hear.
    """

    def work(opened: Unit) -> ClaimCase | Refused:
        case = opened.get(ClaimCase, known.id, lock=True)
        if case is None:
            raise NotFound
        code = decision_refusal(
            CaseState(case.state), claim_version=case.claim_version, decided_version=said.claim_version,
            last=case.decision_seq, sequence=said.decision_seq,
        )  # fmt: skip
        if code:
            return _remembered(opened, case, said, code)
        expect_version(case, seen)
        _refuse_wrong(opened, case, said)
        _use(opened, case, said)
        return _taken(opened, case, said)

    return run(known.scope, work, by, effect=effect)


def resident_of_case(unit: Unit, case: uuid.UUID) -> uuid.UUID | None:
    """The resident whom a case of the unit's tenant is about that is not decided, else None."""
    row = unit.first(unit.select(ClaimCase).where(ClaimCase.id == case, ClaimCase.state == CaseState.OPEN))
    return row.resident_id if row else None


def enter(unit: Unit, case: ClaimCase, happened: str, relays: Sequence[Outgoing] = ()) -> None:
    """Write the entry for what `happened` to a case as its next version."""
    case.version += 1
    facts: Facts = {
        "claim": str(claim_of_case(case)), "provider": str(provider_of_case(case)), "billed": case.billed,
        "fund": case.fund, "state": case.state,
    }  # fmt: skip
    record(unit, happened, case_id(case), case.version, facts, relays, case.resident_id)


def lines_of(unit: Unit, case: ClaimCase) -> list[Line]:
    """What is to be decided."""
    return [Line(item.sequence, case.kind, item.category, item.amount) for item in content_of(unit, case).items]


def _remembered(opened: Unit, case: ClaimCase, said: Decided, code: str) -> Refused:
    facts: Facts = {
        "case": str(case_id(case)), "code": code, "claim_version": said.claim_version,
        "decision_seq": said.decision_seq, "outcome": said.outcome, "fund": said.totals.fund,
    }  # fmt: skip
    about = PublicId(EVIDENCE_ID, opened.scope, new_id())  # the case did not change, nor does its version
    record(opened, "claim.decision_refused", about, 1, facts, whose=case.resident_id)
    return Refused(decision_refused(code, case))


def _refuse_wrong(opened: Unit, case: ClaimCase, said: Decided) -> None:
    faults = check(lines_of(opened, case), Decision(said.lines, said.totals))
    if faults:
        raise InvalidInput("the decision does not fit the claim", faults=tuple(faults))
    if not fits(said.outcome, case.billed, said.totals.fund):
        raise outcome_unfit(said.outcome, said.totals.fund)


def _use(opened: Unit, case: ClaimCase, said: Decided) -> None:
    """Use up the year's benefits, under the counters' lock; raises InvalidInput, WrongState."""
    coverage = locked_coverage(opened, case.coverage_id)
    policy, decided = policy_of(coverage), Decision(said.lines, said.totals)
    if said.policy_version != policy.policy_version:
        raise policy_differs(policy.policy_version)
    counters = locked_counters(opened, coverage, case.service_date.year)
    faults = check_limits(policy, Used(counters.deductible_used, counters.fund_used), decided)
    if faults:
        raise WrongState("the year's benefits do not suffice", code=faults[0].rule, faults=tuple(faults))
    counters.deductible_used += decided.deductible
    counters.fund_used += decided.totals.fund


def _taken(opened: Unit, case: ClaimCase, said: Decided) -> ClaimCase:
    case.state, case.fund, case.decision_seq = CaseState.DECIDED, said.totals.fund, said.decision_seq
    case.decision = seal_decision(opened, case.id, said.plain())
    news = {
        "claim": str(case.claim_id), "claim_version": case.claim_version, "outcome": said.outcome.value,
        "fund": said.totals.fund, "decision_seq": said.decision_seq,
    }  # fmt: skip
    enter(opened, case, "claim.decided", [Outgoing(Scope.for_tenant(case.provider), CLAIM_DECIDE, news)])
    return case
