"""Webhook endpoints of a tenant: made, proven, disabled, and their dead letters sent again."""

import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import orjson

from app.core.errors import Fault, InvalidInput, NotFound, WrongState
from app.core.http import Client, DestinationRefused, OutboundError, Policy, check_url
from app.core.ids import PublicId, new_id
from app.core.journal.record import record
from app.core.outside import Gate
from app.core.scope import Scope
from app.core.send.message import EVENT, SCHEMA_VERSION, headers
from app.core.send.models import Attempt, Delivery, Endpoint, EndpointState
from app.core.send.resend import resend
from app.core.send.secrets import new_secret, open_secret, seal_secret
from app.core.unit import Caller, Effect, Unit, database, run, unit
from tenants.names import DELIVERY_ID, ENDPOINT_ID
from tenants.service.profiles import profile_of

MOST_ENDPOINTS = 10
CHALLENGE = "endpoint.verification"
PROOF_SECONDS = 10.0
"""How long a receiver may take for its proof; somebody waits for it."""
GATE = Gate(2)
_SUCCESS = range(200, 300)


@dataclass(frozen=True)
class Made:
    """A fresh endpoint and its signing secret, shown this once."""

    endpoint: Endpoint
    secret: str


@dataclass(frozen=True)
class Outside:
    """How this process reaches receivers: its client, and the policy that a URL must meet."""

    client: Client
    policy: Policy

    @cached_property
    def asking(self) -> Client:
        """The client that asks for proofs."""
        return Client(self.patience)

    @property
    def patience(self) -> Policy:
        """The policy, with at most `PROOF_SECONDS`."""
        return replace(self.policy, total_timeout=min(self.policy.total_timeout, PROOF_SECONDS))


@dataclass(frozen=True)
class Told:
    """A delivery and its attempts, first to last."""

    delivery: Delivery
    attempts: Sequence[Attempt]


@dataclass(frozen=True)
class Subscription:
    """Where to hear what, and the event types that there are."""

    url: str
    types: Sequence[str]
    known: frozenset[str]


def create(scope: Scope, wanted: Subscription, policy: Policy, by: Caller, effect: Effect | None = None) -> Made:
    """Register an endpoint, which hears nothing until it is verified; raises InvalidInput for a URL not allowed."""
    address = _checked(wanted.url, policy)
    _refuse_unknown(wanted)

    def work(opened: Unit) -> Made:
        _refuse_too_many(opened)
        secret, endpoint_id = new_secret(), new_id()
        endpoint = opened.add(
            Endpoint(
                id=endpoint_id, url=address, types=sorted(set(wanted.types)), state=EndpointState.UNVERIFIED, version=1,
                secret=seal_secret(opened.cipher, scope, endpoint_id, secret), created_at=opened.now,
                created_by=opened.by.actor,
            )
        )  # fmt: skip
        record(opened, "webhook_endpoint.created", subject(endpoint), 1, {"types": endpoint.types})
        return Made(endpoint, secret)

    return run(scope, work, by, effect=effect)


def verify(scope: Scope, endpoint_id: PublicId, outside: Outside, by: Caller) -> Endpoint:
    """Ask the endpoint to prove itself, and let it hear events when it does.

    It gets a signed POST with a nonce and answers with `{"nonce": ...}` (status 2xx, within `PROOF_SECONDS`).
    Raises WrongState `endpoint_unproven` when it does not, `endpoint_changed` where it was changed while it was asked,
    `too_many_endpoints` where a disabled one has no place any more, TryLater while too many, or another of this tenant,
    are asked; safe to ask again.
    """
    with unit(scope, by) as reading:
        endpoint = _known(reading, endpoint_id)
        secret = open_secret(reading.cipher, scope, endpoint.id, endpoint.secret)
    with GATE.passed(scope):
        _prove(endpoint, secret, outside)

    def work(opened: Unit) -> Endpoint:
        if endpoint.state == EndpointState.DISABLED:
            _refuse_too_many(opened)
        now = _known(opened, endpoint_id, lock=True)
        if now.version != endpoint.version:
            raise WrongState("the endpoint was changed meanwhile", code="endpoint_changed")
        return _moved(opened, now, EndpointState.ACTIVE)

    return run(scope, work, by)


def disable(scope: Scope, endpoint_id: PublicId, by: Caller, effect: Effect | None = None) -> Endpoint:
    """Send nothing more to the endpoint; what waits is canceled when its turn comes."""
    return run(
        scope,
        lambda opened: _moved(opened, _known(opened, endpoint_id, lock=True), EndpointState.DISABLED),
        by,
        effect=effect,
    )


