"""A payer gives up a payment that they began: it is ended at the gateway, unless they had paid before."""

import uuid

from app.core.errors import NotFound, WrongState
from app.core.idempotency import KeyedEffect
from app.core.ids import PublicId
from app.core.journal.record import record
from app.core.scope import Scope
from app.core.unit import Caller, Unit, run
from app.payments.ids import bill_id, payment_id
from app.payments.models import Bill, Payment
from app.payments.repository import locked_bill
from app.payments.service.bills import open_at_gateway, stop
from app.payments.service.driving import drive_payment
from app.payments.service.showing import Shown, payment_of


def cancel(known: PublicId, payer: uuid.UUID, by: Caller, effect: KeyedEffect) -> Shown:
    """Have a payment of one's own ended, and show what came of it.

    `canceled`, `succeeded` where the payer had paid before the gateway could end it, or as it was, `stopping`, where
    the gateway has not answered, is just taking the money, or must be searched: the worker asks on. Asking again asks
    the gateway only where that is due. The key is taken with the wish, so that whoever repeats it after a crash gets an
    answer, perhaps `stopping`, although the payment has ended since. Raises NotFound, WrongState `payment_ended`.
    """
    tenant = known.scope.require_tenant()
    narrow = Scope.for_tenant(tenant, as_resident=payer)
    run(narrow, lambda opened: _give_up(opened, known.id), by, effect=effect)
    drive_payment(Scope.for_tenant(tenant), known.id, by, due=True, search=False)
    return run(narrow, lambda opened: _answered(opened, known.id, effect), by)


def _give_up(opened: Unit, payment: uuid.UUID) -> Shown:
    """Note that a payment shall be ended, unless that is noted already; one that has ended is refused."""
    bill, own = _held(opened, payment)
    if not open_at_gateway(own):
        raise WrongState("this payment has ended", code="payment_ended")
    if not own.stopping:
        stop(opened, [own])
        own.version += 1
        record(opened, "payment.stopping", payment_id(own), own.version, {"bill": str(bill_id(bill))})
    return payment_of(opened, payment, pays=True)


def _answered(opened: Unit, payment: uuid.UUID, effect: KeyedEffect) -> Shown:
    """What came of it, which is the answer of the key from now on."""
    shown = payment_of(opened, payment, pays=True)
    effect.after(opened, shown)
    return shown


def _held(opened: Unit, payment: uuid.UUID) -> tuple[Bill, Payment]:
    """A payment of the unit's payer and its bill, the bill held first."""
    known = opened.get(Payment, payment)
    bill = locked_bill(opened, known.bill_id) if known else None
    own = opened.get(Payment, payment, lock=True)
    if bill is None or own is None:
        raise NotFound
    return bill, own
