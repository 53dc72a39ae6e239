"""What the rules find in a prescription, before a doctor may sign it. Pure.

Sources: 处方管理办法 2007 (five medicines, seven days), 长期处方管理规范(试行) 2021 (four weeks, twelve with an
assessment), 互联网诊疗管理办法(试行) 2018 and 互联网诊疗监管细则(试行) 2022 (follow-up only, special medicines
never online, children under six), 医疗机构处方审核规范 2018 (dose, duplicates, allergies, diagnosis).
"""

from collections import Counter
from collections.abc import Iterator, Set
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from app.residents.api import is_of_age
from app.visits.api import LegalBasis, State, same_group
from prescriptions.rules.lines import THOUSAND, Control, Line, Listed, daily, needed, supplied

MOST_MEDICINES = 5
SHORT_DAYS = 7
LONG_DAYS = 28
ASSESSED_DAYS = 84
NEVER_LONG = "J01"
"""Antibacterials (ATC), whatever a formulary says; against tuberculosis there is J04 (长期处方管理规范 2021)."""
AFTER_VISIT = timedelta(days=7)
"""For how long a visit bears prescriptions once it is completed: long enough to write one anew that a pharmacist
rejected, and not for ever on evidence and a fee of long ago. A default without a source.
"""
BEARING = frozenset({State.TAKEN, State.COMPLETED})
"""States of a visit in which something may be written and signed in it."""
STILL_BEARING = BEARING | {State.UNCONCLUDED}
"""States in which it bears what was signed in it: that its doctor's conclusion is missing stops no medicine."""
GUARDED_AGE = 6
"""Below it, in years, a guardian and a children's doctor must be with the child (监管细则 art. 19)."""


class Severity(StrEnum):
    """Whether a finding forbids the signature, or asks the doctor to say that they have seen it."""

    BLOCK = "block"
    WARN = "warn"


class Code(StrEnum):
    """What can be found."""

    VISIT_STATE = "visit_not_open"
    VISIT_REFUNDED = "visit_refunded"
    VISIT_OVER = "visit_too_long_ago"
    FIRST_VISIT = "first_visit"
    DIAGNOSIS_MISSING = "diagnosis_missing"
    DIAGNOSIS_NOT_OF_VISIT = "diagnosis_not_of_visit"
    DIAGNOSIS_OUTSIDE_EVIDENCE = "diagnosis_outside_evidence"
    GUARDIAN_NEEDED = "guardian_needed"
    TOO_MANY = "too_many_medicines"
    NOT_LISTED = "medicine_not_in_formulary"
    FORBIDDEN = "medicine_forbidden_online"
    DAYS = "days_over_limit"
    ASSESSMENT = "assessment_missing"
    SINGLE_DOSE = "single_dose_over_limit"
    DAILY_DOSE = "daily_dose_over_limit"
    QUANTITY_SHORT = "quantity_too_small"
    QUANTITY_OVER = "quantity_too_large"
    DUPLICATE = "duplicate_ingredient"
    TAKEN_ALREADY = "ingredient_taken_already"
    ALLERGY = "allergy"


WARNINGS = frozenset({Code.TAKEN_ALREADY, Code.QUANTITY_SHORT})
"""What a doctor may sign in spite of: a renewal overlaps, and somebody has tablets left at home."""


@dataclass(frozen=True)
class Finding:
    """A rule hit: `line` is the line's number, beginning with 1, or None where it is about the whole."""

    code: str
    severity: Severity
    line: int | None = None


@dataclass(frozen=True)
class Basis:
    """What a prescription rests on: its visit."""

    state: State
    ended_on: date | None
    """Its last local day; None while it lasts."""
    refunded: bool
    legal_basis: LegalBasis
    evidence_code: str | None = field(repr=False)
    """The accepted evidence's diagnosis."""
    diagnoses: frozenset[str] = field(repr=False)
    """The codes of the visit's record."""


@dataclass(frozen=True)
class Case:
    """Everything that the rules look at; `today` is a local date."""

    basis: Basis
    lines: tuple[Line, ...] = field(repr=False)
    diagnoses: tuple[str, ...] = field(repr=False)
    birth_date: date = field(repr=False)
    today: date
    signed: bool
    """Whether the doctor signed it already, and it waits for its review."""
    assessed: bool
    """Whether the doctor recorded the assessment that a supply of more than four weeks needs."""
    allergies: frozenset[str] = field(repr=False)
    taken: frozenset[str] = field(repr=False)
    """The ingredient groups of the resident's current prescriptions, anywhere."""
    prescribed: frozenset[str] = field(repr=False)
    """The ingredient groups that were signed from the same visit already, and not taken back."""
    against_doctor: str | None
    """Why the doctor may not practise online today (a code of `tenants`), None where they may."""


