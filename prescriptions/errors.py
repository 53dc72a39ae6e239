"""Errors of prescribing, each with its stable code."""

from collections.abc import Iterable

from app.core.errors import Fault, WrongState
from prescriptions.rules.findings import Finding


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
    return tuple(
        Fault(f"/lines/{one.line - 1}" if one.line else "", one.code, "see the rule of that name") for one in findings
    )
