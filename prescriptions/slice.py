"""What the prescriptions slice hands to the factory."""

from app.edge.slice import Slice
from prescriptions.closing import CLOSING
from prescriptions.counting_timer import COUNTING
from prescriptions.endpoints import (
    counting,
    dispensing,
    formulary,
    orders,
    owning,
    prescribing,
    products,
    reviews,
    routing,
)
from prescriptions.expiry_timer import EXPIRY
from prescriptions.exporting import CONTRIBUTION
from prescriptions.forgetting import FORGETTING
from prescriptions.handlers import following
from prescriptions.handlers import orders as order_relays
from prescriptions.handlers import prescribing as showing
from prescriptions.names import EVENTS, ORDER_EVENTS
from prescriptions.order_timers import ORDER_TIMERS
from prescriptions.purposes import PURPOSES
from prescriptions.shipments.endpoints import carrying, shipping
from prescriptions.shipments.names import SHIPMENT_EVENTS
from prescriptions.shipments.purposes import SHIPMENT_PURPOSES
from prescriptions.shipments.timers import SHIPMENT_TIMERS

SLICE = Slice(
    "prescriptions",
    blueprints=(
        formulary.blueprint, prescribing.blueprint, reviews.blueprint, owning.blueprint,
        products.blueprint, routing.blueprint, orders.blueprint, dispensing.blueprint, counting.blueprint,
        shipping.blueprint, carrying.blueprint,
    ),
    handlers={**showing.HANDLERS, **order_relays.HANDLERS, **following.HANDLERS},
    events={**EVENTS, **ORDER_EVENTS, **SHIPMENT_EVENTS},
    exports=CONTRIBUTION, closing=CLOSING,
    timers=(EXPIRY, *ORDER_TIMERS, *SHIPMENT_TIMERS, FORGETTING, COUNTING),
    purposes=(*PURPOSES, *SHIPMENT_PURPOSES),
)  # fmt: skip
