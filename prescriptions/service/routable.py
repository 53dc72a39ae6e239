"""Whether a prescription may be quoted and routed now."""

from datetime import datetime

from app.core.unit import Unit
from prescriptions.errors import not_now
from prescriptions.models.prescribing import Prescription
from prescriptions.routing_errors import stands_against
from prescriptions.rules.prescriptions import State
from tenants.api import may_act


def refuse_unroutable(unit: Unit, prescription: Prescription) -> None:
    """Raise WrongState where it may not; works with the resident bound.

    `prescription_state`, `prescription_stopping`, `prescription_expired`, or `tenant_suspended`: who cannot withdraw
    and answer for what was prescribed sends nothing to pharmacies either.
    """
    if prescription.state != State.READY:
        raise not_now(prescription.state)
    if prescription.stopping:
        raise stands_against("prescription_stopping")
    if not in_time(prescription, unit.now):
        raise stands_against("prescription_expired")
    if not may_act(unit):
        raise stands_against("tenant_suspended")


def in_time(prescription: Prescription, now: datetime) -> bool:
    """Whether it is still valid."""
    return prescription.expires_at is not None and now < prescription.expires_at
