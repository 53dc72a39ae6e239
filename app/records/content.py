"""What doctors and privacy officers write about an emergency access: the one place that seals and opens it."""

import uuid

from app.core.unit import Unit
from app.records.models import EmergencyAccess


def seal_explanation(unit: Unit, id: uuid.UUID, words: str) -> bytes:
    """Why the doctor opened it, encrypted."""
    return unit.cipher.seal(words.encode(), _place(unit, "explanation", id))


def explanation_of(unit: Unit, row: EmergencyAccess) -> str:
    """Why the doctor opened it."""
    return unit.cipher.open(row.explanation, _place(unit, "explanation", row.id)).decode()


def seal_findings(unit: Unit, id: uuid.UUID, words: str) -> bytes:
    """What the privacy officer found, encrypted."""
    return unit.cipher.seal(words.encode(), _place(unit, "findings", id))


def findings_of(unit: Unit, row: EmergencyAccess) -> str | None:
    """What the privacy officer found; None before the review."""
    if row.findings is None:
        return None
    return unit.cipher.open(row.findings, _place(unit, "findings", row.id)).decode()


def _place(unit: Unit, column: str, id: uuid.UUID) -> str:
    return f"tenant:{unit.scope.require_tenant()}/emergency_accesses/{column}/{id}"
