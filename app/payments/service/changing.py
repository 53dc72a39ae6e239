"""Where a tenant's money goes is changed by two people: one proposes another account, a supervisor confirms it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.core.idempotency import KeyedEffect
from app.core.ids import PublicId
from app.core.scope import Scope
from app.core.unit import Caller, Effect, Unit, run, unit
from app.edge.paging import Keyset, Page
from app.payments.names import ACCOUNT_CHANGE_ID
from app.payments.service.accounts import Opening, keep_secret, open_in
from tenants.api import Proposal, ProposalEvent, content_of, decide, propose

ACT = "merchant_account"
_CHANGES = Keyset("merchant_account_changes", (Proposal.id,), descending=True)


@dataclass(frozen=True)
class Change:
    """A proposed account as its tenant reads it: never its keys."""

    row: Proposal
    url: str

    @property
    def version(self) -> int:
        """The proposal's."""
        return self.row.version


def propose_account(scope: Scope, said: Opening, by: Caller, effect: KeyedEffect) -> Change:
    """Propose another account; its keys are kept encrypted until it is confirmed. Raises Forbidden for a system."""
    own = keep_secret(scope, said, effect)

    def work(opened: Unit) -> Change:
        content = {"url": said.url, "api_key": said.api_key}
        return _shown(opened, propose(opened, ACT, PublicId(ACCOUNT_CHANGE_ID, scope, own), content, id=own))

    return run(scope, work, by, effect=effect)


def confirm(known: PublicId, by: Caller, effect: Effect | None) -> Change:
    """Confirm what somebody else proposed: new payments go to that account from now on.

    Raises NotFound, Forbidden `own_proposal`, WrongState.
    """

    def work(opened: Unit) -> Change:
        row = decide(opened, known.id, ProposalEvent.CONFIRM, {ACT})
        said = content_of(opened, row)
        open_in(opened, row.id, said["url"], said["api_key"])
        return _shown(opened, row)

    return run(known.scope, work, by, effect=effect)


def withdraw(known: PublicId, by: Caller, effect: Effect | None) -> Change:
    """Take back what one proposed oneself; raises NotFound, Forbidden, WrongState."""

    def work(opened: Unit) -> Change:
        return _shown(opened, decide(opened, known.id, ProposalEvent.WITHDRAW, {ACT}))

    return run(known.scope, work, by, effect=effect)


def changes(scope: Scope, asked: Mapping[str, Any]) -> Page[Change]:
    """What was proposed in the tenant and what became of it, newest first."""
    with unit(scope) as reading:
        page = _CHANGES.page(reading, reading.select(Proposal).where(Proposal.act == ACT), asked)
        return Page([_shown(reading, row) for row in page.data], page.next_cursor)


def _shown(opened: Unit, row: Proposal) -> Change:
    return Change(row, content_of(opened, row)["url"])
