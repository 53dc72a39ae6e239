"""How an attempt to pay goes on: under way, succeeded, failed. Callers hold the state's lock."""

from __future__ import annotations

from deploy.sandbox.gateway import money
from deploy.sandbox.gateway.clockwork import Clockwork
from deploy.sandbox.gateway.errors import StateRefused
from deploy.sandbox.gateway.events import Announcer
from deploy.sandbox.gateway.faults import FaultBoard, Subject
from deploy.sandbox.gateway.state import Account, Json, State

# How long a wallet's payment is under way when nothing is set on the dial, in seconds.
SETTLE_SECONDS = 0.05


def must_be(intent: Json, allowed: tuple[str, ...], wish: str) -> None:
    """Refuse what the intent's status does not allow."""
    if intent["status"] not in allowed:
        raise StateRefused(
            f"This PaymentIntent cannot be {wish}: its status is {intent['status']}",
            code="payment_intent_unexpected_state",
            payment_intent=dict(intent),
        )


class Progress:
    """Moves intents through an attempt and tells of each step."""

    def __init__(self, state: State, announcer: Announcer, faults: FaultBoard, clockwork: Clockwork) -> None:
        self._state, self._announcer, self._faults, self._clockwork = state, announcer, faults, clockwork

    def declines(self, intent: Json) -> bool:
        """Whether the dial turns this attempt down."""
        return self._faults.take("decline", Subject.of(intent))

    def is_late(self, intent: Json) -> bool:
        """Whether the dial lets the money of this intent arrive late."""
        return self._faults.late_success(Subject.of(intent)) > 0

    def payer_acts(self, account: Account, intent: Json, agrees: bool) -> None:
        """The payer's yes or no in their wallet."""
        must_be(intent, ("requires_action",), "paid")
        kind = "alipay" if intent["next_action"]["type"].startswith("alipay") else "wechat_pay"
        if agrees and not self.declines(intent):
            self.under_way(account, intent, kind)
        else:
            self.fail(account, intent, "payment_method_provider_decline")

    def under_way(self, account: Account, intent: Json, kind: str, key: str | None = None) -> None:
        """The payer agreed; the money comes a moment later, or when the dial says."""
        intent |= {"status": "processing", "next_action": None}
        self.tell(account, "processing", intent, key)
        seconds = self._faults.late_success(Subject.of(intent)) or SETTLE_SECONDS
        self._clockwork.after(seconds, lambda: self._settle(account, intent, kind))

    def succeed(self, account: Account, intent: Json, kind: str, key: str | None = None) -> None:
        """The money is there."""
        intent |= {
            "status": "succeeded",
            "amount_received": intent["amount"],
            "latest_charge": money.charge(account, intent, kind)["id"],
            "next_action": None,
            "last_payment_error": None,
        }
        self.tell(account, "succeeded", intent, key)

    def fail(
        self,
        account: Account,
        intent: Json,
        code: str,
        decline_code: str | None = None,
        key: str | None = None,
    ) -> None:
        """The attempt failed; another may follow."""
        error = {
            "type": "card_error",
            "code": code,
            "decline_code": decline_code,
            "message": "The payment failed.",
        }
        intent |= {"status": "requires_payment_method", "next_action": None, "last_payment_error": error}
        self.tell(account, "payment_failed", intent, key)

    def tell(self, account: Account, what: str, intent: Json, key: str | None) -> None:
        """Announce ``payment_intent.<what>``."""
        self._announcer.announce(account, f"payment_intent.{what}", intent, intent, key)

    def _settle(self, account: Account, intent: Json, kind: str) -> None:
        with self._state.lock:
            self.succeed(account, intent, kind)
