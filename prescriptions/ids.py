"""Public ids of this slice, made from rows, and who looks for them."""

from dataclasses import dataclass
from typing import NoReturn

from sqlalchemy import or_, select

from app.core.errors import Forbidden, NotFound
from app.core.ids import PublicId
from app.core.scope import Scope
from app.core.unit import Unit
from prescriptions.models.prescribing import Prescription, PrescriptionReview
from prescriptions.names import PRESCRIPTION_ID, PURPOSE, REVIEW_ID
from prescriptions.purposes import is_reviewed, treats
from tenants.api import Viewer, grants, look

WITHDRAW = "prescriptions.withdraw"
"""What somebody may who can take back what they wrote."""


def prescription_public_id(prescription: Prescription) -> PublicId:
    """A prescription's public id."""
    return PublicId(PRESCRIPTION_ID, Scope.for_tenant(prescription.tenant_id), prescription.id)


def review_public_id(review: PrescriptionReview) -> PublicId:
    """A review's public id."""
    return PublicId(REVIEW_ID, Scope.for_tenant(review.tenant_id), review.id)


@dataclass(frozen=True)
class PrescriptionViewer(Viewer):
    """Who asks for a prescription: a resident as themself, or a member of a tenant's staff."""

    reviewer: bool = False
    """Whether they may review prescriptions of their tenant."""
    deputy: bool = False
    """Whether they answer for what doctors of their tenant wrote who cannot act any more."""

    def prescription(self, unit: Unit, known: PublicId, *, lock: bool = False) -> Prescription:
        """The prescription as they may change it: its doctor, or its resident once it is signed.

        Raises NotFound, and Forbidden for staff that is not its doctor.
        """
        found = self._found(unit, known, lock=lock)
        if self.of_tenant and found.doctor_id != self.staff_id:
            raise Forbidden("only the doctor who wrote it can do this")
        return found

    def withdrawable(self, unit: Unit, known: PublicId) -> Prescription:
        """The prescription, locked, as they may withdraw it: its doctor, or a deputy once that doctor cannot.

        Raises NotFound, Forbidden, also `doctor_can_act` to a deputy.
        """
        found = self._found(unit, known, lock=True)
        if found.doctor_id == self.staff_id:
            return found
        if not self.deputy:
            raise Forbidden("only the doctor who wrote it can do this")
        if WITHDRAW in (grants(unit, found.doctor_id) or ()):
            raise Forbidden("the doctor who wrote it can do this", code="doctor_can_act")
        look(unit, found.resident_id, PURPOSE, prescription_public_id(found))
        return found

    def readable(self, unit: Unit, known: PublicId) -> Prescription:
        """The prescription as they may read it, for a purpose that holds now: its doctor, or who reviews it.

        Raises NotFound, and Forbidden for staff: `purpose_ended` where it was theirs to read.
        """
        if not self.of_tenant:
            return self._found(unit, known)
        treating = treats(unit, self.staff_id)
        purpose = or_(treating, is_reviewed()) if self.reviewer else treating
        found = unit.first(unit.select(Prescription).where(Prescription.id == known.id, purpose))
        if found is None:
            self._refuse(unit, known)
        return found

    def _refuse(self, unit: Unit, known: PublicId) -> NoReturn:
        """Say why the prescription was not found, without reading it."""
        asked = select(Prescription.doctor_id, Prescription.signed_at).where(
            Prescription.tenant_id == unit.scope.require_tenant(), Prescription.id == known.id
        )
        row = unit.session.execute(asked).first()
        if row is None:
            raise NotFound
        if row.doctor_id == self.staff_id or (self.reviewer and row.signed_at):
            raise Forbidden("nothing that is open hangs on it any more", code="purpose_ended")
        raise Forbidden("only its doctor and who reviews it can read this")

    def _found(self, unit: Unit, known: PublicId, *, lock: bool = False) -> Prescription:
        found = unit.get(Prescription, known.id, lock=lock)
        if found is None:
            raise NotFound
        if not self.of_tenant and (found.resident_id != self.scope.person or found.signed_at is None):
            raise NotFound
        return found
