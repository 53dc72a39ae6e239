"""What is clinical in a prescription, and what is counted of them: the one place that seals and opens it."""

import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import orjson

from app.core.unit import Unit
from app.visits.api import Diagnosis
from prescriptions.models.counting import DrugCount
from prescriptions.models.prescribing import PersonPrescription, Prescription, PrescriptionReview
from prescriptions.rules.counting import Counted
from prescriptions.rules.findings import Finding, Severity
from prescriptions.rules.lines import Control, Frequency, Line, Listed, Route


@dataclass(frozen=True)
class Written:
    """What a doctor wrote, and what the rules found in it."""

    lines: tuple[Line, ...] = field(repr=False)
    diagnoses: tuple[Diagnosis, ...] = field(repr=False)
    note: str | None = field(default=None, repr=False)
    assessment: str | None = field(default=None, repr=False)
    findings: tuple[Finding, ...] = field(default=(), repr=False)
    acknowledged: tuple[str, ...] = field(default=(), repr=False)
    """The codes of findings that the doctor saw and signed in spite of."""

    @property
    def groups(self) -> list[str]:
        """The ingredient groups of its medicines."""
        return sorted({line.listed.ingredient_group for line in self.lines if line.listed})


@dataclass(frozen=True)
class Words:
    """What pharmacist and doctor wrote to each other about a prescription."""

    pharmacist: str | None = field(default=None, repr=False)
    doctor: str | None = field(default=None, repr=False)


def seal_written(unit: Unit, prescription_id: uuid.UUID, written: Written) -> bytes:
    """What the doctor wrote, encrypted."""
    return unit.cipher.seal(orjson.dumps(asdict(written)), _place(unit, "prescriptions/content", prescription_id))


def written_in(unit: Unit, row: Prescription) -> Written:
    """What the doctor wrote."""
    read = orjson.loads(unit.cipher.open(row.content, _place(unit, "prescriptions/content", row.id)))
    return Written(
        tuple(_line(one) for one in read["lines"]), tuple(Diagnosis(**one) for one in read["diagnoses"]),
        read["note"], read["assessment"], tuple(_finding(one) for one in read["findings"]),
        tuple(read["acknowledged"]),
    )  # fmt: skip


def groups_of(unit: Unit, row: Prescription) -> list[str]:
    """The ingredient groups of its medicines."""
    return written_in(unit, row).groups


def seal_document(unit: Unit, prescription_id: uuid.UUID, canonical: bytes) -> bytes:
    """The signed bytes, encrypted."""
    return unit.cipher.seal(canonical, _place(unit, "prescriptions/document", prescription_id))


def document_bytes(unit: Unit, row: Prescription) -> bytes:
    """The signed bytes; raises ValueError for a draft."""
    if row.document is None:
        raise ValueError("a draft has no document")
    return unit.cipher.open(row.document, _place(unit, "prescriptions/document", row.id))


def seal_words(unit: Unit, review_id: uuid.UUID, words: Words) -> bytes:
    """What both wrote, encrypted."""
    return unit.cipher.seal(orjson.dumps(asdict(words)), _place(unit, "prescription_reviews/words", review_id))


def words_of(unit: Unit, review: PrescriptionReview) -> Words:
    """What both wrote."""
    if review.words is None:
        return Words()
    return Words(**orjson.loads(unit.cipher.open(review.words, _place(unit, "prescription_reviews/words", review.id))))


def seal_groups(unit: Unit, prescription_id: uuid.UUID, groups: Sequence[str]) -> bytes:
    """The ingredient groups that a person takes, encrypted in their own scope."""
    return unit.cipher.seal(orjson.dumps(list(groups)), _own_place(unit, prescription_id))


def groups_kept(unit: Unit, row: PersonPrescription) -> frozenset[str]:
    """The ingredient groups of a prescription that the person keeps."""
    return frozenset(orjson.loads(unit.cipher.open(row.groups, _own_place(unit, row.id))))


def seal_counts(unit: Unit, id: uuid.UUID, found: Sequence[Counted]) -> bytes:
    """What was counted by doctor and medicine, encrypted."""
    return unit.cipher.seal(orjson.dumps([asdict(one) for one in found]), _place(unit, "drug_counts/content", id))


def counts_in(unit: Unit, row: DrugCount) -> list[Counted]:
    """What was counted so far."""
    if row.content is None:
        return []
    read = orjson.loads(unit.cipher.open(row.content, _place(unit, "drug_counts/content", row.id)))
    return [Counted(**one) for one in read]


def _line(read: dict[str, Any]) -> Line:
    listed = read["listed"]
    return Line(
        **{name: read[name] for name in ("medicine", "dose", "days", "quantity", "note")},
        frequency=Frequency(read["frequency"]), route=Route(read["route"]),
        listed=Listed(**{**listed, "control": Control(listed["control"])}) if listed else None,
    )  # fmt: skip


def _finding(read: dict[str, Any]) -> Finding:
    return Finding(read["code"], Severity(read["severity"]), read["line"])


def _place(unit: Unit, column: str, id: uuid.UUID) -> str:
    return f"tenant:{unit.scope.require_tenant()}/{column}/{id}"


def _own_place(unit: Unit, id: uuid.UUID) -> str:
    return f"person:{unit.scope.require_person()}/person_prescriptions/groups/{id}"
