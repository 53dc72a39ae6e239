"""Errors of settlements and claims, each with its stable code."""

from app.core.errors import InvalidInput, WrongState


def not_now() -> WrongState:
    """The settlement's state does not allow it."""
    return WrongState("the settlement is not in a state in which this can be done", code="settlement_state")


def settlement_exists() -> WrongState:
    """Something else is live for the same visit or supply."""
    return WrongState("this is being settled, or is settled, already", code="settlement_exists")


def not_to_settle(code: str, detail: str) -> WrongState:
    """Something stands against settling it; `code` is the reason's."""
    return WrongState(detail, code=code)


def coverage_needed() -> InvalidInput:
    """A visit was paid before it began: without insurance there is nothing to settle."""
    return InvalidInput("a visit that is paid is settled by a coverage", code="coverage_needed")


def credential_needed() -> InvalidInput:
    """A public scheme settles only for a person who shows their credential."""
    return InvalidInput("a public scheme asks for the person's credential", code="credential_needed")


def key_reused() -> InvalidInput:
    """The idempotency key stands for another request."""
    return InvalidInput("this key was used for another request", code="idempotency_key_reused")


def claim_state() -> WrongState:
    """The claim's state does not allow it."""
    return WrongState("the claim is not in a state in which this can be done", code="claim_state")
