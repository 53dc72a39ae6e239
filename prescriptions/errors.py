"""Errors of prescribing, each with its stable code."""

from collections.abc import Iterable

from app.core.errors import Fault, WrongState
from prescriptions.rules.findings import Finding


def not_now() -> WrongState:
    """The prescription's state does not allow it."""
    return WrongState("the prescription is not in a state in which this can be done", code="prescription_state")


def blocked(findings: Iterable[Finding]) -> WrongState:
    """Rules forbid the signature: each is a fault."""
    return WrongState("rules forbid this prescription", code="prescription_blocked", faults=_faults(findings))


def unanswered(findings: Iterable[Finding]) -> WrongState:
    """Somebody must first say that they have seen what the rules found."""
    return WrongState("say that you have seen every finding", code="findings_unanswered", faults=_faults(findings))


def review_state() -> WrongState:
    """The review's state does not allow it."""
    return WrongState("the review is not in a state in which this can be done", code="review_state")


def _faults(findings: Iterable[Finding]) -> tuple[Fault, ...]:
    return tuple(
        Fault(f"/lines/{one.line - 1}" if one.line else "", one.code, "see the rule of that name") for one in findings
    )
