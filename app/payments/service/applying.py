"""The one function that applies what a gateway said, whatever brought it.

A fact is keyed by the gateway's own transaction: the intent or the refund, and the state that it reached. The same one
twice, by another event, another way or at the same moment, moves money once.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

import structlog

from app.core.ids import new_id
from app.core.unit import Unit
from app.payments.facts import ChannelFact, Kind, Source, row_of
from app.payments.models import GatewayFact, Payment, Refund
from app.payments.repository import locked_payment, locked_refund, payments_told, refunds_told, refused_before
from app.payments.rules import payments, refunds
from app.payments.service.moving import move_payment, move_refund

LOOK_AGAIN = timedelta(minutes=1)
LOOK_FOR = timedelta(hours=1)
"""How long a fact that is about nothing of ours is held against what becomes known later."""
log = structlog.get_logger()


class Verdict(StrEnum):
    """What came of a fact. `repeated` changes nothing; `refused` contradicts what was agreed and is an alarm."""

    RECEIVED = "received"
    APPLIED = "applied"
    REPEATED = "repeated"
    REFUSED = "refused"
    UNMATCHED = "unmatched"
    IGNORED = "ignored"


@dataclass(frozen=True)
class Outcome:
    """A verdict and, for a refusal, what contradicts."""

    verdict: Verdict
    reason: str | None = None


def apply_channel_fact(unit: Unit, fact: ChannelFact, row: GatewayFact | None = None) -> Verdict:
    """Apply `fact` in its tenant's unit and keep what came of it; `row` is where it was stored when it came.

    A fact that contradicts amount, currency, account, intent or payment changes nothing: it is kept as evidence and
    logged as an alarm. One about nothing that we know is kept and looked at again.
    """
    outcome = _outcome(unit, fact)
    _keep(unit, fact, outcome, row)
    return outcome.verdict


def _outcome(unit: Unit, fact: ChannelFact) -> Outcome:
    if fact.state is None or fact.kind is Kind.OTHER:
        return Outcome(Verdict.IGNORED)
    return _to_payment(unit, fact, fact.state) if fact.kind is Kind.PAYMENT else _to_refund(unit, fact, fact.state)


def _to_payment(unit: Unit, fact: ChannelFact, state: str) -> Outcome:
    found = payments_told(unit, fact.account_id, fact.channel_id, fact.ours(unit.scope))
    held = locked_payment(unit, found[0].id) if found else None
    if held is None:
        return Outcome(Verdict.UNMATCHED)
    bill, payment = held
    reason = "payment" if len(found) > 1 else contradiction(payment, fact)
    if reason:
        return Outcome(Verdict.REFUSED, reason)
    payment.channel_id = fact.channel_id
    if fact.next_action and payment.next_action is None:
        payment.next_action = unit.cipher.seal(fact.next_action, action_place(payment))
    if not payments.moves(payment.state, state):
        return Outcome(Verdict.REPEATED)
    move_payment(unit, bill, payment, state, fact.failure)
    return Outcome(Verdict.APPLIED)


def _to_refund(unit: Unit, fact: ChannelFact, state: str) -> Outcome:
    found = refunds_told(unit, fact.channel_id, fact.ours(unit.scope))
    held = locked_refund(unit, found[0].id) if found else None
    if held is None:
        return Outcome(Verdict.UNMATCHED)
    bill, payment, refund = held
    reason = "refund" if len(found) > 1 else refund_contradiction(payment, refund, fact)
    if reason:
        return Outcome(Verdict.REFUSED, reason)
    refund.channel_id = fact.channel_id
    if not refunds.moves(refund.state, state):
        return Outcome(Verdict.REPEATED)
    move_refund(unit, bill, payment, refund, state, fact.failure)
    return Outcome(Verdict.APPLIED)


def contradiction(payment: Payment, fact: ChannelFact) -> str | None:
    """What of a payment, fixed when it was made, a fact says otherwise."""
    compared = {
        "account": payment.account_id == fact.account_id,
        "intent": payment.channel_id in (None, fact.channel_id),
        "amount": payment.amount == fact.amount,
        "currency": payment.currency == fact.currency,
    }
    return next((name for name, same in compared.items() if not same), None)


def refund_contradiction(payment: Payment, refund: Refund, fact: ChannelFact) -> str | None:
    """What of a refund a fact says otherwise."""
    compared = {
        "account": payment.account_id == fact.account_id,
        "refund": refund.channel_id in (None, fact.channel_id),
        "intent": payment.channel_id == fact.payment_channel_id,
        "amount": refund.amount == fact.amount,
        "currency": payment.currency == fact.currency,
    }
    return next((name for name, same in compared.items() if not same), None)


def action_place(payment: Payment) -> str:
    """The place for which a payment's next action is encrypted."""
    return f"tenant:{payment.tenant_id}/payments/next_action/{payment.id}"


def _keep(unit: Unit, fact: ChannelFact, outcome: Outcome, row: GatewayFact | None) -> None:
    known = row is not None and row.verdict == outcome.verdict
    if row is None:
        if outcome.verdict in (Verdict.REPEATED, Verdict.IGNORED) or _kept_before(unit, fact, outcome):
            return
        row = unit.add(row_of(fact))
        row.id, row.received_at = new_id(), unit.now
    row.verdict, row.reason, row.due_at = outcome.verdict, outcome.reason, None
    if outcome.verdict is Verdict.UNMATCHED and unit.now < row.received_at + LOOK_FOR:
        row.due_at = unit.now + LOOK_AGAIN
    if outcome.verdict in (Verdict.REFUSED, Verdict.UNMATCHED) and not known:
        log.error(f"gateway_fact_{outcome.verdict}", fact=str(row.id), scope=str(unit.scope), reason=outcome.reason)


def _kept_before(unit: Unit, fact: ChannelFact, outcome: Outcome) -> bool:
    """A look-up repeats a contradiction each time: once is evidence enough."""
    return (
        fact.source is Source.ANSWER
        and outcome.verdict is Verdict.REFUSED
        and refused_before(unit, fact.account_id, fact.channel_id, fact.state)
    )
