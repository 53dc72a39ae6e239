"""Webhook endpoints, dead letters, and the feed."""

from typing import Any

from flask import current_app
from flask_smorest import Blueprint

from app.core.errors import Forbidden
from app.core.send.models import Delivery, Endpoint
from app.edge.endpoint import Call, endpoint
from app.edge.paging import Page, PageQuery, page_of
from app.edge.paths import own_id
from tenants.names import DELIVERY_ID, ENDPOINT_ID, OUTSIDE, PUBLIC_TYPES
from tenants.queries import deliveries, endpoints
from tenants.service import deliveries as service
from tenants.service import feed, webhooks
from tenants.webhook_schemas import (
    DeliveriesQuery,
    DeliveryOut,
    DeliveryToldOut,
    EndpointIn,
    EndpointOut,
    EndpointSecretOut,
    FeedOut,
    FeedQuery,
    RotationIn,
)

blueprint = Blueprint("webhooks", __name__, description="Hearing the tenant's events")


@endpoint(
    blueprint, "POST", "/webhook-endpoints",
    permission="webhooks.manage", body=EndpointIn, answer=EndpointSecretOut, status=201, secret_fields=("secret",),
)  # fmt: skip
def create(call: Call, body: dict[str, Any]) -> webhooks.Made:
    """Register an endpoint; it hears nothing until it is verified. Keep the secret, it is shown this once.

    Needs `events.read` too: an endpoint hears what the feed shows.
    """
    _refuse_deaf(call)
    policy = current_app.extensions[OUTSIDE].policy
    return webhooks.create(call.principal.scope, _subscription(body), policy, call.by, call.effect)


@endpoint(
    blueprint, "PUT", "/webhook-endpoints/<endpoint_id>",
    permission="webhooks.manage", body=EndpointIn, answer=EndpointOut, if_match=True,
)  # fmt: skip
def change(call: Call, body: dict[str, Any], endpoint_id: str) -> Endpoint:
    """Change what an endpoint hears, at once, and where.

    A new address of an active endpoint waits as `next_url` until it is verified; the former one hears until then.
    Needs `events.read` too.
    """
    _refuse_deaf(call)
    known = own_id(endpoint_id, ENDPOINT_ID, call.principal.scope)
    policy = current_app.extensions[OUTSIDE].policy
    return webhooks.change(known, call.if_match, _subscription(body), policy, call.by, call.effect)


@endpoint(
    blueprint, "POST", "/webhook-endpoints/<endpoint_id>/secret-rotation",
    permission="webhooks.manage", body=RotationIn, answer=EndpointSecretOut, secret_fields=("secret",),
    fresh=True,  # of people: a tenant's system, which may hold this permission, is proved by its credentials
)  # fmt: skip
def rotate(call: Call, body: dict[str, Any], endpoint_id: str) -> webhooks.Made:
    """Give an endpoint a new secret; both sign for 24 hours. Keep it, it is shown this once.

    Refused while a former secret still signs, unless forced: then that one ends at once.
    """
    known = own_id(endpoint_id, ENDPOINT_ID, call.principal.scope)
    return webhooks.rotate(known, body["force"], call.by, call.effect)


@endpoint(blueprint, "DELETE", "/webhook-endpoints/<endpoint_id>", permission="webhooks.manage", answer=EndpointOut)
def delete(call: Call, endpoint_id: str) -> Endpoint:
    """Delete an endpoint and its secret for good; its deliveries stay readable."""
    known = own_id(endpoint_id, ENDPOINT_ID, call.principal.scope)
    return webhooks.delete(known, call.by, call.effect)


@endpoint(
    blueprint, "GET", "/webhook-endpoints", permission="webhooks.manage", query=PageQuery, answer=page_of(EndpointOut)
)
def listed(call: Call, query: dict[str, Any]) -> Page[Endpoint]:
    """The tenant's endpoints."""
    return endpoints(call.principal.scope, query)


@endpoint(
    blueprint, "POST", "/webhook-endpoints/<endpoint_id>/verification",
    permission="webhooks.manage", answer=EndpointOut,
    idempotent_by="asking again sends another challenge and changes nothing else",
)  # fmt: skip
def verify(call: Call, endpoint_id: str) -> Endpoint:
    """Send the challenge; the endpoint answers 2xx with `{"nonce": ...}` and hears events from then on.

    Needs `events.read` too.
    """
    _refuse_deaf(call)
    known = own_id(endpoint_id, ENDPOINT_ID, call.principal.scope)
    return webhooks.verify(call.principal.scope, known, current_app.extensions[OUTSIDE], call.by)


@endpoint(
    blueprint, "POST", "/webhook-endpoints/<endpoint_id>/disabling",
    permission="webhooks.manage", answer=EndpointOut,
)  # fmt: skip
def disable(call: Call, endpoint_id: str) -> Endpoint:
    """Send nothing more to the endpoint."""
    known = own_id(endpoint_id, ENDPOINT_ID, call.principal.scope)
    return webhooks.disable(call.principal.scope, known, call.by, call.effect)


@endpoint(
    blueprint, "GET", "/deliveries",
    permission="webhooks.manage", query=DeliveriesQuery, answer=page_of(DeliveryOut),
)  # fmt: skip
def dead_letters(call: Call, query: dict[str, Any]) -> Page[Delivery]:
    """Deliveries by state, newest first; dead letters unless another state is asked for."""
    return deliveries(call.principal.scope, query)


@endpoint(blueprint, "GET", "/deliveries/<delivery_id>", permission="webhooks.manage", answer=DeliveryToldOut)
def delivery(call: Call, delivery_id: str) -> service.Told:
    """A delivery and what came of each attempt."""
    known = own_id(delivery_id, DELIVERY_ID, call.principal.scope)
    return service.delivery_of(call.principal.scope, known.id, call.by)


@endpoint(blueprint, "POST", "/deliveries/<delivery_id>/resending", permission="webhooks.manage", answer=DeliveryOut)
def resend(call: Call, delivery_id: str) -> Delivery:
    """Send a dead letter again, under the same `webhook-id`."""
    known = own_id(delivery_id, DELIVERY_ID, call.principal.scope)
    return service.resend_delivery(call.principal.scope, known.id, call.by, call.effect)


@endpoint(blueprint, "GET", "/events", permission="events.read", query=FeedQuery, answer=FeedOut)
def events(call: Call, query: dict[str, Any]) -> feed.Feed:
    """The tenant's events after a number: what a receiver that was away catches up with."""
    public = current_app.extensions[PUBLIC_TYPES]
    return feed.events(call.principal.scope, query["after"], query["limit"], public, call.by)


def _subscription(body: dict[str, Any]) -> webhooks.Subscription:
    return webhooks.Subscription(body["url"], body["types"], current_app.extensions[PUBLIC_TYPES])


def _refuse_deaf(call: Call) -> None:
    """Raise Forbidden for somebody who may not read events: no endpoint of theirs may hear them either."""
    if not call.principal.may("events.read"):
        raise Forbidden("an endpoint hears events: this needs the permission events.read")
