"""Bodies and answers of operators' proposals."""

import uuid

from marshmallow import Schema, fields

from app.core.ids import PublicId
from app.core.scope import Scope
from app.edge.schema import IdOf, Input, Instant, Text, Version, Word
from tenants.names import PROPOSAL_ID, STAFF_ID
from tenants.proposal_models import Proposal
from tenants.proposal_rules import ProposalState
from tenants.schemas import CODE
from tenants.service.operating import OperatorAct
from tenants.service.proposals import proposal_id


def _member(row: Proposal, id: uuid.UUID | None) -> PublicId | None:
    return None if id is None else PublicId(STAFF_ID, Scope.for_tenant(row.tenant_id), id)


class OperatorIn(Input):
    """Who shall be an operator."""

    name = Text(CODE, required=True)


class ProposalOut(Schema):
    """What an operator proposed, about what, and what became of it."""

    id = IdOf(PROPOSAL_ID, lambda one: proposal_id(one.row))
    act = Word(OperatorAct, required=True, attribute="row.act")
    subject = fields.String(required=True, attribute="row.subject")
    reason = fields.String(allow_none=True, required=True)
    name = fields.String(
        allow_none=True, required=True, metadata={"description": "Of the operator who shall be invited"}
    )
    state = Word(ProposalState, required=True, attribute="row.state")
    proposed_by = IdOf(STAFF_ID, lambda one: _member(one.row, one.row.proposed_by))
    decided_by = IdOf(STAFF_ID, lambda one: _member(one.row, one.row.decided_by), allow_none=True)
    version = Version(required=True)
    created_at = Instant(required=True, attribute="row.created_at")
    decided_at = Instant(allow_none=True, required=True, attribute="row.decided_at")
    expires_at = Instant(allow_none=True, required=True, attribute="row.due_at")


class ConfirmedOut(Schema):
    """A proposal that was confirmed; the token of an invitation is shown this once."""

    proposal = fields.Nested(ProposalOut, required=True)
    token = fields.String(allow_none=True)
