"""The merchants' API under ``/v1``, as Stripe speaks it."""

from __future__ import annotations

from flask import Blueprint, Response

from deploy.sandbox.gateway import intents, listing, params
from deploy.sandbox.gateway.edge import Edge
from deploy.sandbox.gateway.errors import InvalidParameter, Missing
from deploy.sandbox.gateway.parts import Parts
from deploy.sandbox.gateway.state import Account, Json

_PAGED = ("limit", "starting_after", "ending_before", "created")


def blueprint(parts: Parts) -> Blueprint:
    """All routes of the API."""
    api = Blueprint("api", __name__, url_prefix="/v1")
    edge = Edge(parts)
    _intent_routes(api, edge, parts)
    _refund_routes(api, edge, parts)
    _event_routes(api, edge)
    return api


def _intent_routes(api: Blueprint, edge: Edge, parts: Parts) -> None:
    @api.post("/payment_intents")
    def create_intent() -> Response:
        return edge.act(lambda call: intents.create(call, parts.progress))

    @api.get("/payment_intents")
    def list_intents() -> Response:
        return edge.look(lambda account, wish: _page(account.intents, wish, "payment_intent"))

    @api.get("/payment_intents/<intent_id>")
    def read_intent(intent_id: str) -> Response:
        return edge.look(lambda account, _: account.intent(intent_id))

    @api.post("/payment_intents/<intent_id>")
    def update_intent(intent_id: str) -> Response:
        return edge.act(lambda call: intents.update(call, call.account.intent(intent_id)))

    @api.post("/payment_intents/<intent_id>/confirm")
    def confirm_intent(intent_id: str) -> Response:
        return edge.act(lambda call: intents.confirm(call, call.account.intent(intent_id), parts.progress))

    @api.post("/payment_intents/<intent_id>/cancel")
    def cancel_intent(intent_id: str) -> Response:
        return edge.act(lambda call: intents.cancel(call, call.account.intent(intent_id), parts.progress))


def _refund_routes(api: Blueprint, edge: Edge, parts: Parts) -> None:
    @api.post("/refunds")
    def create_refund() -> Response:
        return edge.act(parts.refunds.create)

    @api.get("/refunds")
    def list_refunds() -> Response:
        return edge.look(_refunds_of)

    @api.get("/refunds/<refund_id>")
    def read_refund(refund_id: str) -> Response:
        return edge.look(lambda account, _: _found(account.refunds, refund_id, "refund"))


def _event_routes(api: Blueprint, edge: Edge) -> None:
    @api.get("/events")
    def list_events() -> Response:
        return edge.look(_events_of)

    @api.get("/events/<event_id>")
    def read_event(event_id: str) -> Response:
        return edge.look(lambda account, _: _found(account.events, event_id, "event"))

    @api.get("/balance_transactions")
    def list_balance_transactions() -> Response:
        return edge.look(lambda account, wish: _page(account.balance_transactions, wish, "balance_transaction"))


def _found(things: dict[str, Json], thing_id: str, noun: str) -> Json:
    if thing_id not in things:
        raise Missing(noun, thing_id, "id")
    return things[thing_id]


def _page(things: dict[str, Json], wish: Json, noun: str, *filters: str) -> Json:
    params.only(wish, *_PAGED, *filters)
    return listing.page(things, wish, f"/v1/{noun}s", noun)


def _refunds_of(account: Account, wish: Json) -> Json:
    intent = params.text(wish, "payment_intent")
    chosen = {i: r for i, r in account.refunds.items() if intent in (None, r["payment_intent"])}
    return _page(chosen, wish, "refund", "payment_intent")


def _events_of(account: Account, wish: Json) -> Json:
    kinds = [wish["type"]] if "type" in wish else wish.get("types", [])
    if not isinstance(kinds, list):
        raise InvalidParameter("Invalid array: types", param="types")
    chosen = {i: e for i, e in account.events.items() if not kinds or e["type"] in kinds}
    return _page(chosen, wish, "event", "type", "types")
