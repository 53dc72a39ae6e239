"""Refunds: taken at once, paid out or failed a moment later. Callers hold the state's lock."""

from __future__ import annotations

from deploy.sandbox.gateway import money, params
from deploy.sandbox.gateway.clockwork import Clockwork
from deploy.sandbox.gateway.errors import InvalidParameter, StateRefused
from deploy.sandbox.gateway.events import Announcer
from deploy.sandbox.gateway.faults import FaultBoard, Subject
from deploy.sandbox.gateway.intents import Call
from deploy.sandbox.gateway.state import Account, Json, State, new_id, now

PAY_OUT_SECONDS = 0.05
REASONS = (None, "duplicate", "fraudulent", "requested_by_customer")


class Refunds:
    """All operations on refunds."""

    def __init__(self, state: State, announcer: Announcer, faults: FaultBoard, clockwork: Clockwork) -> None:
        self._state, self._announcer, self._faults, self._clockwork = state, announcer, faults, clockwork

    def create(self, call: Call) -> Json:
        """A pending refund of part or all of what was captured and is not yet refunded or promised."""
        params.only(call.params, "payment_intent", "amount", "reason", "metadata")
        intent = call.account.intent(params.required(call.params, "payment_intent"))
        refund = _new(call.params, intent, _refundable(call.account, intent))
        call.account.refunds[refund["id"]] = refund
        self._announcer.announce(call.account, "refund.created", refund, intent, call.key)
        self._clockwork.after(PAY_OUT_SECONDS, lambda: self._pay_out(call.account, refund, intent))
        return refund

    def _pay_out(self, account: Account, refund: Json, intent: Json) -> None:
        with self._state.lock:
            if self._faults.take("refund_fail", Subject.of(intent)):
                refund |= {"status": "failed", "failure_reason": "declined"}
                self._announcer.announce(account, "refund.failed", refund, intent)
            else:
                self._succeed(account, refund, intent)
            self._announcer.announce(account, "refund.updated", refund, intent)

    def _succeed(self, account: Account, refund: Json, intent: Json) -> None:
        entry = money.enter(account, "refund", refund["id"], -refund["amount"], 0, refund["currency"])
        refund |= {"status": "succeeded", "balance_transaction": entry}
        charge = account.charges[refund["charge"]]
        charge["amount_refunded"] += refund["amount"]
        charge["refunded"] = charge["amount_refunded"] == charge["amount"]
        self._announcer.announce(account, "charge.refunded", charge, intent)


def _refundable(account: Account, intent: Json) -> int:
    """Fen that may still go back: captured, less what went or is on its way."""
    if intent["status"] != "succeeded":
        raise StateRefused(
            f"PaymentIntent {intent['id']} has no successful charge to refund",
            code="payment_intent_unexpected_state",
            param="payment_intent",
        )
    counted = (r for r in account.refunds.values() if r["payment_intent"] == intent["id"])
    given: int = sum(r["amount"] for r in counted if r["status"] != "failed")
    return int(intent["amount_received"]) - given


def _new(wish: Json, intent: Json, refundable: int) -> Json:
    if refundable == 0:
        raise StateRefused("All of the charge is refunded already", code="charge_already_refunded")
    amount = params.amount(wish) if "amount" in wish else refundable
    if amount > refundable:
        raise StateRefused(
            f"The refund of {amount} exceeds the {refundable} that remain",
            code="amount_too_large",
            param="amount",
        )
    reason = params.text(wish, "reason")
    if reason not in REASONS:
        raise InvalidParameter("Invalid reason", param="reason")
    return {
        "id": new_id("re"),
        "object": "refund",
        "amount": amount,
        "balance_transaction": None,
        "charge": intent["latest_charge"],
        "created": now(),
        "currency": intent["currency"],
        "metadata": params.metadata(wish),
        "payment_intent": intent["id"],
        "reason": reason,
        "status": "pending",
    }
