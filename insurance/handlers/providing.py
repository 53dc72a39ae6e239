"""What a provider hears: of its bills and supplies, in its own tenant, and of its claims, from insurers."""

import uuid
from datetime import datetime

import structlog

from app.core.calendar import local_date
from app.core.ids import MalformedId, PublicId
from app.core.relays import Answer, Handler, Incoming
from app.core.unit import Unit
from app.payments.api import BILL_PAID, BILL_REFUNDED, REFUND_ID
from insurance.models import Claim, Settlement
from insurance.names import CLAIM_ANSWER, CLAIM_DECIDE, SETTLEMENT_ID
from insurance.rules.claims import ClaimEvent, Outcome
from insurance.rules.settlements import LIVE, Event, Kind, Payer, State, paid
from insurance.service import claiming
from insurance.service.moving import commit_or_end, enter, happen
from prescriptions.api import SUPPLY_ENDED, SUPPLY_FULFILLED

NOTHING: Answer = {"refused": "nothing_to_change"}
log = structlog.get_logger()
NO_CLAIM: Answer = {"refused": "no_claim"}


def take_paid(unit: Unit, relay: Incoming) -> Answer:
    """The resident's part is paid: the settlement goes on, or the money goes back where it ended meanwhile."""
    try:
        known = PublicId.parse(relay.payload["purpose"], SETTLEMENT_ID)
    except MalformedId:
        return {"refused": "not_a_settlement"}
    row = _locked(unit, known.id)
    row.prepaid = relay.payload["amount"]
    commit_or_end(unit, row, paid(Payer(row.payer)))
    return {}


def take_refunded(unit: Unit, relay: Incoming) -> Answer:
    """Note that what was owed back has arrived."""
    refund = PublicId.parse(relay.payload["refund"], REFUND_ID).id
    claim = unit.first(unit.select(Claim).where(Claim.refund_id == refund).with_for_update())
    if claim is not None:
        return {} if claiming.close(unit, claim) else NOTHING
    row = unit.first(unit.select(Settlement).where(Settlement.refund_id == refund).with_for_update())
    if row is None or row.refunded_at is not None:
        return {"refused": "not_a_settlement"}
    row.refunded_at = unit.now
    enter(unit, row, "settlement.refunded")
    return {}


def take_ended(unit: Unit, relay: Incoming) -> Answer:
    """A supply will not be: what was paid goes back, what a scheme settled is reversed."""
    row = _live(unit, relay.payload["order"])
    if row is None or not happen(unit, row, Event.SUPPLY_ENDED, relay.payload["state"]):
        return NOTHING
    return {}


def take_fulfilled(unit: Unit, relay: Incoming) -> Answer:
    """The medicines were handed over: their insurer is claimed from."""
    row = _live(unit, relay.payload["order"])
    if row is None or row.state != State.COMMITTED:
        log.error("supply_without_settlement", order=relay.payload["order"], scope=str(unit.scope))
        return {"refused": "no_settlement"}
    supplied = local_date(datetime.fromisoformat(relay.payload["supplied_at"]))
    return {} if claiming.claim_for(unit, row, supplied) else NOTHING


def take_answered(unit: Unit, relay: Incoming) -> Answer:
    """The insurer opened a case, opened none, or closed it because the claim was withdrawn."""
    held = _claim(unit, relay)
    if held is None:
        return NO_CLAIM
    claim, settlement = held
    event, name = _ANSWERS[relay.payload["answer"]]
    if not claiming.happen(unit, claim, event, name, relay.payload["reason"]):
        return NOTHING
    if event in _GIVEN_UP and settlement.kind == Kind.VISIT:
        happen(unit, settlement, _GIVEN_UP[event], _GIVEN_UP[event].value)
    return {}


def take_decided(unit: Unit, relay: Incoming) -> Answer:
    """The insurer decided."""
    held = _claim(unit, relay)
    if held is None:
        return NO_CLAIM
    claim, settlement = held
    if relay.payload["claim_version"] != claim.claim_version:
        return {"refused": "stale_claim_version"}
    outcome = Outcome(relay.payload["outcome"])
    return {} if claiming.decide(unit, claim, settlement, outcome, relay.payload["fund"]) else NOTHING


def _claim(unit: Unit, relay: Incoming) -> tuple[Claim, Settlement] | None:
    """The claim that its own insurer speaks of, and its settlement, both locked; the settlement first."""
    own = uuid.UUID(relay.payload["claim"])
    known = unit.get(Claim, own)
    if known is None or known.insurer != relay.giver.tenant:
        return None
    settlement, claim = _locked(unit, known.settlement_id), unit.get(Claim, own, lock=True)
    return (claim, settlement) if claim else None


def _locked(unit: Unit, id: uuid.UUID) -> Settlement:
    row = unit.get(Settlement, id, lock=True)
    if row is None:
        raise LookupError("a settlement vanished")
    return row


def _live(unit: Unit, subject: str) -> Settlement | None:
    query = unit.select(Settlement).where(Settlement.subject == subject, Settlement.state.in_(LIVE))
    return unit.first(query.with_for_update().execution_options(populate_existing=True))


_ANSWERS = {
    "opened": (ClaimEvent.OPENED, "claim.accepted"),
    "turned_away": (ClaimEvent.TURNED_AWAY, "claim.turned_away"),
    "withdrawn": (ClaimEvent.WITHDRAWN, "claim.taken_back"),
}
_GIVEN_UP = {
    ClaimEvent.WITHDRAWN: Event.CLAIM_WITHDRAWN,
    ClaimEvent.TURNED_AWAY: Event.CLAIM_TURNED_AWAY,
}
"""What of a claim that nobody decides frees its visit to be settled otherwise."""
HANDLERS: dict[tuple[str, int], Handler] = {
    (BILL_PAID, 1): take_paid,
    (BILL_REFUNDED, 1): take_refunded,
    (SUPPLY_ENDED, 1): take_ended,
    (SUPPLY_FULFILLED, 1): take_fulfilled,
    (CLAIM_ANSWER, 1): take_answered,
    (CLAIM_DECIDE, 1): take_decided,
}
