"""How a payer pays: cards answer at once, Alipay and WeChat Pay wait for the payer."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from deploy.sandbox.gateway import params
from deploy.sandbox.gateway.errors import InvalidParameter, Missing
from deploy.sandbox.gateway.state import Json

KINDS = ("card", "alipay", "wechat_pay")
# Stripe's test cards: the name of the payment method tells what the bank will say.
CARDS: dict[str, str | None] = {
    "pm_card_visa": None,
    "pm_card_mastercard": None,
    "pm_card_unionpay": None,
    "pm_card_chargeDeclined": "generic_decline",
    "pm_card_visa_chargeDeclined": "generic_decline",
    "pm_card_chargeDeclinedInsufficientFunds": "insufficient_funds",
    "pm_card_visa_chargeDeclinedInsufficientFunds": "insufficient_funds",
}


@dataclass(frozen=True)
class Method:
    """The chosen way to pay; ``decline_code`` is what a test card's bank will answer."""

    kind: str
    id: str | None = None
    decline_code: str | None = None
    return_url: str | None = None


def chosen(wish: Json, allowed: list[str]) -> Method:
    """The method that a confirmation names, checked against what the intent allows."""
    card = params.text(wish, "payment_method")
    kind = "card" if card else params.text(params.group(wish, "payment_method_data"), "type")
    if kind is None:
        raise InvalidParameter("Name a payment method", code="parameter_missing", param="payment_method")
    if kind not in allowed:
        raise InvalidParameter(
            f"This PaymentIntent does not allow {kind[:40]}",
            code="payment_intent_incompatible_payment_method",
            param="payment_method",
        )
    return _card(card) if kind == "card" else _wallet(kind, wish)


def next_action(method: Method, payer_url: str) -> Json:
    """What the payer must do; ``payer_url`` is where this gateway lets them do it."""
    if method.kind == "alipay":
        details: Json = {
            "native_data": None,
            "native_url": None,
            "return_url": method.return_url,
            "url": payer_url,
        }
        return {"type": "alipay_handle_redirect", "alipay_handle_redirect": details}
    details = {"data": payer_url, "hosted_instructions_url": payer_url}
    return {"type": "wechat_pay_display_qr_code", "wechat_pay_display_qr_code": details}


def _card(card: str | None) -> Method:
    if card is None:
        raise InvalidParameter(
            "Card numbers are not taken here; name a payment_method",
            code="parameter_missing",
            param="payment_method",
        )
    if card not in CARDS:
        raise Missing("PaymentMethod", card, "payment_method")
    return Method("card", card, CARDS[card])


def _wallet(kind: str, wish: Json) -> Method:
    return_url = params.text(wish, "return_url", 2048)
    if kind == "alipay" and return_url is None:
        raise InvalidParameter("Alipay needs a return_url", code="parameter_missing", param="return_url")
    if return_url is not None and urlsplit(return_url).scheme not in ("http", "https"):
        raise InvalidParameter("Not a valid URL", code="url_invalid", param="return_url")
    client = params.group(params.group(wish, "payment_method_options"), "wechat_pay").get("client")
    if kind == "wechat_pay" and client not in ("web", "android", "ios"):
        raise InvalidParameter(
            "WeChat Pay needs to know the client",
            code="parameter_missing",
            param="payment_method_options[wechat_pay][client]",
        )
    return Method(kind, None, None, return_url)
