"""What two people do together: one proposes, another one confirms. Pure.

A proposal is `proposed` until somebody else confirms it, who proposed it withdraws it, or its time is up.
"""

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum

PROPOSAL_LIFE = timedelta(days=3)
"""For how long a proposal waits: a weekend, and not so long that what it rests on is another world."""


class ProposalState(StrEnum):
    """Only a proposed one moves; each of the others is an end."""

    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class ProposalEvent(StrEnum):
    """What happens to a proposal."""

    CONFIRM = "confirm"
    WITHDRAW = "withdraw"
    EXPIRE = "expire"


_NEXT: Mapping[ProposalEvent, ProposalState] = {
    ProposalEvent.CONFIRM: ProposalState.CONFIRMED,
    ProposalEvent.WITHDRAW: ProposalState.WITHDRAWN,
    ProposalEvent.EXPIRE: ProposalState.EXPIRED,
}


def after(state: ProposalState, event: ProposalEvent, *, is_over: bool) -> ProposalState | None:
    """What a proposal in `state` becomes by `event`; None where it cannot. `is_over` says that its time is up."""
    if state is not ProposalState.PROPOSED or is_over != (event is ProposalEvent.EXPIRE):
        return None
    return _NEXT[event]


def against(event: ProposalEvent, *, by_proposer: bool) -> str | None:
    """The code of why whoever acts may not do this to a proposal; None where they may.

    Nobody confirms what they proposed, whichever affiliation they do it with, and nobody withdraws another's.
    """
    if event is ProposalEvent.CONFIRM and by_proposer:
        return "own_proposal"
    if event is ProposalEvent.WITHDRAW and not by_proposer:
        return "proposal_of_another"
    return None
