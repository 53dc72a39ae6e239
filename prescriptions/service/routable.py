"""Whether a prescription may be quoted and routed now."""

from datetime import datetime

from prescriptions.models.prescribing import Prescription
from prescriptions.routing_errors import stands_against
from prescriptions.rules.prescriptions import State


def refuse_unroutable(prescription: Prescription, now: datetime) -> None:
    """Raise WrongState `prescription_state`, `prescription_stopping` or `prescription_expired` where it may not."""
    if prescription.state != State.READY:
        raise stands_against("prescription_state")
    if prescription.stopping:
        raise stands_against("prescription_stopping")
    if not in_time(prescription, now):
        raise stands_against("prescription_expired")


def in_time(prescription: Prescription, now: datetime) -> bool:
    """Whether it is still valid."""
    return prescription.expires_at is not None and now < prescription.expires_at
