"""Sending a dead letter once more."""

import uuid

from app.core.errors import NotFound, WrongState
from app.core.send.models import Delivery, DeliveryState, Endpoint, EndpointState
from app.core.unit import Unit


def resend(unit: Unit, delivery_id: uuid.UUID) -> Delivery:
    """Have an exhausted delivery tried once more, now, under the same `webhook-id`; the try is an attempt like others.

    Raises NotFound for an unknown delivery, WrongState for one that is not exhausted or whose endpoint is not active.
    """
    delivery = unit.get(Delivery, delivery_id, lock=True)
    if delivery is None:
        raise NotFound
    if delivery.state != DeliveryState.EXHAUSTED:
        raise WrongState("only an exhausted delivery is sent again", code="delivery_not_exhausted")
    endpoint = unit.get(Endpoint, delivery.endpoint_id)
    if endpoint is None or endpoint.state != EndpointState.ACTIVE:
        raise WrongState("the endpoint hears nothing at present", code="endpoint_not_active")
    delivery.state, delivery.due_at = DeliveryState.PENDING, unit.now
    return delivery
