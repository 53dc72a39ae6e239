"""A provider takes a claim back that is not decided."""

from app.core.errors import NotFound
from app.core.ids import PublicId
from app.core.unit import Caller, Effect, Unit, run
from insurance.errors import claim_state
from insurance.models import Claim
from insurance.rules.claims import ClaimEvent
from insurance.service.claiming import happen


def withdraw(known: PublicId, by: Caller, effect: Effect | None = None) -> Claim:
    """Ask the insurer to close the case; its answer, or a decision that was quicker, tells what became of it.

    Raises NotFound, WrongState.
    """

    def work(opened: Unit) -> Claim:
        claim = opened.get(Claim, known.id, lock=True)
        if claim is None:
            raise NotFound
        if not happen(opened, claim, ClaimEvent.WITHDRAWAL_ASKED, "claim.withdrawing"):
            raise claim_state(claim.state)
        return claim

    return run(known.scope, work, by, effect=effect)
