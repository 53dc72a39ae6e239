"""Insurance's part in the end of an account."""

from collections.abc import Iterable

from app.edge.closing import Blocker, Closing, Rule
from app.edge.exporting import Whose, rows_within
from insurance.ids import claim_id, settlement_id
from insurance.models import Claim, Settlement
from insurance.rules.claims import ClaimState
from insurance.rules.settlements import State

_CLAIMS_ENDED = (ClaimState.SETTLED, ClaimState.TURNED_AWAY, ClaimState.WITHDRAWN)
_SETTLING = (State.ASKED, State.PAYING, State.COMMITTING, State.REVERSING)
"""While somebody outside is asked, or money moves."""


def _blockers(whose: Whose) -> Iterable[Blocker]:
    for _, row in rows_within(whose, Settlement):
        if row.state in _SETTLING and row.given_up_at is None:  # the rest is between institution and scheme
            yield Blocker("open_settlement", settlement_id(row))
    for _, row in rows_within(whose, Claim):
        if row.state not in _CLAIMS_ENDED:
            yield Blocker("open_claim", claim_id(row))


CLOSING = Closing(
    erased=frozenset({"person_coverages"}),
    kept=dict.fromkeys(("coverages", "settlements", "claims", "claim_cases", "eligibility_checks"), Rule.INSURANCE),
    blockers=_blockers,
)
