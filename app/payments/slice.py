"""What the payments slice hands to the factory."""

from app.core.timers import Timer
from app.edge.slice import Slice
from app.payments.closing import CLOSING
from app.payments.endpoints import bills, changes, refunds
from app.payments.exporting import CONTRIBUTION
from app.payments.models import GatewayFact, Payment, Refund
from app.payments.names import EVENTS
from app.payments.service.driving import drive_due
from app.payments.service.hearing import apply_due

SLICE = Slice(
    "payments",
    blueprints=(bills.blueprint, changes.blueprint, refunds.blueprint),
    events=EVENTS,
    exports=CONTRIBUTION,
    closing=CLOSING,
    timers=(
        Timer("gateway_facts", (GatewayFact,), apply_due),
        Timer("gateway_calls", (Payment, Refund), drive_due),
    ),
)
