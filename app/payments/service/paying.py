"""A payer begins a payment."""

import math
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from app.core.clashes import refusing
from app.core.errors import InvalidInput, NotFound, WrongState
from app.core.idempotency import KEPT, KeyedEffect, key_is_taken
from app.core.ids import PublicId, new_id
from app.core.journal.record import Facts, record
from app.core.money import CURRENCY
from app.core.scope import Scope
from app.core.unit import Caller, Unit, run
from app.payments.calls import LEASE
from app.payments.ids import bill_id as public_bill_id
from app.payments.ids import payment_id as public_id
from app.payments.models import ONE_OF_A_KEY, Bill, Payment
from app.payments.repository import locked_bill, newest_account, payment_asked, payments_of
from app.payments.rules.bills import payable
from app.payments.rules.payments import PaymentState, gave_nothing, under_way
from app.payments.service.driving import drive_payment
from app.payments.service.showing import Shown, payment_of

MOST_UNDER_WAY = 3
"""Payments of one bill that may be under way at a time: a payer changes their mind about the method, not for ever."""
MOST_IN_A_DAY = 20
"""Attempts at one bill within `DAY`: who tries out cards does not find a gateway's patience here."""
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Way:
    """How the payer wants to pay: a card by the gateway's name for it, or a wallet that returns to `return_url`."""

    method: str
    card: str | None = None
    return_url: str | None = None


def pay(bill: PublicId, payer: uuid.UUID, way: Way, by: Caller, effect: KeyedEffect) -> Shown:
    """Begin a payment of the whole bill and take it as far as it goes without the payer.

    Raises NotFound, and WrongState: `bill_not_open`, `too_many_payments`, `no_merchant_account`. The same idempotency
    key finds the same payment, and goes on with it where an earlier request died; one that died so long ago that the
    gateway must be searched is left to the worker.
    """
    tenant = bill.scope.require_tenant()
    plain, narrow = Scope.for_tenant(tenant), Scope.for_tenant(tenant, as_resident=payer)
    payment = run(plain, lambda opened: begin(opened, bill.id, payer, way, effect), by)
    if payment.state == PaymentState.CREATED:
        drive_payment(plain, payment.id, by, search=False)
    return run(narrow, lambda opened: payment_of(opened, payment.id, pays=True), by, effect=effect)


def begin(opened: Unit, bill_id: uuid.UUID, payer: uuid.UUID, way: Way, effect: KeyedEffect) -> Payment:
    """The row for the payment that `effect` asks for, leased to this request; the one that is there already.

    In the tenant's plain scope: who pays for several people may have used the key for another one's bill.
    """
    asked = opened.blind.digest("payment", f"{effect.principal}/{effect.name}")
    bill = locked_bill(opened, bill_id)
    if bill is None or bill.resident_id != payer:
        raise NotFound
    taken = key_is_taken(opened, effect)
    known = payment_asked(opened, asked)
    same = known is not None and (known.bill_id, known.method, known.card) == (bill.id, way.method, way.card)
    if known is not None and not taken and _is_over(opened, known, same=same):
        _let_go(opened, known)
        known = None
    if known is not None and same:
        return known
    if known is not None or taken:  # before anything is asked outside
        raise _reused()
    _refuse_needless(opened, bill)
    with refusing(opened, ONE_OF_A_KEY, _reused):  # used at this moment for another bill
        return _begun(opened, bill, way, asked)


def _is_over(opened: Unit, known: Payment, *, same: bool) -> bool:
    """Whether the time of the key by which `known` was asked for is over. For the `same` request it stands for that
    payment as long as money may come of it, so that nobody who repeats it late pays twice.
    """
    return known.created_at + KEPT <= opened.now and not (same and not gave_nothing(known.state))


def _let_go(opened: Unit, known: Payment) -> None:
    """Free the key for another payment."""
    known.asked = opened.blind.digest("payment", str(public_id(known)))
    opened.session.flush()


def _reused() -> InvalidInput:
    return InvalidInput("this key was used for another request", code="idempotency_key_reused")


def _refuse_needless(opened: Unit, bill: Bill) -> None:
    if not payable(bill.state):
        raise WrongState("this bill is not to be paid", code="bill_not_open")
    payments = payments_of(opened, bill)
    if sum(under_way(payment.state) for payment in payments) >= MOST_UNDER_WAY:
        raise WrongState(
            "other payments of this bill are under way: go on with one of them, or cancel one",
            code="too_many_payments",
            retry_after=60,
        )
    _refuse_hasty(opened, payments)


def _refuse_hasty(opened: Unit, payments: Sequence[Payment]) -> None:
    """`payments` are those of the bill, the oldest first."""
    if len(payments) < MOST_IN_A_DAY:
        return
    wait = payments[-MOST_IN_A_DAY].created_at + DAY - opened.now
    if wait > timedelta(0):
        raise WrongState(
            "this bill was tried too often: try again after the time that is said",
            code="too_many_payments",
            retry_after=math.ceil(wait.total_seconds()),
        )


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
