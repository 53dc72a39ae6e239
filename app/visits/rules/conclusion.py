"""When a visit may be called completed. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from app.visits.rules.basis import Evidence, same_group


@dataclass(frozen=True)
class Diagnosis:
    """An ICD-10 code and its name."""

    code: str
    name: str


@dataclass(frozen=True)
class Written:
    """What the doctor wrote into the record; everything may still be missing."""

    complaint: str = field(default="", repr=False)
    findings: str = field(default="", repr=False)
    advice: str = field(default="", repr=False)
    diagnoses: tuple[Diagnosis, ...] = field(default=(), repr=False)


class Lack(StrEnum):
    """What a visit still needs before it is completed."""

    EVIDENCE_ACCEPTED = "evidence_not_accepted"
    WORD = "no_word_of_doctor"
    CONCLUSION = "no_conclusion"
    DIAGNOSIS = "no_diagnosis"
    GROUP = "diagnosis_outside_evidence"


def lack(written: Written, evidence: Evidence | None, *, accepted: bool, doctor_wrote: bool) -> Lack | None:
    """The first thing that is missing; None when the visit may be completed. The conclusion is the advice."""
    if evidence is not None and not accepted:
        return Lack.EVIDENCE_ACCEPTED
    if not doctor_wrote:
        return Lack.WORD
    if not written.advice:
        return Lack.CONCLUSION
    if not written.diagnoses:
        return Lack.DIAGNOSIS
    return None if _covered(written.diagnoses, evidence) else Lack.GROUP


def _covered(diagnoses: Iterable[Diagnosis], evidence: Evidence | None) -> bool:
    """Every diagnosis lies in the evidence's group: what else there is needs another visit, in person."""
    return evidence is None or all(same_group(one.code, evidence.diagnosis_code) for one in diagnoses)
