"""The signed document of a prescription, and the signatures on it."""

import uuid
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import bindparam

from app.core.ids import PublicId, new_id
from app.core.journal.text import instant
from app.core.scope import Scope
from app.core.seeing import Seeing
from app.core.unit import Unit
from app.identity.api import sign
from app.residents.api import Verified
from app.visits.api import VisitToPrescribe
from prescriptions.content import Written, document_bytes
from prescriptions.ids import prescription_public_id
from prescriptions.models.prescribing import Prescription, PrescriptionSignature
from prescriptions.names import PRESCRIPTION_ID
from prescriptions.rules.documents import SignedAs, canonical, signed_content
from prescriptions.rules.lines import Line
from tenants.api import name_of, profile_of

_SIGNATURES = Seeing(
    PrescriptionSignature,
    PrescriptionSignature.prescription_id == bindparam("of_prescription"),
    order=[PrescriptionSignature.id],
)


def document_of(unit: Unit, prescription: Prescription) -> dict[str, Any]:
    """What the doctor signed; raises ValueError for a draft. Works with the resident bound."""
    read: dict[str, Any] = orjson.loads(document_bytes(unit, prescription))
    return read


def signatures_of(unit: Unit, prescription: Prescription) -> list[dict[str, Any]]:
    """The signatures on a prescription, oldest first, each with the key that made it."""
    return [
        {
            "role": row.role, "name": row.name, "algorithm": row.algorithm, "key_id": row.key_id,
            "public_key": row.public_key, "value": row.value, "signed_at": instant(row.signed_at),
        }
        for row in _SIGNATURES.all(unit, of_prescription=prescription.id)
    ]  # fmt: skip


def add_signature(unit: Unit, prescription: Prescription, staff_id: uuid.UUID, role: SignedAs) -> None:
    """Let a member of the unit's tenant sign `prescription` as `role`; raises WrongState `no_signing_key`."""
    made = sign(unit, staff_id, signed_content(document_bytes(unit, prescription), role))
    unit.add(
        PrescriptionSignature(
            id=new_id(), prescription_id=prescription.id, resident_id=prescription.resident_id, role=role,
            staff_id=staff_id, name=name_of(unit, staff_id), algorithm=made.algorithm, key_id=made.key_id,
            public_key=made.public_key, value=made.value, signed_at=made.signed_at,
        )
    )  # fmt: skip


def write_document(
    unit: Unit, prescription: Prescription, written: Written, visit: VisitToPrescribe, resident: Verified,
    expires_at: datetime,
) -> bytes:  # fmt: skip
    """The canonical bytes of what the doctor is about to sign, now."""
    document = {
        "id": str(prescription_public_id(prescription)), "tenant": profile_of(unit).name,
        "institution": {"name": visit.institution_name, "license": visit.institution_license},
        "resident": {
            "name": resident.name, "sex": resident.sex, "birth_date": resident.birth_date.isoformat(),
        },
        "doctor": prescription.doctor_name, "legal_basis": prescription.legal_basis,
        "diagnoses": [{"code": one.code, "name": one.name} for one in written.diagnoses],
        "lines": [_line(number, line) for number, line in enumerate(written.lines, 1)],
        "note": written.note, "signed_at": instant(unit.now), "expires_at": instant(expires_at),
        "replaces": replaced(prescription),
    }  # fmt: skip
    return canonical(document)


def replaced(prescription: Prescription) -> str | None:
    """The public id of the prescription in whose place this one comes."""
    if prescription.replaces is None:
        return None
    return str(PublicId(PRESCRIPTION_ID, Scope.for_tenant(prescription.tenant_id), prescription.replaces))


def _line(number: int, line: Line) -> dict[str, Any]:
    if line.listed is None:
        raise ValueError("a line without a medicine is not signed")
    return {
        "sequence": number, "medicine": line.medicine, "name": line.listed.name, "form": line.listed.form,
        "strength": line.listed.strength, "category": line.listed.category, "quantity": line.quantity,
        "pack_units": line.listed.pack_units, "unit": line.listed.unit, "dose": line.dose,
        "frequency": line.frequency.value, "route": line.route.value, "days": line.days, "note": line.note,
    }  # fmt: skip