def disable_made_by(opened: Unit, maker: str) -> None:
    """Disable what the actor `maker` made: nothing goes on being told to somebody who may no longer ask."""
    made = opened.select(Endpoint).where(Endpoint.created_by == maker).order_by(Endpoint.id)
    for endpoint in opened.all(made.with_for_update()):
        _moved(opened, endpoint, EndpointState.DISABLED)


def subject(endpoint: Endpoint) -> PublicId:
    """An endpoint's public id."""
    return PublicId(ENDPOINT_ID, Scope.for_tenant(endpoint.tenant_id), endpoint.id)


def delivery_of(scope: Scope, delivery_id: uuid.UUID) -> Told:
    """A delivery with its attempts; raises NotFound."""
    with unit(scope) as reading:
        delivery = reading.get(Delivery, delivery_id)
        if delivery is None:
            raise NotFound
        attempts = reading.select(Attempt).where(Attempt.delivery_id == delivery_id)
        return Told(delivery, reading.all(attempts.order_by(Attempt.number)))


def resend_delivery(scope: Scope, delivery_id: uuid.UUID, by: Caller, effect: Effect | None = None) -> Delivery:
    """Send a dead letter again; raises NotFound and WrongState."""

    def work(opened: Unit) -> Delivery:
        delivery = resend(opened, delivery_id)
        record(opened, "delivery.resent", PublicId(DELIVERY_ID, scope, delivery.id), delivery.tries + 1, {})
        return delivery

    return run(scope, work, by, effect=effect)


def _refuse_too_many(opened: Unit) -> None:
    """Raise WrongState where no further endpoint has a place; until the unit ends nobody else takes the last one."""
    profile_of(opened, lock=True)
    in_use = opened.all(opened.select(Endpoint).where(Endpoint.state != EndpointState.DISABLED))
    if len(in_use) >= MOST_ENDPOINTS:
        raise WrongState(f"a tenant has at most {MOST_ENDPOINTS} endpoints in use", code="too_many_endpoints")


def _refuse_unknown(wanted: Subscription) -> None:
    unknown = sorted(set(wanted.types) - wanted.known)
    if unknown:
        fault = Fault("/types", "unknown_event_type", "one of: " + ", ".join(sorted(wanted.known)))
        raise InvalidInput("there are no events of this type", faults=(fault,))


def _checked(url: str, policy: Policy) -> str:
    try:
        return check_url(url, policy).url
    except DestinationRefused as refused:
        fault = Fault("/url", f"destination_{refused.reason}", str(refused))
        raise InvalidInput("this URL cannot be an endpoint", faults=(fault,)) from refused


def _known(opened: Unit, endpoint_id: PublicId, *, lock: bool = False) -> Endpoint:
    endpoint = opened.get(Endpoint, endpoint_id.id, lock=lock)
    if endpoint is None:
        raise NotFound
    return endpoint


def _moved(opened: Unit, endpoint: Endpoint, state: EndpointState) -> Endpoint:
    if endpoint.state != state:
        endpoint.state = state
        endpoint.version += 1
        record(opened, f"webhook_endpoint.{state.value}", subject(endpoint), endpoint.version, {})
    return endpoint


def _prove(endpoint: Endpoint, secret: str, outside: Outside) -> None:
    # an id of its own each time: a receiver that takes every message once must see each challenge
    nonce, message_id = secrets.token_urlsafe(24), str(PublicId(EVENT, subject(endpoint).scope, new_id()))
    body = orjson.dumps({"type": CHALLENGE, "schema_version": SCHEMA_VERSION, "data": {"nonce": nonce}})
    signed = headers(message_id, body, database().clock.now(), [secret])
    try:
        with outside.asking as client:  # keeps no connection: receivers are asked once in a long while
            reply = client.send("POST", endpoint.url, headers=signed, body=body)
    except OutboundError as error:
        raise _unproven(error.code) from error
    if reply.status not in _SUCCESS:
        raise _unproven(f"status {reply.status}")
    if _echoed(reply.body) != nonce:
        raise _unproven("another nonce, or none")


def _echoed(body: bytes) -> object:
    try:
        return orjson.loads(body).get("nonce")
    except (ValueError, AttributeError):
        return None


def _unproven(why: str) -> WrongState:
    return WrongState(f"the endpoint did not answer with the nonce: {why}", code="endpoint_unproven")
