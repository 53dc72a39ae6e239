"""Reads of the hospital's side and of the person's. Who reads what is clinical as staff leaves a mark."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import and_, or_

from app.core.ids import PublicId
from app.core.scope import Scope
from app.core.unit import unit
from app.edge.paging import Keyset, Page
from prescriptions.ids import WITHDRAW, PrescriptionViewer, prescription_public_id
from prescriptions.models.prescribing import Medicine, PersonPrescription, Prescription, PrescriptionReview
from prescriptions.names import PURPOSE
from prescriptions.rules.prescriptions import State
from prescriptions.rules.reviews import ReviewState
from prescriptions.service.details import Detail, detail
from tenants.api import holders, look

Asked = Mapping[str, Any]
_MEDICINES = Keyset("medicines", (Medicine.id,))
_WRITTEN = Keyset("doctor_prescriptions", (Prescription.id,), descending=True)
_UNATTENDED = Keyset("unattended_prescriptions", (Prescription.id,))
_OWN = Keyset("own_prescriptions", (PersonPrescription.id,), descending=True)
_REVIEWS = Keyset("prescription_reviews", (PrescriptionReview.id,))


def prescription_of(viewer: PrescriptionViewer, known: PublicId) -> Detail:
    """A prescription, as its resident, as its doctor, or as who reviews; raises NotFound, Forbidden."""
    with unit(viewer.at(known), viewer.by) as reading:
        row = viewer.readable(reading, known)
        if viewer.of_tenant:
            look(reading, row.resident_id, PURPOSE, prescription_public_id(row))
        return detail(reading, row, for_staff=viewer.of_tenant)


def written_by(viewer: PrescriptionViewer, asked: Asked) -> Page[Prescription]:
    """What the doctor wrote, newest first, perhaps of one state; nothing clinical."""
    with unit(viewer.scope) as reading:
        query = reading.select(Prescription).where(Prescription.doctor_id == viewer.staff_id)
        if asked["state"]:
            query = query.where(Prescription.state == asked["state"])
        return _WRITTEN.page(reading, query, asked)


def unattended(scope: Scope, asked: Asked) -> Page[Prescription]:
    """Signed prescriptions that have not ended, of doctors who cannot act any more, oldest first; nothing clinical.

    What waits for a pharmacy's answer to its end is not among them: nothing is left to withdraw.
    """
    with unit(scope) as reading:
        lives = (Prescription.state.in_((State.PENDING_REVIEW, State.READY)), Prescription.due_at.is_not(None))
        away = Prescription.doctor_id.not_in(holders(reading, WITHDRAW))
        query = reading.select(Prescription).where(*lives, away)
        return _UNATTENDED.page(reading, query, asked)


def reviews(scope: Scope, asked: Asked) -> Page[PrescriptionReview]:
    """The reviews of a tenant, oldest first; those that wait are also those whose lease is over. Nothing clinical."""
    with unit(scope) as reading:
        query = reading.select(PrescriptionReview)
        if asked["state"] == ReviewState.QUEUED:
            over = and_(PrescriptionReview.state == ReviewState.TAKEN, PrescriptionReview.taken_until <= reading.now)
            query = query.where(or_(PrescriptionReview.state == ReviewState.QUEUED, over))
        elif asked["state"]:
            query = query.where(PrescriptionReview.state == asked["state"])
        return _REVIEWS.page(reading, query, asked)


def medicines(scope: Scope, asked: Asked) -> Page[Medicine]:
    """The formulary of a tenant, perhaps only what has some words in its name."""
    with unit(scope) as reading:
        query = reading.select(Medicine)
        if asked["name"]:
            query = query.where(Medicine.name.contains(asked["name"], autoescape=True))
        return _MEDICINES.page(reading, query, asked)


def own(person: Scope, asked: Asked) -> Page[PersonPrescription]:
    """The person's own signed prescriptions with all hospitals, newest first."""
    with unit(person) as reading:
        return _OWN.page(reading, reading.select(PersonPrescription), asked)
