"""Errors of visits, each with its stable code."""

from collections.abc import Mapping

from app.core.errors import Fault, InvalidInput, Problem, WrongState
from app.visits.models import Visit
from app.visits.rules.basis import FRESH_MONTHS, BasisRefusal
from app.visits.rules.conclusion import Lack
from tenants.api import PRACTICE_WORDS, PracticeRefusal

PRACTICE = {
    against: (pointer, PRACTICE_WORDS[against])
    for against, pointer in (
        (PracticeRefusal.NO_DOCTOR, "/doctor"), (PracticeRefusal.SUBJECT_NOT_REGISTERED, "/subject"),
    )
}  # fmt: skip
"""What of a request for a visit is wrong where a value in it is, and not how things stand with doctor or site."""
BASIS = {
    BasisRefusal.EVIDENCE_MISSING: ("/evidence", "on this legal basis a visit needs evidence of a former diagnosis"),
    BasisRefusal.EVIDENCE_STALE: ("/evidence/date", f"evidence of more than {FRESH_MONTHS} months ago: see a doctor"),
    BasisRefusal.EVIDENCE_IN_FUTURE: ("/evidence/date", "the evidence has a date to come"),
    BasisRefusal.NO_CONTRACT: (
        "/legal_basis", "you have no family-doctor contract with this institution that holds today",
    ),
}  # fmt: skip
"""Why there is no lawful basis for a visit online: where in the request, and what is wrong."""
LACKS: Mapping[str, str] = {
    Lack.EVIDENCE_ACCEPTED: "accept the evidence first (POST .../evidence-acceptance), or end the visit",
    Lack.WORD: "write to the resident first: a picture is no word",
    Lack.CONCLUSION: "the record says nothing under its conclusion: write the advice there",
    Lack.DIAGNOSIS: "the record names no diagnosis",
    Lack.GROUP: "a diagnosis lies outside the ICD-10 group of the evidence: what else there is needs a visit in person",
}
"""What a visit still needs before it is completed."""


def no_basis(against: BasisRefusal) -> InvalidInput:
    """There is no lawful basis for a visit online in what is said of it."""
    return _wrong_value(against.value, *BASIS[against])


def may_not_practise(against: PracticeRefusal, *, of_request: bool = False) -> Problem:
    """Doctor or site may not hold visits online today; with `of_request`, a value of it that is wrong is named."""
    if of_request and against in PRACTICE:
        return _wrong_value(against.value, *PRACTICE[against])
    return WrongState(PRACTICE_WORDS[against], code=against.value)


def _wrong_value(code: str, pointer: str, detail: str) -> InvalidInput:
    return InvalidInput(detail, code=code, faults=(Fault(pointer, code, detail),))


def lacking(lack: Lack) -> WrongState:
    """The visit cannot be completed yet."""
    return WrongState(LACKS[lack], code=lack.value)


def no_text_visits() -> WrongState:
    """The doctor has no fee for text visits."""
    return WrongState("the doctor offers no text visits", code="no_text_visits")


def already_open() -> WrongState:
    """The resident has a visit with this doctor in this subject that has not ended."""
    return WrongState(
        "a visit with this doctor in this subject is open: go on with it (GET /me/visits), or cancel it",
        code="visit_open",
    )


def too_many_pictures() -> WrongState:
    """A visit has no place for another picture."""
    return WrongState("the visit has as many pictures as it may have", code="too_many_pictures")


def malware_found() -> InvalidInput:
    """The scanner found something in what was sent; nothing of it is kept."""
    return InvalidInput("the scanner found malware in it", code="malware_found")


def picture_scanning() -> WrongState:
    """Nobody reads a picture before it was scanned."""
    return WrongState("the picture is still to be scanned for malware", code="picture_scanning")


def picture_refused() -> WrongState:
    """The scanner found something in it, and it was deleted."""
    return WrongState("the scanner found malware in the picture, and it was deleted", code="picture_refused")


def not_now(visit: Visit) -> WrongState:
    """The visit's state, which is named with its reason, does not allow it."""
    reason = f" ({visit.reason})" if visit.reason else ""
    return WrongState(f"the visit is {visit.state}{reason}: this is done in another state", code="visit_state")


def evidence_accepted() -> WrongState:
    """There is no evidence to be accepted, or it was accepted before."""
    return WrongState("the visit has no evidence that waits to be accepted", code="visit_state")


def prescription_stands() -> WrongState:
    """A visit that bears a signed prescription is care: it is not stopped, and its fee does not go back."""
    return WrongState(
        "a prescription that was signed in this visit stands: withdraw it first, or conclude the visit",
        code="prescription_stands",
    )


def medicines_handed_over() -> WrongState:
    """Whoever has medicines by a visit had care in it: its fee does not go back."""
    return WrongState(
        "medicines that were prescribed in this visit were handed over: conclude it as completed",
        code="medicines_handed_over",
    )


def time_over() -> WrongState:
    """The doctor's time for it is over."""
    return WrongState("the time for this is over", code="visit_time_over")
