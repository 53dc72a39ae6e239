"""What residents do with settlements, and how a provider is connected to public schemes."""

from typing import Any

from flask import current_app
from flask_smorest import Blueprint

from app.core.idempotency import KeyedEffect
from app.core.ids import PublicId
from app.edge.endpoint import Call, endpoint
from app.edge.paging import Page, PageQuery, page_of
from app.edge.paths import any_id, own_id
from insurance.models import SchemeConnection
from insurance.names import SCHEME_HOSTS, SCHEME_ID, SETTLEMENT_ID
from insurance.schemas.settlements import (
    ConfirmationIn,
    SchemeConnectionIn,
    SchemeConnectionOut,
    SchemeReachIn,
    SettlementIn,
    SettlementOut,
)
from insurance.service import asking, confirming, connections, showing
from tenants.api import OUTSIDE

blueprint = Blueprint("settlements", __name__, description="Who bears what of a visit or a supply")


def _known(settlement_id: str) -> PublicId:
    return any_id(settlement_id, SETTLEMENT_ID)


def _effect(call: Call) -> KeyedEffect:
    if call.effect is None:
        raise LookupError("an effect without its key")
    return call.effect


@endpoint(
    blueprint, "POST", "/settlements",
    permission="settlements.write", body=SettlementIn, answer=SettlementOut, status=201,
)  # fmt: skip
def ask(call: Call, body: asking.Wish) -> showing.Shown:
    """Ask who would bear what of a completed visit or of a supply that is prepared. A trial holds nothing."""
    return asking.ask(call.person, body, call.by, _effect(call))


@endpoint(blueprint, "GET", "/settlements/<settlement_id>", permission="settlements.read", answer=SettlementOut)
def one(call: Call, settlement_id: str) -> showing.Shown:
    """One's own settlement."""
    return showing.settlement_of(call.person, _known(settlement_id), call.by)


@endpoint(
    blueprint, "POST", "/settlements/<settlement_id>/confirmation",
    permission="settlements.write", body=ConfirmationIn, answer=SettlementOut, if_match=True,
)  # fmt: skip
def confirm(call: Call, body: dict[str, Any], settlement_id: str) -> showing.Shown:
    """Confirm exactly what was shown. What is to be paid stands in the bill; where nothing is, it goes on at once."""
    known = _known(settlement_id)
    return confirming.confirm(call.person, known, call.if_match, body["credential"], call.by, call.effect)


@endpoint(
    blueprint, "POST", "/settlements/<settlement_id>/cancellation",
    permission="settlements.write", answer=SettlementOut,
)  # fmt: skip
def cancel(call: Call, settlement_id: str) -> showing.Shown:
    """Give up a settlement that nothing was paid or settled for yet."""
    return confirming.cancel(call.person, _known(settlement_id), call.by, call.effect)


@endpoint(
    blueprint, "POST", "/scheme-connections",
    permission="scheme_connections.manage", body=SchemeConnectionIn, answer=SchemeConnectionOut, status=201, fresh=True,
)  # fmt: skip
def connect(call: Call, body: dict[str, Any]) -> SchemeConnection:
    """Connect the tenant to a public scheme, once for each."""
    opening = connections.Opening(body["insurer"], body["institution"], _reaching(body))
    return connections.open_connection(call.principal.scope, opening, call.by, call.effect)


@endpoint(
    blueprint, "PUT", "/scheme-connections/<scheme_connection_id>",
    permission="scheme_connections.manage", body=SchemeReachIn, answer=SchemeConnectionOut, if_match=True, fresh=True,
)  # fmt: skip
def reach(call: Call, body: dict[str, Any], scheme_connection_id: str) -> SchemeConnection:
    """Reach a scheme elsewhere, or by another key: what is asked from now on goes there. What was settled is still
    asked about where it was settled; while something is being settled or reversed, the address stays.
    """
    known = own_id(scheme_connection_id, SCHEME_ID, call.principal.scope)
    return connections.change_connection(known, _reaching(body), call.if_match, call.by, call.effect)


@endpoint(
    blueprint, "GET", "/scheme-connections",
    permission="scheme_connections.manage", query=PageQuery, answer=page_of(SchemeConnectionOut),
)  # fmt: skip
def connected(call: Call, query: dict[str, Any]) -> Page[SchemeConnection]:
    """The tenant's connections to public schemes."""
    return connections.listed(call.principal.scope, query)


def _reaching(body: dict[str, Any]) -> connections.Reaching:
    hosts, policy = current_app.extensions[SCHEME_HOSTS], current_app.extensions[OUTSIDE].policy
    return connections.Reaching(connections.checked_url(body["url"], policy, hosts), body["key"])
