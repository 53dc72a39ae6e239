"""An account is handed over on papers that two operators have read, each by themself.

What the first one read is kept as a digest, so that nobody reads an identity here: only where the second one reads the
same is it sent to the account, which compares it with what it was verified by and acts.
"""

import hmac
from dataclasses import dataclass, field

from app.core.calendar import local_date
from app.core.errors import Refused, WrongState
from app.core.ids import PublicId
from app.core.journal.record import Outgoing, record
from app.core.scope import Scope
from app.core.unit import Caller, Effect, Unit, database, run
from app.identity.api import Role
from app.residents.case_models import AccountCase, CaseState
from app.residents.names import CHECK_RELAY
from app.residents.rules.documents import Claim, DocumentKind, Stated, read_claim
from app.residents.service.cases import HAND_OVER, Shown, shown, subject, undecided
from tenants.api import (
    PLATFORM,
    Proposal,
    ProposalEvent,
    content_of,
    decide,
    propose,
    somebody_as,
    staff_in,
    waiting_for,
)


@dataclass(frozen=True)
class Papers:
    """What an operator read on the identity card of whoever stands before them."""

    name: str = field(repr=False)
    number: str = field(repr=False)


def propose_hand_over(case: PublicId, papers: Papers, by: Caller, effect: Effect | None) -> Shown:
    """Say what the papers read; nothing follows until another operator has read the same.

    Raises InvalidInput for what no identity card says, NotFound, Forbidden `own_case`, WrongState, also
    `already_proposed` and `second_operator_missing`.
    """
    claim = _claim(papers)

    def work(opened: Unit) -> Shown:
        row = undecided(opened, case.id)
        if not somebody_as(opened, Role.PLATFORM_OPERATOR, besides=staff_in(by.actor)):
            raise WrongState("this takes two operators, and you are the only one", code="second_operator_missing")
        return Shown(row, propose(opened, HAND_OVER, subject(row), {"read": _digest(opened, claim)}))

    return run(PLATFORM, work, by, effect=effect)


def confirm_hand_over(case: PublicId, papers: Papers, by: Caller, effect: Effect | None) -> Shown | Refused:
    """Another operator read the papers: the account compares them, and where they fit it is handed over.

    Refused `papers_differ` where the first one read something else: that is noted. Raises InvalidInput, NotFound,
    Forbidden `own_proposal` and `own_case`, WrongState, also `hand_over_not_proposed`.
    """
    claim = _claim(papers)

    def work(opened: Unit) -> Shown | Refused:
        row = undecided(opened, case.id)
        proposal = _waiting(opened, row)
        if not hmac.compare_digest(content_of(opened, proposal)["read"], _digest(opened, claim)):
            return _differing(opened, row)
        decide(opened, proposal.id, ProposalEvent.CONFIRM, {HAND_OVER})
        _check(opened, row, claim)
        return Shown(row, None)

    return run(PLATFORM, work, by, effect=effect)


def withdraw_hand_over(case: PublicId, by: Caller, effect: Effect | None) -> Shown:
    """Take back what one proposed oneself; raises NotFound, Forbidden, WrongState."""

    def work(opened: Unit) -> Shown:
        row = undecided(opened, case.id)
        decide(opened, _waiting(opened, row).id, ProposalEvent.WITHDRAW, {HAND_OVER})
        opened.flush()
        (seen,) = shown(opened, [row])
        return seen

    return run(PLATFORM, work, by, effect=effect)


def _claim(papers: Papers) -> Claim:
    stated = Stated(papers.name, DocumentKind.RESIDENT_IDENTITY_CARD, papers.number)
    return read_claim(stated, local_date(database().clock.now()))


def _digest(opened: Unit, claim: Claim) -> str:
    return opened.blind.digest(HAND_OVER, f"{claim.number} {claim.name}")


def _waiting(opened: Unit, row: AccountCase) -> Proposal:
    found = waiting_for(opened, HAND_OVER, [subject(row)])
    if not found:
        raise WrongState("nobody proposes to hand this account over", code="hand_over_not_proposed")
    return found[str(subject(row))]


def _differing(opened: Unit, row: AccountCase) -> Refused:
    row.version += 1
    record(opened, "account_case.readings_differed", subject(row), row.version, {})
    return Refused(WrongState("the other operator read something else", code="papers_differ"))


def _check(opened: Unit, row: AccountCase, claim: Claim) -> None:
    """Have the account compare, and act where the papers fit."""
    row.state, row.version = CaseState.CHECKING, row.version + 1
    payload = {"case": str(row.id), "kind": row.kind, "person": str(row.person_id), "version": row.version}
    sent = Outgoing(
        Scope.for_person(row.holder_id or row.person_id), CHECK_RELAY,
        {**payload, "name": claim.name, "number": claim.number},
    )  # fmt: skip
    record(opened, "account_case.papers_seen", subject(row), row.version, {}, [sent])
