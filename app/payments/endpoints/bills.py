"""Bills and payments for payers and staff, merchant accounts for administrators, webhooks for gateways."""

import uuid
from typing import Any, cast

from flask import current_app, request
from flask_smorest import Blueprint

from app.core.access import PUBLIC
from app.core.errors import Forbidden, NotFound
from app.core.idempotency import KeyedEffect
from app.core.ids import PublicId
from app.core.scope import Scope, ScopeKind
from app.edge.endpoint import Call, endpoint
from app.edge.paging import Page, PageQuery, page_of
from app.edge.paths import any_id, own_id
from app.payments.models import MerchantAccount
from app.payments.names import ACCOUNT_ID, BILL_ID, GATEWAY_HOSTS, PAYMENT_ID
from app.payments.schemas import AccountIn, AccountOut, BillOut, HeardOut, PaymentIn, PaymentOut, SecretIn
from app.payments.service import accounts, hearing, paying, showing, stopping
from tenants.api import OUTSIDE

blueprint = Blueprint("payments", __name__, description="Bills and their payment")
SIGNATURE = "Stripe-Signature"
_PAYING = "bills.pay"
"""Whoever may only read, as an app may, is not told what the payer must do: it would let them act as the payer."""


@endpoint(
    blueprint, "POST", "/bills/<bill_id>/payments",
    permission="bills.pay", body=PaymentIn, answer=PaymentOut, status=201, secret_fields=("next_action",),
)  # fmt: skip
def pay(call: Call, body: dict[str, Any], bill_id: str) -> showing.Shown:
    """Pay a bill of one's own. A payment that waits for the payer says what they must do.

    Three payments of a bill may be under way at a time, so that a payer can change their mind about the method: go on
    with one of them, or cancel one, where another is refused with `too_many_payments`. So is the 21st within 24
    hours; `Retry-After` says when the next one may be.
    """
    known = any_id(bill_id, BILL_ID)
    _of_tenant(known)
    way = paying.Way(body["method"], body["card"], body["return_url"])
    return paying.pay(known, _payer(call), way, call.by, _effect(call))


@endpoint(
    blueprint, "GET", "/bills/<bill_id>/payments",
    permission="bills.read", query=PageQuery, answer=page_of(PaymentOut),
)  # fmt: skip
def payments(call: Call, query: dict[str, Any], bill_id: str) -> Page[showing.Shown]:
    """The payments of one's own bill, or of one of the tenant's, oldest first: those that wait for the payer say what
    they must do, to the payer alone.
    """
    known = any_id(bill_id, BILL_ID)
    return showing.read_payments(_seen(call, known), known.id, query, pays=call.principal.may(_PAYING))


@endpoint(blueprint, "GET", "/bills/<bill_id>", permission="bills.read", answer=BillOut, partly_versioned=True)
def bill(call: Call, bill_id: str) -> showing.BillShown:
    """One's own bill, or one of the tenant's."""
    known = any_id(bill_id, BILL_ID)
    return showing.read_bill(_seen(call, known), known.id)


@endpoint(blueprint, "GET", "/payments/<payment_id>", permission="bills.read", answer=PaymentOut, partly_versioned=True)
def payment(call: Call, payment_id: str) -> showing.Shown:
    """One's own payment, or one of the tenant's."""
    known = any_id(payment_id, PAYMENT_ID)
    return showing.read_payment(_seen(call, known), known.id, pays=call.principal.may(_PAYING))


@endpoint(
    blueprint, "POST", "/payments/<payment_id>/cancellation",
    permission="bills.pay", answer=PaymentOut, secret_fields=("next_action",),
)  # fmt: skip
def cancel(call: Call, payment_id: str) -> showing.Shown:
    """Give up a payment of one's own that has not ended; the bill stays to be paid.

    The gateway decides: `canceled`, or `succeeded` where it had been paid before. While it has not answered, the
    payment is `stopping` and may still turn out to be paid: read it again. 409 `payment_ended` for one that had ended.
    """
    known = any_id(payment_id, PAYMENT_ID)
    _of_tenant(known)
    return stopping.cancel(known, _payer(call), call.by, _effect(call))


@endpoint(
    blueprint, "POST", "/merchant-accounts",
    permission="merchant_accounts.manage", body=AccountIn, answer=AccountOut, status=201, fresh=True,
)  # fmt: skip
def open_account(call: Call, body: dict[str, Any]) -> MerchantAccount:
    """Name the tenant's first account at a payment gateway; another one takes two people."""
    policy, hosts = current_app.extensions[OUTSIDE].policy, current_app.extensions[GATEWAY_HOSTS]
    url = accounts.checked_url(body["url"], policy, hosts)
    opening = accounts.Opening(url, body["api_key"], body["webhook_secret"])
    return accounts.open_account(call.principal.scope, opening, call.by, _effect(call))


@endpoint(
    blueprint, "GET", "/merchant-accounts",
    permission="merchant_accounts.manage", query=PageQuery, answer=page_of(AccountOut),
)  # fmt: skip
def listed(call: Call, query: dict[str, Any]) -> Page[MerchantAccount]:
    """The tenant's merchant accounts, newest first."""
    return accounts.listed(call.principal.scope, query)


@endpoint(
    blueprint, "POST", "/merchant-accounts/<account_id>/webhook-secrets",
    permission="merchant_accounts.manage", body=SecretIn, answer=AccountOut, fresh=True,
)  # fmt: skip
def add_secret(call: Call, body: dict[str, Any], account_id: str) -> MerchantAccount:
    """Believe webhooks signed with a further secret; the last three are believed."""
    known = own_id(account_id, ACCOUNT_ID, call.principal.scope)
    return accounts.add_webhook_secret(known, body["webhook_secret"], call.by, _effect(call))


@endpoint(
    blueprint, "POST", "/gateway-webhooks/<account_id>",
    permission=PUBLIC, answer=HeardOut, idempotent_by="an event is kept once, under the gateway's id for it",
)  # fmt: skip
def hear(call: Call, account_id: str) -> dict[str, bool]:
    """A gateway tells what became of a payment; proven by its signature over exactly these bytes."""
    known = any_id(account_id, ACCOUNT_ID)
    _of_tenant(known)
    hearing.hear(known, request.get_data(), request.headers.get(SIGNATURE, ""))
    return {"received": True}


def _seen(call: Call, known: PublicId) -> Scope:
    """The scope in which the caller may look for a thing: narrowed to themselves, or their own tenant."""
    if call.principal.scope.kind is ScopeKind.PERSON:
        return Scope.for_tenant(_of_tenant(known), as_resident=call.principal.scope.person)
    if known.scope.tenant != call.principal.scope.tenant:
        raise NotFound
    if not call.principal.may("bills.read_all"):
        raise Forbidden("this needs the permission bills.read_all")
    return call.principal.scope


def _payer(call: Call) -> uuid.UUID:
    payer = call.principal.scope.person
    if payer is None:
        raise Forbidden("a bill is paid by a person")
    return payer


def _of_tenant(known: PublicId) -> int:
    if known.scope.tenant is None:
        raise NotFound
    return known.scope.tenant


def _effect(call: Call) -> KeyedEffect:
    return cast(KeyedEffect, call.effect)  # there is one wherever an endpoint changes something by key
