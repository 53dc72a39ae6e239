"""The people's side under ``/sandbox``: the payer's page, the fault dial, the log, new accounts."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, jsonify, redirect, request
from markupsafe import Markup
from werkzeug.wrappers import Response as AnyResponse

from deploy.sandbox.gateway.errors import InvalidParameter
from deploy.sandbox.gateway.parts import Parts
from deploy.sandbox.gateway.state import Account, Endpoint, Json, new_id

_PAGE = Markup(
    "<!doctype html><html lang='en'><meta charset='utf-8'><title>Sandbox payment</title>"
    "<h1>{amount} CNY</h1><p id='status'>{status}</p><form method='post'>"
    "<button name='outcome' value='succeed'>Pay</button>"
    "<button name='outcome' value='decline'>Decline</button></form></html>"
)


def blueprint(parts: Parts) -> Blueprint:
    """All routes of the people's side. Nothing here asks for a key: keep it on loopback."""
    control = Blueprint("control", __name__, url_prefix="/sandbox")
    _payer_routes(control, parts)
    _dial_routes(control, parts)
    _account_routes(control, parts)
    return control


def _payer_routes(control: Blueprint, parts: Parts) -> None:
    @control.get("/pay/<intent_id>")
    def show(intent_id: str) -> str:
        with parts.state.lock:
            intent = _account_of(parts, intent_id).intent(intent_id)
            yuan, fen = divmod(intent["amount"], 100)
            return _PAGE.format(amount=f"{yuan}.{fen:02d}", status=intent["status"])

    @control.post("/pay/<intent_id>")
    def act(intent_id: str) -> AnyResponse:
        outcome = (request.get_json() if request.is_json else request.form).get("outcome")
        if outcome not in ("succeed", "decline"):
            raise InvalidParameter("The outcome is succeed or decline", param="outcome")
        return_url, status = _pay(parts, intent_id, outcome == "succeed")
        if request.is_json:
            return jsonify(id=intent_id, status=status)
        return redirect(return_url or request.path, 303)


def _pay(parts: Parts, intent_id: str, agrees: bool) -> tuple[str | None, str]:
    with parts.state.lock:
        account = _account_of(parts, intent_id)
        intent = account.intent(intent_id)
        action = (intent["next_action"] or {}).get("alipay_handle_redirect", {})
        parts.log.add("payer", intent=intent_id, agrees=agrees, status=intent["status"])
        parts.progress.payer_acts(account, intent, agrees)
        return action.get("return_url"), intent["status"]


def _dial_routes(control: Blueprint, parts: Parts) -> None:
    @control.post("/faults")
    def set_fault() -> Response:
        return jsonify(id=parts.faults.set(_json()).id)

    @control.delete("/faults", defaults={"fault_id": None})
    @control.delete("/faults/<fault_id>")
    def clear_faults(fault_id: str | None) -> Response:
        held = parts.faults.clear(fault_id)
        parts.sender.send_in_order(held)
        return jsonify(released=len(held))

    @control.get("/log")
    def read_log() -> Response:
        return jsonify(entries=parts.log.read(request.args.get("intent")))


def _account_routes(control: Blueprint, parts: Parts) -> None:
    @control.post("/accounts")
    def open_account() -> Response:
        """A merchant with a key of their own: ``api_key``."""
        return jsonify(id=parts.state.open_account(_text(_json(), "api_key")).id)

    @control.post("/webhook_endpoints")
    def add_endpoint() -> Response:
        """Where the account of ``api_key`` hears its events: ``url``, signed with ``secret``."""
        wish = _json()
        endpoint = Endpoint(new_id("we"), _text(wish, "url"), _text(wish, "secret"))
        account = parts.state.account_of_key(_text(wish, "api_key"))
        if account is None:
            raise InvalidParameter("No account has this key", param="api_key")
        with parts.state.lock:
            account.endpoints.append(endpoint)
        return jsonify(id=endpoint.id)

    @control.delete("/webhook_endpoints/<endpoint_id>")
    def remove_endpoint(endpoint_id: str) -> Response:
        return jsonify(removed=parts.state.remove_endpoint(endpoint_id))


def _account_of(parts: Parts, intent_id: str) -> Account:
    return parts.state.account_of_intent(intent_id) or abort(404)


def _json() -> Json:
    wish: Any = request.get_json()
    if not isinstance(wish, dict):
        raise InvalidParameter("Send a JSON object")
    return wish


def _text(wish: Json, name: str) -> str:
    value = wish.get(name)
    if not isinstance(value, str) or not value:
        raise InvalidParameter(f"Missing: {name}", param=name)
    return value
