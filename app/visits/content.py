"""Clinical content: the one place that seals and opens it."""

import uuid
from dataclasses import asdict
from datetime import date

import orjson

from app.core.crypto import Cipher
from app.core.ids import PublicId
from app.core.unit import Unit
from app.visits.models import Visit, VisitMessage, VisitRecord
from app.visits.rules.basis import Evidence, EvidenceKind
from app.visits.rules.conclusion import Diagnosis, Written


def seal_complaint(unit: Unit, visit_id: uuid.UUID, text: str) -> bytes:
    """What the resident wrote at first, encrypted."""
    return unit.cipher.seal(text.encode(), _place(unit, "visits/complaint", visit_id))


def complaint_of(cipher: Cipher, visit: Visit) -> str:
    """What the resident wrote at first."""
    return cipher.open(visit.complaint, _place_in(visit.tenant_id, "visits/complaint", visit.id)).decode()


def seal_evidence(unit: Unit, visit_id: uuid.UUID, evidence: Evidence) -> bytes:
    """The evidence of the former diagnosis, encrypted."""
    return unit.cipher.seal(orjson.dumps(asdict(evidence)), _place(unit, "visits/evidence", visit_id))


def evidence_of(cipher: Cipher, visit: Visit) -> Evidence | None:
    """The evidence of the former diagnosis, where there is one."""
    if visit.evidence is None:
        return None
    read = orjson.loads(cipher.open(visit.evidence, _place_in(visit.tenant_id, "visits/evidence", visit.id)))
    kind, on = EvidenceKind(read["kind"]), date.fromisoformat(read["date"])
    return Evidence(kind, read["institution"], read["diagnosis_code"], on)


def seal_text(unit: Unit, message_id: uuid.UUID, text: str) -> bytes:
    """A message's text, encrypted."""
    return unit.cipher.seal(text.encode(), _place(unit, "visit_messages/text", message_id))


def text_of(unit: Unit, message: VisitMessage) -> str:
    """A message's text."""
    return unit.cipher.open(message.text, _place(unit, "visit_messages/text", message.id)).decode()


def seal_picture(cipher: Cipher, picture: PublicId, content: bytes) -> bytes:
    """A picture's bytes, encrypted; outside a unit, because a picture is no row."""
    return cipher.seal(content, _place_of_picture(picture))


def picture_in(cipher: Cipher, picture: PublicId, sealed: bytes) -> bytes:
    """A picture's bytes."""
    return cipher.open(sealed, _place_of_picture(picture))


def seal_record(unit: Unit, visit_id: uuid.UUID, written: Written) -> bytes:
    """What the doctor wrote down, encrypted."""
    return unit.cipher.seal(orjson.dumps(asdict(written)), _place(unit, "visit_records/content", visit_id))


def written_in(unit: Unit, row: VisitRecord) -> Written:
    """What the doctor wrote down."""
    read = orjson.loads(unit.cipher.open(row.content, _place(unit, "visit_records/content", row.id)))
    diagnoses = tuple(Diagnosis(**one) for one in read["diagnoses"])
    return Written(read["complaint"], read["findings"], read["advice"], diagnoses)


def _place_of_picture(picture: PublicId) -> str:
    return f"tenant:{picture.scope.require_tenant()}/visit_pictures/content/{picture.id}"


def _place(unit: Unit, column: str, id: uuid.UUID) -> str:
    return _place_in(unit.scope.require_tenant(), column, id)


def _place_in(tenant: int, column: str, id: uuid.UUID) -> str:
    return f"tenant:{tenant}/{column}/{id}"
