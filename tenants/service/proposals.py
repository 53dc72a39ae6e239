"""Proposals: made by one member of a tenant, confirmed by another, withdrawn, or expired.

What a confirmation then does is the asker's, in the same unit: a proposal is confirmed when it was done.
"""

import uuid
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy.dialects.postgresql import insert

from app.core.due import each_due
from app.core.errors import Forbidden, NotFound, WrongState
from app.core.ids import PublicId, new_id
from app.core.journal.record import record
from app.core.scope import Scope
from app.core.unit import Unit
from tenants.names import PROPOSAL_ID
from tenants.proposal_models import Proposal
from tenants.proposal_rules import PROPOSAL_LIFE, ProposalEvent, ProposalState, after, against
from tenants.service.practice import same_person
from tenants.viewing import staff_in

_MAY_NOT = {
    "own_proposal": "somebody else must confirm what you proposed",
    "proposal_of_another": "only who proposed it withdraws it",
}
_ENTRY = {
    ProposalState.CONFIRMED: "proposal.confirmed",
    ProposalState.WITHDRAWN: "proposal.withdrawn",
    ProposalState.EXPIRED: "proposal.expired",
}


def propose(
    unit: Unit, act: str, subject: PublicId, content: Mapping[str, Any], id: uuid.UUID | None = None
) -> Proposal:
    """Propose `act` upon `subject`, to be done with `content` once somebody else has confirmed it.

    With `id` where the subject is the proposal itself; one that has this id, ended or not, is proposed already. Raises
    WrongState `already_proposed`, Forbidden for a system.
    """
    _expire_former(unit, act, subject)
    id, by = id or new_id(), staff_in(unit.by.actor)
    row = {
        "tenant_id": unit.scope.require_tenant(), "id": id, "act": act, "subject": str(subject), "version": 1,
        "content": unit.cipher.seal(orjson.dumps(content), _place(unit.scope, id)), "state": ProposalState.PROPOSED,
        "proposed_by": by, "created_at": unit.now, "due_at": unit.now + PROPOSAL_LIFE,
    }  # fmt: skip
    added = unit.session.execute(insert(Proposal).on_conflict_do_nothing().returning(Proposal.id), row).first()
    made = unit.get(Proposal, id) if added else None
    if made is None:
        raise _proposed_already(unit, id)
    record(unit, "proposal.made", proposal_id(made), 1, {"act": act, "subject": str(subject)})
    return made


def _proposed_already(unit: Unit, id: uuid.UUID) -> WrongState:
    former = unit.get(Proposal, id)
    if former and former.state != ProposalState.PROPOSED:
        return WrongState(
            "this was proposed before, and has ended: propose it anew, with another Idempotency-Key",
            code="already_proposed",
        )
    return WrongState("the same is proposed already, and waits for somebody to confirm it", code="already_proposed")


def decide(unit: Unit, id: uuid.UUID, event: ProposalEvent, acts: Collection[str]) -> Proposal:
    """Confirm or withdraw a proposal for one of `acts`, held until the unit ends.

    Raises NotFound, Forbidden `own_proposal` and `proposal_of_another`, WrongState `proposal_expired` and
    `proposal_ended`.
    """
    row = unit.get(Proposal, id, lock=True)
    if row is None or row.act not in acts:
        raise NotFound
    by = staff_in(unit.by.actor)
    code = against(event, by_proposer=same_person(unit, by, row.proposed_by))
    if code:
        raise Forbidden(_MAY_NOT[code], code=code)
    is_over = _is_over(row, unit.now)
    state = after(ProposalState(row.state), event, is_over=is_over)
    if state is None:
        raise WrongState(
            "its time is up: propose it again" if is_over else f"the proposal was {row.state} before",
            code="proposal_expired" if is_over else "proposal_ended",
        )
    row.decided_by = by
    _end(unit, row, state)
    return row


def waiting_for(unit: Unit, act: str, subjects: Collection[PublicId]) -> Mapping[str, Proposal]:
    """The proposals of `act` that wait for somebody to confirm them, by their subject; at most one for each."""
    named = [str(one) for one in subjects]
    mine = (Proposal.act == act, Proposal.subject.in_(named), Proposal.state == ProposalState.PROPOSED)
    return {row.subject: row for row in unit.all(unit.select(Proposal).where(*mine, Proposal.due_at > unit.now))}


def content_of(unit: Unit, row: Proposal) -> Mapping[str, Any]:
    """With what a proposal shall be done."""
    read: Mapping[str, Any] = orjson.loads(unit.cipher.open(row.content, _place(unit.scope, row.id)))
    return read


def proposal_id(row: Proposal) -> PublicId:
    """A proposal's public id."""
    return PublicId(PROPOSAL_ID, Scope.for_tenant(row.tenant_id), row.id)


def expire_due(scope: Scope) -> int:
    """Expire the proposals of `scope` whose time is up; returns how many."""
    return each_due(scope, Proposal, _expire)


def _expire(unit: Unit, row: Proposal) -> int:
    _end(unit, row, ProposalState.EXPIRED)
    return 1


def _expire_former(unit: Unit, act: str, subject: PublicId) -> None:
    """What waits for its timer does not stand in the way of another."""
    mine = (Proposal.act == act, Proposal.subject == str(subject), Proposal.state == ProposalState.PROPOSED)
    former = unit.first(unit.select(Proposal).where(*mine, Proposal.due_at <= unit.now).with_for_update())
    if former:
        _expire(unit, former)
        unit.flush()


def _end(unit: Unit, row: Proposal, state: ProposalState) -> None:
    row.state, row.decided_at, row.due_at = state, unit.now, None
    row.version += 1
    record(unit, _ENTRY[state], proposal_id(row), row.version, {"act": row.act, "subject": row.subject})


def _is_over(row: Proposal, now: datetime) -> bool:
    return row.state == ProposalState.EXPIRED or (row.due_at is not None and row.due_at <= now)


def _place(scope: Scope, id: uuid.UUID) -> str:
    return f"tenant:{scope.require_tenant()}/proposals/content/{id}"
