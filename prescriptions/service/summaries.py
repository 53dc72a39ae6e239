"""Prescriptions as others may read them to whom their resident, or an emergency, opens them: a line for each."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.core.ids import PublicId
from app.core.scope import Scope
from app.core.unit import Unit
from app.edge.paging import Keyset, Page
from prescriptions.content import written_in
from prescriptions.ids import prescription_public_id
from prescriptions.models.prescribing import PersonPrescription, Prescription
from prescriptions.names import PRESCRIPTION_ID

_HERE = Keyset("prescriptions_for_research", (Prescription.id,))
_SIGNED = Keyset("signed_prescriptions", (PersonPrescription.id,), descending=True)


@dataclass(frozen=True)
class PrescribedMedicine:
    """A line: which medicine, in which strength, for how many days."""

    name: str = field(repr=False)
    group: str = field(repr=False)
    """The ATC code of its ingredient."""
    strength: str = field(repr=False)
    days: int


@dataclass(frozen=True)
class PrescriptionSummary:
    """A signed prescription, whatever became of it."""

    id: PublicId
    institution_name: str | None
    doctor_name: str
    state: str
    signed_at: datetime | None
    medicines: Sequence[PrescribedMedicine] = field(repr=False)


def signed_prescriptions(own: Unit, asked: Mapping[str, Any]) -> Page[PublicId]:
    """The signed prescriptions of the unit's person with all hospitals, newest first, by id."""
    page = _SIGNED.page(own, own.select(PersonPrescription), asked)
    return Page(
        [PublicId(PRESCRIPTION_ID, Scope.for_tenant(row.tenant), row.id) for row in page.data], page.next_cursor
    )


def signed_here(opened: Unit, until: datetime, asked: Mapping[str, Any]) -> Page[tuple[uuid.UUID, uuid.UUID]]:
    """The prescriptions of the unit's tenant that were signed before `until`, oldest first: whose, and their ids."""
    page = _HERE.page(opened, opened.select(Prescription).where(Prescription.signed_at < until), asked)
    return Page([(row.resident_id, row.id) for row in page.data], page.next_cursor)


def prescription_summaries(opened: Unit, resident: uuid.UUID, ids: Collection[uuid.UUID]) -> list[PrescriptionSummary]:
    """Those of `ids` that are signed prescriptions of `resident` with the unit's tenant, in one query."""
    mine = (Prescription.id.in_(ids), Prescription.resident_id == resident, Prescription.signed_at.is_not(None))
    return [
        PrescriptionSummary(
            prescription_public_id(row), row.institution_name, row.doctor_name, row.state, row.signed_at,
            _medicines(opened, row),
        )
        for row in opened.all(opened.select(Prescription).where(*mine))
    ]  # fmt: skip


def _medicines(opened: Unit, row: Prescription) -> list[PrescribedMedicine]:
    lines = written_in(opened, row).lines
    return [
        PrescribedMedicine(line.listed.name, line.listed.ingredient_group, line.listed.strength, line.days)
        for line in lines
        if line.listed
    ]
