"""For which purpose staff and systems read prescriptions and orders: the conditions by which queries find them."""

import uuid
from datetime import timedelta

from sqlalchemy import ColumnElement, and_, or_

from app.core.calendar import local_date
from app.core.purposes import Purpose
from app.core.unit import Unit
from prescriptions.models.prescribing import Prescription
from prescriptions.models.routing import RoutingOrder
from prescriptions.names import PURPOSE
from prescriptions.rules.orders import OrderState
from prescriptions.rules.prescriptions import ENDED, State

SUPPLIED = timedelta(days=30)
"""For how long after the hand-over an order is its pharmacy's to read: for complaints and recalls. A default without a
legal source; that the prescription is kept for a year (处方管理办法 2007, article 50) asks nobody to read it.
"""


def treats(unit: Unit, doctor: uuid.UUID) -> ColumnElement[bool]:
    """This doctor wrote it, and it is not ended, or its medicines are still to be taken."""
    taken = Prescription.covers_until >= local_date(unit.now)
    return and_(Prescription.doctor_id == doctor, or_(Prescription.state.not_in(ENDED), taken))


def is_reviewed() -> ColumnElement[bool]:
    """It is signed and not ended: it is to be reviewed, or was and may be asked about."""
    return Prescription.state.in_((State.PENDING_REVIEW, State.READY))


def is_supplied(unit: Unit) -> ColumnElement[bool]:
    """The order is on its way, has just ended, or was handed over not long ago."""
    return or_(RoutingOrder.state != OrderState.FULFILLED, RoutingOrder.handed_over_at > unit.now - SUPPLIED)


PURPOSES = (
    Purpose(
        "prescription with its findings and review", "doctor", "those that they wrote",
        "it is ended, and the last day for which its medicines are meant is over", PURPOSE,
    ),
    Purpose(
        "prescription with its findings and review", "pharmacist of the hospital", "signed ones",
        "it is ended", PURPOSE,
    ),
    Purpose(
        "prescription with its findings and review", "head of department, medical affairs",
        "one that they withdraw in place of a doctor who cannot act any more", "that moment", PURPOSE,
    ),
    Purpose(
        "allergies and current medicines", "doctor, pharmacist of the hospital",
        "of whom they prescribe for, or whose prescription they review", "it is signed, or reviewed", PURPOSE,
    ),
    Purpose(
        "routing order: name, document, lines", "pharmacist, preparer, systems of the pharmacy",
        "orders of the pharmacy that it accepted; before, the lines without the name",
        "it ends without hand-over; 30 days after the hand-over", PURPOSE,
    ),
)  # fmt: skip