def findings(case: Case) -> tuple[Finding, ...]:
    """Everything that is found, what is about the whole first, then line by line; empty where nothing is."""
    found = [_finding(code) for code in _of_whole(case)]
    if case.against_doctor:
        found.insert(0, Finding(case.against_doctor, Severity.BLOCK))
    times = Counter(line.listed.ingredient_group for line in case.lines if line.listed)
    for number, line in enumerate(case.lines, 1):
        found += [_finding(code, number) for code in _of_line(case, line, times)]
    return tuple(found)


def blocking(found: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Those that forbid the signature."""
    return tuple(one for one in found if one.severity is Severity.BLOCK)


def unanswered(found: tuple[Finding, ...], answered: frozenset[str]) -> tuple[Finding, ...]:
    """Those that nobody said they have seen."""
    return tuple(one for one in found if one.code not in answered)


def _finding(code: Code, line: int | None = None) -> Finding:
    return Finding(code, Severity.WARN if code in WARNINGS else Severity.BLOCK, line)


def _of_whole(case: Case) -> Iterator[Code]:
    yield from _of_basis(case.basis, case.today, STILL_BEARING if case.signed else BEARING)
    if not case.diagnoses:
        yield Code.DIAGNOSIS_MISSING
    if not set(case.diagnoses) <= case.basis.diagnoses:
        yield Code.DIAGNOSIS_NOT_OF_VISIT
    if _outside_evidence(case):
        yield Code.DIAGNOSIS_OUTSIDE_EVIDENCE
    if not is_of_age(case.birth_date, GUARDED_AGE, case.today):
        yield Code.GUARDIAN_NEEDED
    if len(case.lines) > MOST_MEDICINES:
        yield Code.TOO_MANY


def _of_basis(basis: Basis, today: date, bearing: Set[State]) -> Iterator[Code]:
    if basis.state not in bearing:
        yield Code.VISIT_STATE
    elif basis.ended_on is not None and today - basis.ended_on > AFTER_VISIT:
        yield Code.VISIT_OVER
    if basis.refunded:
        yield Code.VISIT_REFUNDED
    if basis.legal_basis is not LegalBasis.FAMILY_CONTRACT and basis.evidence_code is None:
        yield Code.FIRST_VISIT


def _outside_evidence(case: Case) -> bool:
    evidence = case.basis.evidence_code
    return evidence is not None and not all(same_group(code, evidence) for code in case.diagnoses)


def _of_line(case: Case, line: Line, times: Counter[str]) -> Iterator[Code]:
    medicine = line.listed
    if medicine is None:
        yield Code.NOT_LISTED
        return
    if medicine.control is not Control.ORDINARY:
        yield Code.FORBIDDEN
    yield from _of_days(line, medicine, assessed=case.assessed)
    yield from _of_amounts(line, medicine)
    if times[medicine.ingredient_group] > 1 or medicine.ingredient_group in case.prescribed:
        yield Code.DUPLICATE
    yield from _of_person(medicine, case.allergies, case.taken)


def _of_person(medicine: Listed, allergies: frozenset[str], taken: frozenset[str]) -> Iterator[Code]:
    if medicine.ingredient_group in taken:
        yield Code.TAKEN_ALREADY
    if any(_related(medicine.ingredient_group, group) for group in allergies):
        yield Code.ALLERGY


def _of_days(line: Line, medicine: Listed, *, assessed: bool) -> Iterator[Code]:
    long = medicine.long_term and not medicine.ingredient_group.startswith(NEVER_LONG)
    if line.days > (ASSESSED_DAYS if long else SHORT_DAYS):
        yield Code.DAYS
    elif line.days > LONG_DAYS and not assessed:
        yield Code.ASSESSMENT


def _of_amounts(line: Line, medicine: Listed) -> Iterator[Code]:
    if line.dose > medicine.single_limit:
        yield Code.SINGLE_DOSE
    if daily(line) > medicine.daily_limit:
        yield Code.DAILY_DOSE
    over = supplied(line, medicine) - needed(line)
    if over < 0:
        yield Code.QUANTITY_SHORT
    if over > medicine.pack_units * THOUSAND:
        yield Code.QUANTITY_OVER


def _related(group: str, other: str) -> bool:
    """Whether one ATC code lies within the other: who is allergic to J01C gets no J01CA04."""
    return group.startswith(other) or other.startswith(group)
