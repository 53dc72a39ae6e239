"""On which legal basis a visit may be held, and which evidence bears it. Pure.

Source: 互联网诊疗管理办法(试行) 2018: online only follow-up of what was diagnosed at a physical institution, with
evidence, and family-doctor contracts; everything else needs the doctor in person.
"""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

FRESH_MONTHS = 6
"""How old evidence may be, in calendar months; a default without a legal source."""
_MONTHS = 12
_SHORTEST = 28
_GROUP = 3
"""The characters of an ICD-10 code that name its group."""
CODE = r"\A[A-Z][0-9]{2}(\.[0-9A-Za-z]{1,8})?\Z"
"""An ICD-10 code, with the extensions of the Chinese clinical edition (`E11.900x001`)."""


class LegalBasis(StrEnum):
    """Why a visit may be held online."""

    FOLLOW_UP = "follow_up"
    FAMILY_CONTRACT = "family_contract"
    WITH_DOCTOR_PRESENT = "with_doctor_present"


class EvidenceKind(StrEnum):
    """What shows the former diagnosis."""

    OWN_RECORD = "own_record"
    OUTPATIENT_RECORD = "outpatient_record"
    DISCHARGE_SUMMARY = "discharge_summary"
    DIAGNOSIS_CERTIFICATE = "diagnosis_certificate"


class BasisRefusal(StrEnum):
    """Why there is no lawful basis."""

    EVIDENCE_MISSING = "evidence_missing"
    EVIDENCE_STALE = "evidence_stale"
    EVIDENCE_IN_FUTURE = "evidence_in_future"
    NO_CONTRACT = "no_family_contract"


@dataclass(frozen=True)
class Evidence:
    """A former diagnosis: where, which (ICD-10), on which local date."""

    kind: EvidenceKind
    institution: str = field(repr=False)
    diagnosis_code: str = field(repr=False)
    date: date


def refusal(basis: LegalBasis, evidence: Evidence | None, today: date, *, contract: bool) -> BasisRefusal | None:
    """Why a visit may not begin on the local date `today`; None where it may.

    `contract`: whether the resident has a family-doctor contract with the tenant that holds today.
    """
    if basis is LegalBasis.FAMILY_CONTRACT and not contract:
        return BasisRefusal.NO_CONTRACT
    if evidence is None:
        return None if basis is LegalBasis.FAMILY_CONTRACT else BasisRefusal.EVIDENCE_MISSING
    if evidence.date > today:
        return BasisRefusal.EVIDENCE_IN_FUTURE
    return BasisRefusal.EVIDENCE_STALE if evidence.date < months_before(today, FRESH_MONTHS) else None


def months_before(day: date, months: int) -> date:
    """The same day of the month so many months earlier, or that month's last day where it has none."""
    year, month = divmod(day.year * _MONTHS + day.month - 1 - months, _MONTHS)
    for last in range(day.day, _SHORTEST, -1):
        try:
            return date(year, month + 1, last)
        except ValueError:
            continue
    return date(year, month + 1, min(day.day, _SHORTEST))


def same_group(code: str, other: str) -> bool:
    """Whether two ICD-10 codes lie in one group."""
    return code[:_GROUP] == other[:_GROUP]
