"""Errors of settlements and claims, each with its stable code."""

from app.core.errors import Fault, InvalidInput, WrongState
from insurance.models import ClaimCase


def not_now(state: str) -> WrongState:
    """The settlement's state, which is named, does not allow it."""
    return WrongState(f"the settlement is {state}: this is done in another state", code="settlement_state")


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


def reversal_not_given_up() -> WrongState:
    """The scheme is still asked, or somebody did something about it before."""
    return WrongState("only a reversal that was given up waits for people", code="reversal_not_given_up")


def claim_state(state: str) -> WrongState:
    """The claim's state, which is named, does not allow it."""
    return WrongState(f"the claim is {state}: this is done in another state", code="claim_state")


def decision_refused(code: str, case: ClaimCase) -> WrongState:
    """A decision that comes too late, or is about what is no more; `code` says which (see `decision_refusal`)."""
    if code == "stale_claim_version":
        fault = Fault("/claim_version", code, f"The claim has version {case.claim_version}.")
        return WrongState("the decision is about another version of the claim", code=code, faults=(fault,))
    if code == "stale_decision":
        fault = Fault("/decision_seq", code, f"The case has decision {case.decision_seq}: a new one is above it.")
        return WrongState("the case has this decision or a later one", code=code, faults=(fault,))
    return WrongState(f"the case is {case.state}, in version {case.version}: it takes no decision any more", code=code)


def outcome_unfit(outcome: str, fund: int) -> InvalidInput:
    """The outcome is not that of the amounts; `fund` is in fen."""
    fault = Fault("/outcome", "outcome_unfit", f"The lines grant {fund} fen, which is not {outcome}.")
    return InvalidInput("the outcome is not that of the amounts", code="outcome_unfit", faults=(fault,))


def policy_differs(policy_version: str) -> InvalidInput:
    """The decision names another policy than the coverage's, which has `policy_version`."""
    fault = Fault("/policy_version", "policy_version", f"The coverage has policy {policy_version}.")
    return InvalidInput("the coverage has another policy", code="policy_version", faults=(fault,))
