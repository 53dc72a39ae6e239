"""Errors of prescribing, each with its stable code."""

from collections.abc import Iterable, Mapping

from app.core.errors import Fault, WrongState
from prescriptions.rules.findings import (
    ASSESSED_DAYS,
    GUARDED_AGE,
    LONG_DAYS,
    MOST_MEDICINES,
    SHORT_DAYS,
    Code,
    Finding,
)
from tenants.api import PRACTICE_WORDS

FINDINGS: Mapping[str, str] = {
    Code.VISIT_STATE: "the visit has not begun, or came to nothing",
    Code.VISIT_REFUNDED: "the visit's fee was given back",
    Code.VISIT_OVER: "the visit ended too long ago",
    Code.FIRST_VISIT: "nothing is prescribed online without accepted evidence of a former diagnosis",
    Code.DIAGNOSIS_MISSING: "name a diagnosis",
    Code.DIAGNOSIS_NOT_OF_VISIT: "a diagnosis does not stand in the visit's record",
    Code.DIAGNOSIS_OUTSIDE_EVIDENCE: "a diagnosis lies outside the ICD-10 group of the evidence",
    Code.GUARDIAN_NEEDED: f"under {GUARDED_AGE} a guardian and a children's doctor have to be with the child",
    Code.TOO_MANY: f"a prescription has at most {MOST_MEDICINES} medicines",
    Code.NOT_LISTED: "the formulary does not list this medicine now",
    Code.FORBIDDEN: "this medicine is not prescribed online",
    Code.DAYS: f"at most {SHORT_DAYS} days, of a long-term medicine {ASSESSED_DAYS}",
    Code.ASSESSMENT: f"more than {LONG_DAYS} days need an assessment",
    Code.SINGLE_DOSE: "the dose is above the formulary's limit for one time",
    Code.DAILY_DOSE: "the doses of a day are above the formulary's limit",
    Code.QUANTITY_SHORT: "these packs do not last for the days",
    Code.QUANTITY_OVER: "these are more packs than the days need",
    Code.DUPLICATE: "another line, or another prescription of the visit, has the same ingredient",
    Code.TAKEN_ALREADY: "the resident has this ingredient from another prescription",
    Code.ALLERGY: "the resident is allergic to this",
}
"""What each finding says; what stands against the doctor is said in the words of practice."""
_WORDS: Mapping[str, str] = {**FINDINGS, **PRACTICE_WORDS}


def not_now(state: str) -> WrongState:
    """The prescription's state, which is named, does not allow it."""
    return WrongState(f"the prescription is {state}: this is done in another state", code="prescription_state")


def nobody_asks() -> WrongState:
    """No pharmacist waits for the doctor's answer."""
    return WrongState("no pharmacist asks about this prescription now", code="prescription_state")


def blocked(findings: Iterable[Finding]) -> WrongState:
    """Rules forbid the signature: each is a fault."""
    return WrongState("rules forbid this prescription", code="prescription_blocked", faults=_faults(findings))


def unanswered(findings: Iterable[Finding]) -> WrongState:
    """Somebody must first say that they have seen what the rules found."""
    return WrongState("say that you have seen every finding", code="findings_unanswered", faults=_faults(findings))


def review_state(state: str) -> WrongState:
    """The review's state, which is named, does not allow it."""
    return WrongState(f"the review is {state}: this is done in another state", code="review_state")


def _faults(findings: Iterable[Finding]) -> tuple[Fault, ...]:
    return tuple(Fault(f"/lines/{one.line - 1}" if one.line else "", one.code, _WORDS[one.code]) for one in findings)
