"""A payer begins a payment."""

import uuid
from dataclasses import dataclass

from app.core.errors import InvalidInput, NotFound, WrongState
from app.core.idempotency import KeyedEffect
from app.core.ids import PublicId, new_id
from app.core.journal.record import Facts, record
from app.core.money import CURRENCY
from app.core.scope import Scope
from app.core.unit import Caller, Unit, run
from app.payments.calls import LEASE
from app.payments.ids import bill_id as public_bill_id
from app.payments.ids import payment_id as public_id
from app.payments.models import Bill, Payment
from app.payments.repository import key_is_taken, locked_bill, newest_account, payment_asked, payments_of
from app.payments.rules.bills import payable
from app.payments.rules.payments import PaymentState, under_way
from app.payments.service.driving import drive_payment
from app.payments.service.showing import Shown, payment_of

MOST_UNDER_WAY = 3
"""Payments of one bill that may be under way at a time: a payer changes their mind about the method, not for ever."""
MOST_OF_A_BILL = 20
"""Attempts in all: who tries out cards does not find a gateway's patience here."""


@dataclass(frozen=True)
class Way:
    """How the payer wants to pay: a card by the gateway's name for it, or a wallet that returns to `return_url`."""

    method: str
    card: str | None = None
    return_url: str | None = None


def pay(bill: PublicId, payer: uuid.UUID, way: Way, by: Caller, effect: KeyedEffect) -> Shown:
    """Begin a payment of the whole bill and take it as far as it goes without the payer.

    Raises NotFound, and WrongState: `bill_not_open`, `too_many_payments`, `no_merchant_account`. The same idempotency
    key finds the same payment, and goes on with it where an earlier request died.
    """
    tenant = bill.scope.require_tenant()
    narrow = Scope.for_tenant(tenant, as_resident=payer)
    payment = run(narrow, lambda opened: begin(opened, bill.id, way, effect), by)
    if payment.state == PaymentState.CREATED:
        drive_payment(Scope.for_tenant(tenant), payment.id, by)
    return run(narrow, lambda opened: payment_of(opened, payment.id, pays=True), by, effect=effect)


def begin(opened: Unit, bill_id: uuid.UUID, way: Way, effect: KeyedEffect) -> Payment:
    """The row for the payment that `effect` asks for, leased to this request; the one that is there already."""
    asked = opened.blind.digest("payment", f"{effect.principal}/{effect.name}")
    bill = locked_bill(opened, bill_id)
    if bill is None:
        raise NotFound
    known = payment_asked(opened, asked)
    if known is not None and (known.bill_id, known.method, known.card) == (bill.id, way.method, way.card):
        return known
    if known is not None:
        raise _reused()
    refuse_used(opened, effect)
    _refuse_needless(opened, bill)
    return _begun(opened, bill, way, asked)


def refuse_used(opened: Unit, effect: KeyedEffect) -> None:
    """Raise InvalidInput where the key of `effect` was used for another request, before anything is asked outside."""
    if key_is_taken(opened, effect.principal, effect.name):
        raise _reused()


def _reused() -> InvalidInput:
    return InvalidInput("this key was used for another request", code="idempotency_key_reused")


def _refuse_needless(opened: Unit, bill: Bill) -> None:
    if not payable(bill.state):
        raise WrongState("this bill is not to be paid", code="bill_not_open")
    payments = payments_of(opened, bill)
    if sum(under_way(payment.state) for payment in payments) >= MOST_UNDER_WAY:
        detail = "other payments of this bill are under way: go on with one of them, or cancel one"
        raise WrongState(detail, code="too_many_payments", retry_after=60)
    if len(payments) >= MOST_OF_A_BILL:
        raise WrongState("this bill was tried too often", code="too_many_payments")


def _begun(opened: Unit, bill: Bill, way: Way, asked: str) -> Payment:
    account = newest_account(opened)
    if account is None:
        raise WrongState("this tenant cannot be paid online", code="no_merchant_account")
    payment = opened.add(
        Payment(
            id=new_id(), bill_id=bill.id, account_id=account.id, resident_id=bill.resident_id, asked=asked,
            method=way.method, card=way.card, return_url=way.return_url, amount=bill.total, currency=CURRENCY,
            state=PaymentState.CREATED, stopping=False, confirmed=False, paid=0, refunded=0, in_flight=0, tries=0,
            due_at=opened.now + LEASE, version=1, created_at=opened.now,
        )
    )  # fmt: skip
    facts: Facts = {"bill": str(public_bill_id(bill)), "amount": bill.total, "method": way.method}
    record(opened, "payment.created", public_id(payment), 1, facts)
    return payment
