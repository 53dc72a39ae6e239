"""The life of a claim at the provider and of its case at the insurer. Pure."""

from collections.abc import Mapping
from enum import StrEnum


class ClaimKind(StrEnum):
    """How it came to be: settled at once by a scheme, or to be decided by an insurer who pays the provider."""

    SETTLEMENT = "settlement"
    DIRECT_BILLING = "direct_billing"


class ClaimState(StrEnum):
    """Where a claim stands at the provider."""

    SUBMITTED = "submitted"
    """On its way to the insurer."""
    ACCEPTED = "accepted"
    """The insurer has opened its case."""
    WITHDRAWING = "withdrawing"
    """The provider asked for its end; the insurer has not answered."""
    DECIDED = "decided"
    """Decided; what was prepaid too much is on its way back."""
    SETTLED = "settled"
    TURNED_AWAY = "turned_away"
    """The insurer opened no case."""
    WITHDRAWN = "withdrawn"


class ClaimEvent(StrEnum):
    """What can happen to a claim."""

    OPENED = "opened"
    TURNED_AWAY = "turned_away"
    WITHDRAWAL_ASKED = "withdrawal_asked"
    WITHDRAWN = "withdrawn"
    DECIDED = "decided"
    RETURNED = "returned"
    """What was prepaid too much is back, or there was nothing to give back."""


class CaseState(StrEnum):
    """Where a case stands at the insurer."""

    OPEN = "open"
    DECIDED = "decided"
    SETTLED = "settled"
    WITHDRAWN = "withdrawn"


class Outcome(StrEnum):
    """What an insurer decides."""

    APPROVED = "approved"
    PARTIAL = "partial"
    DENIED = "denied"


_CLAIM: Mapping[tuple[ClaimState, ClaimEvent], ClaimState] = {
    (ClaimState.SUBMITTED, ClaimEvent.OPENED): ClaimState.ACCEPTED,
    (ClaimState.SUBMITTED, ClaimEvent.TURNED_AWAY): ClaimState.TURNED_AWAY,
    (ClaimState.WITHDRAWING, ClaimEvent.TURNED_AWAY): ClaimState.TURNED_AWAY,
    (ClaimState.SUBMITTED, ClaimEvent.WITHDRAWAL_ASKED): ClaimState.WITHDRAWING,
    (ClaimState.ACCEPTED, ClaimEvent.WITHDRAWAL_ASKED): ClaimState.WITHDRAWING,
    (ClaimState.WITHDRAWING, ClaimEvent.WITHDRAWN): ClaimState.WITHDRAWN,
    (ClaimState.ACCEPTED, ClaimEvent.DECIDED): ClaimState.DECIDED,
    # the decision was made before the insurer heard of the withdrawal
    (ClaimState.WITHDRAWING, ClaimEvent.DECIDED): ClaimState.DECIDED,
    (ClaimState.DECIDED, ClaimEvent.RETURNED): ClaimState.SETTLED,
}


def move_claim(state: ClaimState, event: ClaimEvent) -> ClaimState | None:
    """What `event` does to a claim in `state`; None where it changes nothing."""
    return _CLAIM.get((state, event))


def fits(outcome: Outcome, billed: int, fund: int) -> bool:
    """Whether an outcome says what its amounts (fen) say: a denial grants nothing, nothing grants more than is billed.

    An approved claim may grant nothing: where all of it lies within the deductible.
    """
    return fund == 0 if outcome is Outcome.DENIED else 0 <= fund <= billed


def decision_refusal(
    state: CaseState, *, claim_version: int, decided_version: int, last: int, sequence: int
) -> str | None:
    """The code of what stands against taking a decision at all: late, or about what is no more; None where nothing.

    `last` is the sequence of the decision before, 0 where there is none.
    """
    if state is not CaseState.OPEN:
        return "case_closed"
    if decided_version != claim_version:
        return "stale_claim_version"
    return "stale_decision" if sequence <= last else None
