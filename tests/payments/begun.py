"""One payment of a shop: as it is here, as the gateway has it, and what webhooks would say of it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from app.core.ids import PublicId
from app.payments.gateway import PaymentIntent
from app.payments.models import Payment, Refund
from tests.core.journal.scenes import rows

if TYPE_CHECKING:
    from tests.payments.shop import Shop


@dataclass(frozen=True)
class Begun:
    """A payment of a shop."""

    shop: "Shop"
    id: PublicId

    @property
    def row(self) -> Payment:
        """The payment as it is now."""
        found: Payment = next(row for row in self.shop.rows(Payment) if row.id == self.id.id)
        return found

    @property
    def state(self) -> str:
        """Its state now."""
        return self.row.state

    @property
    def intent(self) -> str:
        """The gateway's id of it."""
        found = self.row.channel_id
        assert found
        return found

    def at_gateway(self) -> PaymentIntent:
        """What the gateway says of it."""
        found: PaymentIntent = self.shop.client().payment_intents.retrieve(self.intent)
        return found

    def phone(self, outcome: str = "succeed") -> int:
        """The payer acts in their wallet; returns the gateway's status."""
        return self.shop.sandbox.pay(self.intent, outcome).status_code

    def told(self, status: str, **changes: Any) -> dict[str, Any]:
        """What an event would say of it."""
        row = self.row
        received = row.amount if status == "succeeded" else 0
        return {
            "object": "payment_intent", "id": row.channel_id or "pi_not_known_yet", "status": status,
            "amount": row.amount, "amount_received": received, "currency": "cny",
            "created": int(datetime.now(UTC).timestamp()), "metadata": {"payment": str(self.id)}, **changes,
        }  # fmt: skip

    def refund_told(self, refund: Refund, status: str, **changes: Any) -> dict[str, Any]:
        """What an event would say of a refund of it."""
        return {
            "object": "refund", "id": refund.channel_id or "re_not_known_yet", "status": status,
            "amount": refund.amount, "currency": "cny", "payment_intent": self.row.channel_id,
            "created": int(datetime.now(UTC).timestamp()),
            "metadata": {"refund": str(PublicId("ref", self.shop.tenant, refund.id))}, **changes,
        }  # fmt: skip

    def age(self, by: timedelta) -> None:
        """Make it so much older."""
        query = "UPDATE payments SET created_at = created_at - %s WHERE tenant_id = %s AND id = %s"
        rows(self.shop.platform, query, by, self.shop.tenant.tenant, self.id.id)
