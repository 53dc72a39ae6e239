"""Reads of operators' proposals."""

from collections.abc import Mapping
from typing import Any

from app.core.errors import NotFound
from app.core.ids import PublicId
from app.core.scope import Scope
from app.core.unit import unit
from app.edge.paging import Keyset, Page
from tenants.proposal_models import Proposal
from tenants.proposal_rules import ProposalState
from tenants.service.operating import ACTS, Shown, shown

_PROPOSALS = Keyset("proposals", (Proposal.id,))


def waiting(scope: Scope, asked: Mapping[str, Any]) -> Page[Shown]:
    """The proposals that wait for a second operator, oldest first."""
    with unit(scope) as reading:
        mine = (Proposal.state == ProposalState.PROPOSED, Proposal.act.in_(ACTS))
        page = _PROPOSALS.page(reading, reading.select(Proposal).where(*mine, Proposal.due_at > reading.now), asked)
        return Page([shown(reading, row) for row in page.data], page.next_cursor)


def one(known: PublicId) -> Shown:
    """One proposal; raises NotFound."""
    with unit(known.scope) as reading:
        row = reading.get(Proposal, known.id)
        if row is None or row.act not in ACTS:
            raise NotFound
        return shown(reading, row)
