"""What operators do together: what one proposed is confirmed by another, or withdrawn."""

from typing import Any

from flask_smorest import Blueprint

from app.core.errors import NotFound
from app.core.ids import PublicId
from app.edge.endpoint import Call, endpoint
from app.edge.paging import Page, PageQuery, page_of
from app.edge.paths import own_id
from tenants import proposal_queries
from tenants.names import PLATFORM, PROPOSAL_ID
from tenants.proposal_schemas import ConfirmedOut, OperatorIn, ProposalOut
from tenants.service import operating
from tenants.service.operating import Confirmed, Shown

blueprint = Blueprint("proposing", __name__, description="Two operators decide together")


@endpoint(
    blueprint, "POST", "/operator-invitations",
    permission="proposals.decide", body=OperatorIn, answer=ProposalOut, status=201, fresh=True,
)  # fmt: skip
def invite(call: Call, body: dict[str, Any]) -> Shown:
    """Propose to invite another operator; who confirms gets the invitation's token and hands it over."""
    _of_the_platform(call)
    return operating.propose_operator(body["name"], call.by, call.effect)


@endpoint(blueprint, "GET", "/proposals", permission="proposals.read", query=PageQuery, answer=page_of(ProposalOut))
def waiting(call: Call, query: dict[str, Any]) -> Page[Shown]:
    """The proposals that wait for a second operator, oldest first."""
    return proposal_queries.waiting(call.principal.scope, query)


@endpoint(blueprint, "GET", "/proposals/<proposal_id>", permission="proposals.read", answer=ProposalOut)
def one(call: Call, proposal_id: str) -> Shown:
    """One proposal, and what became of it."""
    return proposal_queries.one(own_id(proposal_id, PROPOSAL_ID, call.principal.scope))


@endpoint(
    blueprint, "POST", "/proposals/<proposal_id>/confirmation",
    permission="proposals.decide", answer=ConfirmedOut, secret_fields=("token",), fresh=True,
)  # fmt: skip
def confirm(call: Call, proposal_id: str) -> Confirmed:
    """Confirm what another operator proposed, which does it."""
    return operating.confirm(_known(call, proposal_id), call.by, call.effect)


@endpoint(
    blueprint, "POST", "/proposals/<proposal_id>/withdrawal", permission="proposals.decide", answer=ProposalOut
)  # fmt: skip
def withdraw(call: Call, proposal_id: str) -> Shown:
    """Take back what one proposed oneself."""
    return operating.withdraw(_known(call, proposal_id), call.by, call.effect)


def _known(call: Call, proposal_id: str) -> PublicId:
    _of_the_platform(call)
    return own_id(proposal_id, PROPOSAL_ID, PLATFORM)


def _of_the_platform(call: Call) -> None:
    """Operators' acts lie in the platform's tenant, whoever asks: to anybody else they are not there."""
    if call.principal.scope != PLATFORM:
        raise NotFound
