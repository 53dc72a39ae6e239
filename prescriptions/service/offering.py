"""The hospital offers a prescription to the pharmacy that was chosen, and goes on to the next one where it may."""

from app.core.ids import PublicId
from app.core.journal.record import Facts, Outgoing, record
from app.core.scope import Scope
from app.core.unit import Unit
from prescriptions.ids import prescription_public_id
from prescriptions.models.prescribing import Prescription
from prescriptions.models.routing import Choice
from prescriptions.names import ORDER_OFFER
from prescriptions.routing_ids import choice_public_id, quote_of_choice
from prescriptions.rules.choices import MOVED_ON, ChoiceState, Cost, may_follow
from prescriptions.rules.prescriptions import Event
from prescriptions.service.documents import document_of, signatures_of
from prescriptions.service.moving import happen
from prescriptions.service.routable import in_time
from tenants.api import TENANT_ID, may_act, person_behind, profile_of

CHOICE = "choice"
"""What a prescription waits for when nobody may be offered it unasked."""


def note(opened: Unit, choice: Choice) -> None:
    """Write the entry for the state that a choice is in now, as its next version."""
    choice.version += 1
    facts: Facts = {"state": choice.state, "amount": choice.total, "rank": choice.rank or 0}
    record(opened, f"choice.{choice.state}", choice_public_id(choice), choice.version, facts)


def offer(unit: Unit, prescription: Prescription, choice: Choice) -> None:
    """Make the prescription's next order, at the pharmacy of `choice`; raises LookupError where it may not have one.

    The unit holds the prescription locked, and its former order has ended.
    """
    prescription.attempt += 1
    prescription.order_tenant, prescription.pharmacy_name = choice.pharmacy, choice.pharmacy_name
    prescription.waiting = None
    choice.state, choice.attempt = ChoiceState.OFFERED, prescription.attempt
    note(unit, choice)
    if not happen(unit, prescription, Event.OFFERED, more_outgoing=[_offer(unit, prescription, choice)]):
        raise LookupError("a prescription that cannot be offered")


def following(unit: Unit, prescription: Prescription, ended: Choice) -> Choice | None:
    """The choice that may follow `ended` unasked: the next one, if the resident would not pay more."""
    if ended.state not in MOVED_ON or prescription.stopping or not in_time(prescription, unit.now):
        return None
    if not may_act(unit):
        return None
    waiting = unit.select(Choice).where(Choice.prescription_id == prescription.id, Choice.state == ChoiceState.WAITING)
    found = unit.first(waiting.order_by(Choice.rank))
    return found if found and may_follow(_cost(ended), _cost(found)) else None


def _cost(choice: Choice) -> Cost:
    return Cost(choice.total, choice.own_cost)


def _offer(unit: Unit, prescription: Prescription, choice: Choice) -> Outgoing:
    profile, tenant = profile_of(unit), Scope.for_tenant(prescription.tenant_id)
    expires_at, author = prescription.expires_at, person_behind(unit, prescription.doctor_id)
    payload = {
        "prescription": str(prescription_public_id(prescription)), "attempt": prescription.attempt,
        "quote": str(quote_of_choice(choice)), "resident": str(prescription.resident_id),
        "document": document_of(unit, prescription), "signatures": signatures_of(unit, prescription),
        "expires_at": expires_at.isoformat() if expires_at else None, "offer_seconds": choice.offer_seconds,
        "author": str(author) if author else None,
        "hospital": str(PublicId(TENANT_ID, tenant, profile.id)), "hospital_name": profile.name,
    }  # fmt: skip
    return Outgoing(Scope.for_tenant(choice.pharmacy), ORDER_OFFER, payload)
