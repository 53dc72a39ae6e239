"""What other slices may use of visits: what bears a prescription, and what may be claimed for."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime

from app.core.errors import NotFound
from app.core.ids import PublicId
from app.core.scope import Scope
from app.core.unit import Unit
from app.payments.api import BILL_ID
from app.visits.content import evidence_of, written_in
from app.visits.ids import visit_public_id
from app.visits.models import Visit, VisitRecord
from app.visits.names import FAILED, VISIT_ID
from app.visits.rules.basis import CODE, LegalBasis, same_group
from app.visits.rules.conclusion import Diagnosis
from app.visits.rules.moves import State
from app.visits.service.concluding import count_prescribed, note_supplied
from app.visits.service.summaries import (
    VisitSummary,
    completed_here,
    completed_visits,
    resident_of_taken,
    visit_summaries,
)

__all__ = [
    "CODE", "FAILED", "VISIT_ID", "Diagnosis", "LegalBasis", "State", "VisitSummary", "VisitToClaim",
    "VisitToPrescribe", "completed_here", "completed_visits", "count_prescribed", "note_supplied", "resident_of_taken",
    "same_group", "visit_summaries", "visit_to_claim", "visit_to_prescribe",
]  # fmt: skip


@dataclass(frozen=True)
class VisitToPrescribe:
    """A visit as what bears a prescription."""

    id: PublicId
    resident: uuid.UUID
    doctor: uuid.UUID
    """The doctor's affiliation."""
    doctor_name: str
    subject: str
    legal_basis: LegalBasis
    state: State
    ended_at: datetime | None
    """UTC; None while it lasts."""
    refunded: bool
    """Whether the fee went or goes back."""
    evidence_code: str | None = field(repr=False)
    """The diagnosis (ICD-10) of the evidence that the doctor accepted; None where none was."""
    diagnoses: tuple[Diagnosis, ...] = field(repr=False)
    """Those of the record, as far as it is written."""
    institution_name: str | None
    institution_license: str | None
    """Whose license bears liability: as it was when the fee was paid."""


@dataclass(frozen=True)
class VisitToClaim:
    """A visit as what may be settled and claimed for; `fee` in fen."""

    id: PublicId
    resident: uuid.UUID
    doctor: uuid.UUID
    doctor_name: str
    subject: str
    state: State
    fee: int
    bill: PublicId
    refunded: bool
    completed_at: datetime | None
    """UTC; None unless it is completed."""
    diagnoses: tuple[str, ...] = field(repr=False)
    """ICD-10 codes of the record."""


def visit_to_prescribe(unit: Unit, visit_id: uuid.UUID, *, lock: bool = False) -> VisitToPrescribe:
    """The visit of the unit's tenant as what bears a prescription; with `lock`, held until the unit ends.

    Raises NotFound.
    """
    visit = _visit(unit, visit_id, lock=lock)
    accepted = evidence_of(unit.cipher, visit) if visit.evidence_accepted_at else None
    return VisitToPrescribe(
        id=visit_public_id(visit), resident=visit.resident_id, doctor=visit.doctor_id, doctor_name=visit.doctor_name,
        subject=visit.subject, legal_basis=LegalBasis(visit.legal_basis), state=State(visit.state),
        ended_at=visit.ended_at, refunded=visit.refund_id is not None,
        evidence_code=accepted.diagnosis_code if accepted else None, diagnoses=_diagnoses(unit, visit),
        institution_name=visit.institution_name, institution_license=visit.institution_license,
    )  # fmt: skip


def visit_to_claim(unit: Unit, visit_id: uuid.UUID) -> VisitToClaim:
    """The visit of the unit's tenant as what may be claimed for; works with its resident bound. Raises NotFound."""
    visit = _visit(unit, visit_id)
    completed = visit.state == State.COMPLETED
    return VisitToClaim(
        id=visit_public_id(visit), resident=visit.resident_id, doctor=visit.doctor_id, doctor_name=visit.doctor_name,
        subject=visit.subject, state=State(visit.state), fee=visit.fee,
        bill=PublicId(BILL_ID, Scope.for_tenant(visit.tenant_id), visit.bill_id),
        refunded=visit.refund_id is not None, completed_at=visit.ended_at if completed else None,
        diagnoses=tuple(one.code for one in _diagnoses(unit, visit)),
    )  # fmt: skip


def _visit(unit: Unit, visit_id: uuid.UUID, *, lock: bool = False) -> Visit:
    visit = unit.get(Visit, visit_id, lock=lock)
    if visit is None:
        raise NotFound
    return visit


def _diagnoses(unit: Unit, visit: Visit) -> tuple[Diagnosis, ...]:
    row = unit.get(VisitRecord, visit.id)
    return written_in(unit, row).diagnoses if row else ()
