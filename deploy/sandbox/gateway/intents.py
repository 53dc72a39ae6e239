"""Payment intents as merchants use them. Callers hold the state's lock."""

from __future__ import annotations

from dataclasses import dataclass

from deploy.sandbox.gateway import methods, params
from deploy.sandbox.gateway.errors import Declined, InvalidParameter
from deploy.sandbox.gateway.methods import Method
from deploy.sandbox.gateway.progress import Progress, must_be
from deploy.sandbox.gateway.state import Account, Json, new_id, now

OPEN = ("requires_payment_method", "requires_action")
_CONFIRM = ("payment_method", "payment_method_data", "payment_method_options", "return_url")
_CREATE = ("amount", "currency", "payment_method_types", "metadata", "description", "confirm")


@dataclass(frozen=True)
class Call:
    """A merchant's request: whose, with what, under which key, and how payers reach this gateway."""

    account: Account
    params: Json
    payer_base: str
    key: str | None = None


def create(call: Call, progress: Progress) -> Json:
    """A new intent, confirmed at once where ``confirm=true`` is given."""
    confirmed = params.text(call.params, "confirm") == "true"
    params.only(call.params, *_CREATE, *(_CONFIRM if confirmed else ()))
    intent = _new(call.params)
    method = methods.chosen(call.params, intent["payment_method_types"]) if confirmed else None
    call.account.intents[intent["id"]] = intent
    progress.tell(call.account, "created", intent, call.key)
    if method is not None:
        _attempt(call, intent, method, progress)
    return intent


def update(call: Call, intent: Json) -> Json:
    """Change amount, description or metadata while nothing is paid or under way."""
    params.only(call.params, "amount", "metadata", "description")
    must_be(intent, OPEN, "updated")
    amount = params.amount(call.params) if "amount" in call.params else intent["amount"]
    intent |= {
        "amount": amount,
        "metadata": intent["metadata"] | params.metadata(call.params),
        "description": params.text(call.params, "description") or intent["description"],
    }
    return intent


def confirm(call: Call, intent: Json, progress: Progress) -> Json:
    """Try to pay: a card answers now, a wallet leads to ``requires_action``."""
    params.only(call.params, *_CONFIRM)
    must_be(intent, OPEN, "confirmed")
    _attempt(call, intent, methods.chosen(call.params, intent["payment_method_types"]), progress)
    return intent


def cancel(call: Call, intent: Json, progress: Progress) -> Json:
    """End an intent that is neither paid nor being paid."""
    params.only(call.params, "cancellation_reason")
    reason = params.text(call.params, "cancellation_reason")
    if reason not in (None, "duplicate", "fraudulent", "requested_by_customer", "abandoned"):
        raise InvalidParameter("Invalid cancellation_reason", param="cancellation_reason")
    must_be(intent, OPEN, "canceled")
    intent |= {"status": "canceled", "canceled_at": now(), "cancellation_reason": reason, "next_action": None}
    progress.tell(call.account, "canceled", intent, call.key)
    return intent


def _attempt(call: Call, intent: Json, method: Method, progress: Progress) -> None:
    intent["payment_method"] = method.id
    if method.kind == "card":
        _pay_by_card(call, intent, method, progress)
        return
    payer_url = f"{call.payer_base}/sandbox/pay/{intent['id']}"
    intent |= {"status": "requires_action", "next_action": methods.next_action(method, payer_url)}
    progress.tell(call.account, "requires_action", intent, call.key)


def _pay_by_card(call: Call, intent: Json, method: Method, progress: Progress) -> None:
    decline_code = method.decline_code or ("generic_decline" if progress.declines(intent) else None)
    if decline_code:
        progress.fail(call.account, intent, "card_declined", decline_code, call.key)
        raise Declined(
            "The card was declined.",
            code="card_declined",
            decline_code=decline_code,
            payment_intent=dict(intent),
        )
    if progress.is_late(intent):
        progress.under_way(call.account, intent, "card", call.key)
    else:
        progress.succeed(call.account, intent, "card", call.key)


def _new(wish: Json) -> Json:
    if params.required(wish, "currency") != "cny":
        raise InvalidParameter("Invalid currency: this gateway takes cny", param="currency")
    kinds = wish.get("payment_method_types", ["card"])
    if not isinstance(kinds, list) or any(kind not in methods.KINDS for kind in kinds):
        raise InvalidParameter("Unknown payment method type", param="payment_method_types")
    intent_id = new_id("pi")
    return {
        "id": intent_id,
        "object": "payment_intent",
        "amount": params.amount(wish),
        "amount_received": 0,
        "canceled_at": None,
        "cancellation_reason": None,
        "capture_method": "automatic",
        "client_secret": f"{intent_id}_{new_id('secret')}",
        "created": now(),
        "currency": "cny",
        "description": params.text(wish, "description"),
        "last_payment_error": None,
        "latest_charge": None,
        "livemode": False,
        "metadata": params.metadata(wish),
        "next_action": None,
        "payment_method": None,
        "payment_method_types": kinds,
        "status": "requires_payment_method",
    }
