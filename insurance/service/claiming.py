"""A provider's claims: made by what was settled, answered and decided by the insurer, closed when money is back."""

from datetime import date
from typing import Any

from app.core.ids import new_id
from app.core.journal.record import Facts, Outgoing, record
from app.core.scope import Scope
from app.core.unit import Unit
from app.payments.api import insurer_owes, request_refund
from insurance.ids import claim_id
from insurance.models import Claim, Settlement
from insurance.names import CLAIM_SETTLE, CLAIM_SUBMIT, CLAIM_WITHDRAW
from insurance.rules.claims import ClaimEvent, ClaimKind, ClaimState, Outcome, move_claim
from insurance.rules.settlements import Kind, Payer
from insurance.service.content import Content, content_of, seal_content
from tenants.api import profile_of

BACK = "insurance_share"
"""Why money goes back: the insurer bears it."""


def claim_for(unit: Unit, settlement: Settlement, service_date: date) -> Claim | None:
    """Claim what `settlement` has committed from its insurer; None where there is no insurer, or nothing to claim.

    A public scheme's claim is born decided: what it bears of a visit that was paid before goes back at once.
    """
    if settlement.insurer is None or settlement.coverage is None or not settlement.total:
        return None
    decided = settlement.payer == Payer.PUBLIC_SCHEME
    content = content_of(unit, settlement)
    claim = _new(unit, settlement, service_date, content)
    submit = Outgoing(Scope.for_tenant(settlement.insurer), CLAIM_SUBMIT, _submitted(unit, settlement, claim, content))
    record(unit, "claim.made", claim_id(claim), 1, facts_of(claim), [submit])
    if decided:
        _give_back(unit, claim, settlement, claim.fund + claim.account if settlement.kind == Kind.VISIT else 0)
    return claim


def happen(unit: Unit, claim: Claim, event: ClaimEvent, name: str, reason: str | None = None) -> bool:
    """Let `event` happen to a claim, which the unit holds locked; returns whether it changed anything.

    A withdrawal that begins and a claim that is closed tell the insurer.
    """
    found = move_claim(ClaimState(claim.state), event)
    if found is None:
        return False
    claim.state, claim.reason = found, reason
    claim.version += 1
    relay = {ClaimState.WITHDRAWING: CLAIM_WITHDRAW, ClaimState.SETTLED: CLAIM_SETTLE}.get(found)
    told = [Outgoing(Scope.for_tenant(claim.insurer), relay, {"claim": str(claim.id)})] if relay else []
    record(unit, name, claim_id(claim), claim.version, facts_of(claim), told)
    return True


def decide(unit: Unit, claim: Claim, settlement: Settlement, outcome: Outcome, fund: int) -> bool:
    """Take in that the insurer bears `fund` fen; what was prepaid too much goes back. Returns whether it was news.

    Raises ValueError for more than was billed: the insurer's side never lets it pass.
    """
    if not 0 <= fund <= claim.billed:
        raise ValueError("a decision grants no more than was billed")
    if move_claim(ClaimState(claim.state), ClaimEvent.DECIDED) is None:
        return False
    claim.fund, claim.cash, claim.outcome = fund, claim.billed - fund, outcome
    if fund:
        insurer_owes(unit, claim.resident_id, claim.id, claim.insurer, fund)
    happen(unit, claim, ClaimEvent.DECIDED, "claim.answered")
    _give_back(unit, claim, settlement, fund)
    return True


def close(unit: Unit, claim: Claim) -> bool:
    """Everything is back: the claim is settled, and its insurer hears of it."""
    return happen(unit, claim, ClaimEvent.RETURNED, "claim.closed")


def facts_of(claim: Claim) -> Facts:
    """What entries say of a claim: ids, codes and amounts."""
    facts: dict[str, int | str] = {
        "kind": claim.kind, "state": claim.state, "insurer": claim.insurer, "billed": claim.billed,
        "fund": claim.fund, "account": claim.account, "cash": claim.cash, "returned": claim.returned,
    }  # fmt: skip
    if claim.reason:
        facts["reason"] = claim.reason
    return facts


def _give_back(unit: Unit, claim: Claim, settlement: Settlement, amount: int) -> None:
    """What the resident prepaid of the insurer's share; the claim is closed when it has arrived, or at once."""
    bill = settlement.visit_bill_id if settlement.kind == Kind.VISIT else settlement.bill_id
    if not amount or bill is None:
        close(unit, claim)
        return
    claim.returned, claim.refund_id = amount, request_refund(unit, bill, amount, BACK).id


def _new(unit: Unit, settlement: Settlement, service_date: date, content: Content) -> Claim:
    decided, own = settlement.payer == Payer.PUBLIC_SCHEME, new_id()
    fund, account = (settlement.fund, settlement.account) if decided else (0, 0)
    return unit.add(
        Claim(
            id=own, settlement_id=settlement.id, resident_id=settlement.resident_id, insurer=settlement.insurer,
            kind=ClaimKind.SETTLEMENT if decided else ClaimKind.DIRECT_BILLING, claim_version=1,
            content=seal_content(unit, "claims", own, content), service_date=service_date, billed=settlement.total,
            fund=fund, account=account, cash=settlement.total - fund - account, returned=0,
            outcome=_outcome(settlement) if decided else None,
            state=ClaimState.DECIDED if decided else ClaimState.SUBMITTED, version=1, created_at=unit.now,
        )
    )  # fmt: skip


def _outcome(settlement: Settlement) -> Outcome:
    if not settlement.fund + settlement.account:
        return Outcome.DENIED
    return Outcome.PARTIAL if settlement.cash else Outcome.APPROVED


def _submitted(unit: Unit, settlement: Settlement, claim: Claim, content: Content) -> dict[str, Any]:
    """What the insurer gets; it knows its member by the coverage."""
    decided, provider = claim.kind == ClaimKind.SETTLEMENT, profile_of(unit)
    return {
        "claim": str(claim.id), "claim_version": claim.claim_version, "provider": str(provider.id),
        "provider_name": provider.name,
        "resident": str(claim.resident_id), "coverage": str(settlement.coverage), "kind": settlement.kind,
        "service_date": claim.service_date.isoformat(), "billed": claim.billed,
        "content": {**content.plain(), "person": ""},
        "decided": {"outcome": claim.outcome, "fund": claim.fund, "account": claim.account} if decided else None,
    }  # fmt: skip
