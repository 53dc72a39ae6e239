"""What a family-doctor team does with its contracts."""

from typing import Any

from flask_smorest import Blueprint

from app.edge.endpoint import Call, endpoint
from app.edge.paging import Page, page_of
from app.edge.paths import own_id
from app.residents import queries
from app.residents.names import CONTRACT_ID
from app.residents.schemas import ContractsQuery, DeclineIn, EndIn, TeamContractOut
from app.residents.service import contracts
from app.residents.service.seen import Seen

blueprint = Blueprint("family-contracts", __name__, description="Family-doctor teams and their residents")


@endpoint(
    blueprint, "GET", "/family-contracts",
    permission="family_contracts.read", query=ContractsQuery, answer=page_of(TeamContractOut),
)  # fmt: skip
def listed(call: Call, query: dict[str, Any]) -> Page[Seen]:
    """The team's contracts, oldest first."""
    return queries.contracts(call.principal.scope, query)


@endpoint(
    blueprint, "POST", "/family-contracts/<contract_id>/acceptance",
    permission="family_contracts.decide", answer=TeamContractOut,
)  # fmt: skip
def accept(call: Call, contract_id: str) -> Seen:
    """Take the resident: the contract runs from today."""
    return contracts.accept(own_id(contract_id, CONTRACT_ID, call.principal.scope), call.by, call.effect)


@endpoint(
    blueprint, "POST", "/family-contracts/<contract_id>/declining",
    permission="family_contracts.decide", body=DeclineIn, answer=TeamContractOut,
)  # fmt: skip
def decline(call: Call, body: dict[str, Any], contract_id: str) -> Seen:
    """Decline the request, with a reason that the resident reads."""
    known = own_id(contract_id, CONTRACT_ID, call.principal.scope)
    return contracts.decline(known, body["reason"], call.by, call.effect)


@endpoint(
    blueprint, "POST", "/family-contracts/<contract_id>/ending",
    permission="family_contracts.decide", body=EndIn, answer=TeamContractOut,
)  # fmt: skip
def end(call: Call, body: dict[str, Any], contract_id: str) -> Seen:
    """End a contract that runs."""
    known = own_id(contract_id, CONTRACT_ID, call.principal.scope)
    return contracts.end(known, body["reason"], call.by, call.effect)
