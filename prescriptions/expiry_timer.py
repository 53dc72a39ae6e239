"""What the hospital's side does by itself: end prescriptions whose time is over."""

from app.core.due import each_due
from app.core.scope import Scope
from app.core.timers import Timer
from app.core.unit import Unit
from prescriptions.models.prescribing import Prescription
from prescriptions.rules.prescriptions import Event
from prescriptions.service.ending import stop


def expire_due(scope: Scope) -> int:
    """End the prescriptions of `scope` whose time is over; returns how many."""
    return each_due(scope, Prescription, _expire)


def _expire(opened: Unit, row: Prescription) -> int:
    return int(stop(opened, row, Event.EXPIRED))


EXPIRY = Timer("expire-prescriptions", (Prescription,), expire_due)
