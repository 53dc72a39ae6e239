"""Webhook endpoints of a tenant: made, proven, changed, given new secrets, disabled and deleted."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from app.core.crypto import CannotDecrypt
from app.core.errors import Fault, InvalidInput, NotFound, WrongState
from app.core.http import DestinationRefused, Policy, check_url
from app.core.ids import PublicId, new_id
from app.core.journal.record import record
from app.core.scope import Scope
from app.core.send.models import Endpoint, EndpointState
from app.core.send.secrets import Secrets, new_secret, open_secrets, seal_secret, seal_secrets
from app.core.unit import Caller, Effect, Unit, run, unit
from app.core.versions import expect_version
from tenants.names import ENDPOINT_ID
from tenants.service.profiles import profile_of
from tenants.service.proving import Outside, prove

MOST_ENDPOINTS = 10
IN_USE = (EndpointState.UNVERIFIED, EndpointState.ACTIVE)


@dataclass(frozen=True)
class Made:
    """An endpoint and its fresh signing secret, shown this once."""

    endpoint: Endpoint
    secret: str = field(repr=False)
    former_until: datetime | None = None
    """Until when the former secret signs too."""


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
    """Ask the endpoint to prove itself, at its new address where it has one, and let it hear events there.

    It gets a signed POST with a nonce and answers with `{"nonce": ...}` (status 2xx, within `PROOF_SECONDS`).
    Raises WrongState `endpoint_unproven` when it does not, `endpoint_changed` where it was changed while it was asked,
    `too_many_endpoints` where a disabled one has no place any more, `secret_unreadable` where nothing can be signed,
    TryLater while too many, or another of this tenant, are asked; safe to ask again.
    """
    with unit(scope, by) as reading:
        endpoint = _known(reading, endpoint_id)
        signing = _readable(reading, endpoint).signing(reading.now)
    prove(scope, endpoint.next_url or endpoint.url, signing, outside)

    def work(opened: Unit) -> Endpoint:
        if endpoint.state == EndpointState.DISABLED:
            _refuse_too_many(opened)
        now = _known(opened, endpoint_id, lock=True)
        if now.version != endpoint.version:
            raise WrongState("the endpoint was changed meanwhile", code="endpoint_changed")
        return _proven(opened, now)

    return run(scope, work, by)


def change(
    endpoint_id: PublicId, version: int | None, wanted: Subscription, policy: Policy, by: Caller, effect: Effect | None
) -> Endpoint:
    """Have the endpoint hear other types, at once, and at another address from the moment that it has proven itself.

    Until then what is active goes on at the former address; asking for that one again takes the wish back. One that
    hears nothing yet gets its new address at once. Raises NotFound, PreconditionFailed, InvalidInput.
    """
    address = _checked(wanted.url, policy)
    _refuse_unknown(wanted)

    def work(opened: Unit) -> Endpoint:
        endpoint = _known(opened, endpoint_id, lock=True)
        expect_version(endpoint, version)
        endpoint.types, endpoint.next_url = sorted(set(wanted.types)), None
        if endpoint.state != EndpointState.ACTIVE:
            endpoint.url = address
        elif address != endpoint.url:
            endpoint.next_url = address
        endpoint.version += 1
        record(opened, "webhook_endpoint.changed", subject(endpoint), endpoint.version, {"types": endpoint.types})
        return endpoint

    return run(endpoint_id.scope, work, by, effect=effect)


def rotate(endpoint_id: PublicId, force: bool, by: Caller, effect: Effect | None) -> Made:
    """Give the endpoint a new signing secret, beside which the present one signs for `BOTH_SIGN`.

    Raises NotFound, and WrongState `secret_rotated_recently` while a former one still signs, unless `force`: that one
    ends at once then. A secret that cannot be read is replaced, and signs no more.
    """

    def work(opened: Unit) -> Made:
        endpoint = _known(opened, endpoint_id, lock=True)
        fresh = _rotated(opened, endpoint, force)
        endpoint.secret = seal_secrets(opened.cipher, opened.scope, endpoint.id, fresh)
        endpoint.version += 1
        record(opened, "webhook_endpoint.secret_rotated", subject(endpoint), endpoint.version, {"forced": force})
        return Made(endpoint, fresh.current, fresh.until)

    return run(endpoint_id.scope, work, by, effect=effect)


def delete(endpoint_id: PublicId, by: Caller, effect: Effect | None = None) -> Endpoint:
    """Forget the endpoint and its secret for good; what waits for it is canceled when its turn comes.

    Raises NotFound, also where it was deleted before.
    """

    def work(opened: Unit) -> Endpoint:
        endpoint = _known(opened, endpoint_id, lock=True)
        endpoint.secret, endpoint.next_url = b"", None
        return _moved(opened, endpoint, EndpointState.DELETED)

    return run(endpoint_id.scope, work, by, effect=effect)


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
    living = opened.select(Endpoint).where(Endpoint.state != EndpointState.DELETED)
    made = living.where(Endpoint.created_by == maker).order_by(Endpoint.id)
    for endpoint in opened.all(made.with_for_update()):
        _moved(opened, endpoint, EndpointState.DISABLED)


def subject(endpoint: Endpoint) -> PublicId:
    """An endpoint's public id."""
    return PublicId(ENDPOINT_ID, Scope.for_tenant(endpoint.tenant_id), endpoint.id)


def _refuse_too_many(opened: Unit) -> None:
    """Raise WrongState where no further endpoint has a place; until the unit ends nobody else takes the last one."""
    profile_of(opened, lock=True)
    in_use = opened.all(opened.select(Endpoint).where(Endpoint.state.in_(IN_USE)))
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
    if endpoint is None or endpoint.state == EndpointState.DELETED:
        raise NotFound
    return endpoint


def _readable(opened: Unit, endpoint: Endpoint) -> Secrets:
    try:
        return open_secrets(opened.cipher, opened.scope, endpoint.id, endpoint.secret)
    except CannotDecrypt as error:
        raise WrongState("the endpoint's secret cannot be read: rotate it", code="secret_unreadable") from error


def _rotated(opened: Unit, endpoint: Endpoint, force: bool) -> Secrets:
    try:
        present = open_secrets(opened.cipher, opened.scope, endpoint.id, endpoint.secret)
    except CannotDecrypt:
        return Secrets(new_secret())
    if present.is_rotating(opened.now) and not force:
        raise WrongState("a former secret still signs: wait, or force it", code="secret_rotated_recently")
    return present.rotated(opened.now)


def _proven(opened: Unit, endpoint: Endpoint) -> Endpoint:
    if endpoint.next_url is None:
        return _moved(opened, endpoint, EndpointState.ACTIVE)
    endpoint.url, endpoint.next_url, endpoint.state = endpoint.next_url, None, EndpointState.ACTIVE
    endpoint.version += 1
    record(opened, "webhook_endpoint.moved", subject(endpoint), endpoint.version, {})
    return endpoint


def _moved(opened: Unit, endpoint: Endpoint, state: EndpointState) -> Endpoint:
    if endpoint.state != state:
        endpoint.state = state
        endpoint.version += 1
        record(opened, f"webhook_endpoint.{state.value}", subject(endpoint), endpoint.version, {})
    return endpoint
