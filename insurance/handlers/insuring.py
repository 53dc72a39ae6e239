"""What an insurer hears from providers: claims, their withdrawal, and that they are closed."""

import uuid
from collections.abc import Mapping
from datetime import date
from typing import Any

from app.core.ids import PublicId, new_id
from app.core.journal.record import Facts, Outgoing, record
from app.core.relays import Answer, Handler, Incoming
from app.core.unit import Unit
from insurance.ids import case_id, provider_of_case
from insurance.models import ClaimCase, Coverage
from insurance.names import CASE_ID, CLAIM_ANSWER, CLAIM_ID, CLAIM_SETTLE, CLAIM_SUBMIT, CLAIM_WITHDRAW
from insurance.rules.claims import CaseState
from insurance.service.cases import enter
from insurance.service.content import Content, seal_content, seal_decision
from insurance.service.coverages import valid_on

NO_CASE: Answer = {"refused": "no_case"}


def take_submitted(unit: Unit, relay: Incoming) -> Answer:
    """Open a case for a provider's claim; the provider hears whether there is one.

    What a public scheme has settled is taken in as it is: the scheme knew its member.
    """
    told = relay.payload
    coverage = unit.get(Coverage, uuid.UUID(told["coverage"]))
    against = _against(coverage, told)
    if coverage is None or against:
        return _turned_away(unit, relay, against or "coverage_unknown")
    case = unit.add(_opened(unit, relay, coverage))
    _decided(unit, case, told["decided"])
    facts: Facts = {
        "claim": _claim(relay), "provider": str(provider_of_case(case)), "billed": case.billed, "state": case.state,
    }  # fmt: skip
    record(unit, "claim.submitted", case_id(case), 1, facts, [_answer(relay, "opened", None)], case.resident_id)
    return {}


def take_withdrawn(unit: Unit, relay: Incoming) -> Answer:
    """Close the case that is not decided yet; otherwise the provider hears the decision, which stands."""
    case = _case(unit, relay)
    if case is None:
        return NO_CASE
    if case.state != CaseState.OPEN:
        return {"refused": "case_closed"}
    case.state = CaseState.WITHDRAWN
    enter(unit, case, "claim.withdrawn", [_answer(relay, "withdrawn", None)])
    return {}


def take_settled(unit: Unit, relay: Incoming) -> Answer:
    """The provider has given back what was prepaid too much."""
    case = _case(unit, relay)
    if case is None:
        return NO_CASE
    if case.state != CaseState.DECIDED:
        return {"refused": "nothing_to_change"}
    case.state = CaseState.SETTLED
    enter(unit, case, "claim.settled")
    return {}


def _against(coverage: Coverage | None, told: Mapping[str, Any]) -> str | None:
    if coverage is None or coverage.resident_id != uuid.UUID(told["resident"]):
        return "coverage_unknown"
    if told["decided"] is None and not valid_on(coverage, date.fromisoformat(told["service_date"])):
        return "coverage_not_active"
    return None


def _turned_away(unit: Unit, relay: Incoming, reason: str) -> Answer:
    """No case: what the claim says of the resident is not kept by whom it does not concern."""
    about = PublicId(CASE_ID, unit.scope, new_id())
    facts = {"claim": _claim(relay), "reason": reason}
    record(unit, "claim.turned_away", about, 1, facts, [_answer(relay, "turned_away", reason)])
    return {}


def _opened(unit: Unit, relay: Incoming, coverage: Coverage) -> ClaimCase:
    told, own = relay.payload, new_id()
    return ClaimCase(
        id=own, resident_id=coverage.resident_id, provider=relay.giver.require_tenant(),
        provider_id=uuid.UUID(told["provider"]), provider_name=told["provider_name"],
        claim_id=uuid.UUID(told["claim"]), claim_version=told["claim_version"],
        coverage_id=coverage.id, kind=told["kind"], service_date=date.fromisoformat(told["service_date"]),
        content=seal_content(unit, "claim_cases", own, Content.read(told["content"])), billed=told["billed"], fund=0,
        decision_seq=0, state=CaseState.OPEN, version=1, created_at=unit.now,
    )  # fmt: skip


def _decided(unit: Unit, case: ClaimCase, decided: Mapping[str, Any] | None) -> None:
    if decided is None:
        return
    case.state, case.decision_seq, case.fund = CaseState.DECIDED, 1, decided["fund"] + decided["account"]
    case.decision = seal_decision(unit, case.id, decided)


def _case(unit: Unit, relay: Incoming) -> ClaimCase | None:
    """The case of a claim of the giver's, locked."""
    query = unit.select(ClaimCase).where(
        ClaimCase.provider == relay.giver.require_tenant(), ClaimCase.claim_id == uuid.UUID(relay.payload["claim"])
    )
    return unit.first(query.with_for_update())


def _claim(relay: Incoming) -> str:
    return str(PublicId(CLAIM_ID, relay.giver, uuid.UUID(relay.payload["claim"])))


def _answer(relay: Incoming, answer: str, reason: str | None) -> Outgoing:
    return Outgoing(relay.giver, CLAIM_ANSWER, {"claim": relay.payload["claim"], "answer": answer, "reason": reason})


HANDLERS: dict[tuple[str, int], Handler] = {
    (CLAIM_SUBMIT, 1): take_submitted,
    (CLAIM_WITHDRAW, 1): take_withdrawn,
    (CLAIM_SETTLE, 1): take_settled,
}
