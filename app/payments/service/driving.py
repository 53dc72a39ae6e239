"""Going on with a payment or a refund: a unit says what is wanted, the call is made, another unit notes what was said.

Whoever drives, a request or the worker, does the same; two at once are harmless, because each step has one key for
ever and each answer is a fact like any other. A driver that dies is followed by the worker when its lease ends.
"""

import uuid
from functools import partial

from app.core.due import due_ids
from app.core.scope import Scope
from app.core.unit import SYSTEM, Caller, Unit, run, unit
from app.payments.calls import LEASE, PaymentCall, RefundCall, Said
from app.payments.ids import bill_id, payment_id, refund_id
from app.payments.models import Bill, Payment, Refund
from app.payments.repository import locked_payment, locked_refund
from app.payments.rules import refunds
from app.payments.rules.payments import PaymentState, Step, moves
from app.payments.rules.refunds import RefundState
from app.payments.service.accounts import reach
from app.payments.service.applying import apply_channel_fact
from app.payments.service.moving import move_payment, move_refund
from app.payments.service.timing import payment_step, refund_step, reschedule_payment, reschedule_refund

MOST_STEPS = 4
"""Find or create, confirm, cancel, and a look at what a refused cancellation left."""
BATCH = 20


def drive_payment(
    scope: Scope, payment: uuid.UUID, by: Caller = SYSTEM, *, due: bool = False, search: bool = True
) -> bool:
    """Take the steps of a payment that can be taken now; False where the gateway did not answer.

    With `due` only what is due: another worker may have taken it meanwhile. Without `search` a payment that must be
    looked for among the gateway's events, page after page, is left as it is: that is too long for a request.
    """
    for turn in range(MOST_STEPS):
        call = run(scope, partial(wanted_payment, payment=payment, due=due and turn == 0, search=search), by)
        if call is None:
            return True
        said = call.perform()
        if not run(scope, partial(noted_payment, payment=payment, call=call, said=said), by):
            return not said.silent
    return True


def drive_refund(scope: Scope, refund: uuid.UUID, *, due: bool = False) -> bool:
    """Take the one step of a refund that can be taken now; False where the gateway did not answer."""
    call = run(scope, partial(wanted_refund, refund=refund, due=due))
    if call is None:
        return True
    said = call.perform()
    run(scope, partial(noted_refund, refund=refund, said=said))
    return not said.silent


def drive_due(scope: Scope) -> int:
    """Go on with what is due in `scope`; returns how many that were.

    Where the gateway does not answer, the others are left for later, so that it holds up no other tenant.
    """
    with unit(scope) as reading:
        payments, going_back = due_ids(reading, Payment, BATCH), due_ids(reading, Refund, BATCH)
    done = 0
    for payment in payments:
        done += 1
        if not drive_payment(scope, payment, due=True):
            return done
    for refund in going_back:
        done += 1
        if not drive_refund(scope, refund, due=True):
            return done
    return done


def wanted_payment(opened: Unit, payment: uuid.UUID, *, due: bool = False, search: bool = True) -> PaymentCall | None:
    """What to ask about a payment now, leased to the asker; None where nothing is to be asked, or not by this one."""
    bill, known = _payment(opened, payment)
    if due and (known.due_at is None or known.due_at > opened.now):
        return None
    step = payment_step(opened, known)
    if step is Step.FIND and not search:
        return None
    known.due_at = opened.now + LEASE if step else None
    if step is None:
        return None
    return PaymentCall(
        step, reach(opened, known.account_id), str(payment_id(known)), str(bill_id(bill)), known.amount, known.currency,
        known.method, known.card, known.return_url, known.channel_id or "", known.created_at,
        opened.now - known.created_at,
    )  # fmt: skip


def noted_payment(opened: Unit, payment: uuid.UUID, call: PaymentCall, said: Said) -> bool:
    """Note what was said; True where the next step can be taken at once."""
    if said.fact:
        apply_channel_fact(opened, said.fact)
    bill, known = _payment(opened, payment)
    if call.step is Step.CONFIRM and not said.silent:
        known.confirmed = True
    if said.refusal and call.step is not Step.ASK and not _settled(known, call.step):
        move_payment(opened, bill, known, PaymentState.FAILED, said.refusal)
    if said.doubt and moves(known.state, PaymentState.UNKNOWN):
        move_payment(opened, bill, known, PaymentState.UNKNOWN)
    known.tries += 1
    reschedule_payment(opened, known)
    following = payment_step(opened, known)
    return not said.silent and following is not None and following is not Step.ASK and following is not call.step


def _settled(known: Payment, step: Step) -> bool:
    """Whether a refusal of `step` is no news: it came too late, or was about ending what has not ended yet."""
    begun = known.state not in (PaymentState.CREATED, PaymentState.UNKNOWN)
    return begun or step is Step.CANCEL


def wanted_refund(opened: Unit, refund: uuid.UUID, *, due: bool = False) -> RefundCall | None:
    """What to ask about a refund now, leased to the asker; None where nothing is to be asked."""
    _, payment, known = _refund(opened, refund)
    if due and (known.due_at is None or known.due_at > opened.now):
        return None
    step = refund_step(opened, known)
    known.due_at = opened.now + LEASE if step else None
    if step is None:
        return None
    return RefundCall(
        step, reach(opened, payment.account_id), str(refund_id(known)), known.amount, payment.channel_id or "",
        known.channel_id or "", known.created_at, opened.now - known.created_at,
    )  # fmt: skip


def noted_refund(opened: Unit, refund: uuid.UUID, said: Said) -> None:
    """Note what was said of a refund."""
    if said.fact:
        apply_channel_fact(opened, said.fact)
    bill, payment, known = _refund(opened, refund)
    if said.refusal and known.channel_id is None and refunds.moves(known.state, RefundState.FAILED):
        move_refund(opened, bill, payment, known, RefundState.FAILED, said.refusal)
    if said.doubt and known.state == RefundState.REQUESTED:
        move_refund(opened, bill, payment, known, RefundState.UNKNOWN)
    known.tries += 1
    reschedule_refund(opened, known)


def _payment(opened: Unit, payment: uuid.UUID) -> tuple[Bill, Payment]:
    held = locked_payment(opened, payment)
    if held is None:
        raise LookupError("a payment vanished")
    return held


def _refund(opened: Unit, refund: uuid.UUID) -> tuple[Bill, Payment, Refund]:
    held = locked_refund(opened, refund)
    if held is None:
        raise LookupError("a refund vanished")
    return held
