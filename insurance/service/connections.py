"""Connections to public schemes: a provider's number, address and key with each."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.dialects.postgresql import insert

from app.core.errors import Fault, InvalidInput, NotFound, WrongState
from app.core.http import DestinationRefused, Policy, check_url
from app.core.ids import PublicId, new_id
from app.core.journal.record import record
from app.core.scope import Scope
from app.core.unit import Caller, Effect, Unit, run, unit
from app.core.versions import expect_version
from app.edge.paging import Keyset, Page
from insurance.connectors.wire import Reach
from insurance.ids import connection_id
from insurance.models import SchemeConnection, Settlement
from insurance.rules.settlements import State
from insurance.service.content import open_former_keys, open_key, seal_former_keys, seal_key
from tenants.api import Kind, profile_of

_CONNECTIONS = Keyset("scheme_connections", (SchemeConnection.id,))


PROVIDERS = frozenset({Kind.HOSPITAL, Kind.CLINIC, Kind.FAMILY_DOCTOR_TEAM, Kind.PHARMACY})
"""Who supplies what a scheme bears."""


@dataclass(frozen=True)
class Reaching:
    """Where a scheme is reached and by which key; `url` is one that `checked_url` let pass."""

    url: str
    key: str = field(repr=False)


@dataclass(frozen=True)
class Opening:
    """What a provider says of its connection."""

    insurer: PublicId
    institution: str
    reach: Reaching


def open_connection(scope: Scope, said: Opening, by: Caller, effect: Effect | None = None) -> SchemeConnection:
    """Connect the tenant to a scheme.

    Raises InvalidInput `not_an_insurer` where that is no insurer's tenant, WrongState `not_a_provider` where the own
    tenant supplies nothing that is settled, and `scheme_connected` where it is.
    """
    _refuse_other_than_insurer(said.insurer)

    def work(opened: Unit) -> SchemeConnection:
        if profile_of(opened).kind not in PROVIDERS:
            raise WrongState("only who supplies care or medicines settles with a scheme", code="not_a_provider")
        own = new_id()
        row = {
            "tenant_id": scope.require_tenant(), "id": own, "insurer": said.insurer.scope.require_tenant(),
            "insurer_id": said.insurer.id, "url": said.reach.url, "institution": said.institution,
            "key": seal_key(opened, own, said.reach.key), "version": 1, "created_at": opened.now,
        }  # fmt: skip
        made = insert(SchemeConnection).values(row).on_conflict_do_nothing().returning(SchemeConnection.id)
        if opened.session.execute(made).first() is None:
            raise WrongState("there is a connection to this scheme", code="scheme_connected")
        found = opened.get(SchemeConnection, own)
        if found is None:
            raise LookupError("a connection vanished")
        record(opened, "scheme_connection.opened", connection_id(found), 1, {"insurer": found.insurer})
        return found

    return run(scope, work, by, effect=effect)


def change_connection(
    known: PublicId, reach: Reaching, seen: int | None, by: Caller, effect: Effect | None = None
) -> SchemeConnection:
    """Reach the scheme elsewhere, or by another key, from the next question on; `seen` is the version that is changed.

    What was settled at the former address is still asked about there, by its last key. Raises NotFound,
    PreconditionFailed, and WrongState `scheme_being_asked` for another address while a settlement is being made or
    reversed, but for what was given up.
    """

    def work(opened: Unit) -> SchemeConnection:
        row = opened.get(SchemeConnection, known.id, lock=True)
        if row is None:
            raise NotFound
        expect_version(row, seen)
        if row.url != reach.url:
            _refuse_asking(opened, row.insurer)
            _keep_former_key(opened, row)
        row.url, row.key, row.version = reach.url, seal_key(opened, row.id, reach.key), row.version + 1
        record(opened, "scheme_connection.changed", known, row.version, {"insurer": row.insurer})
        return row

    return run(known.scope, work, by, effect=effect)


def listed(scope: Scope, asked: Mapping[str, Any]) -> Page[SchemeConnection]:
    """The tenant's connections."""
    with unit(scope) as reading:
        return _CONNECTIONS.page(reading, reading.select(SchemeConnection), asked)


def reach_of(opened: Unit, insurer: int | None, at: str | None = None) -> Reach | None:
    """How the unit's tenant reaches a scheme, or reached it `at` a former address; None where it is not connected.

    Plain tenant scope only.
    """
    row = opened.first(opened.select(SchemeConnection).where(SchemeConnection.insurer == insurer))
    if row is None:
        return None
    if at is None or at == row.url:
        return Reach(row.url, row.institution, open_key(opened, row.id, row.key))
    return Reach(at, row.institution, open_former_keys(opened, row.id, row.former_keys)[at])


def checked_url(url: str, policy: Policy, hosts: frozenset[str]) -> str:
    """The address of a scheme that providers may connect to; raises InvalidInput.

    Where the policy keeps to public addresses, the operator names the hosts: what residents were supplied with goes
    there.
    """
    try:
        destination = check_url(url, policy)
    except DestinationRefused as refused:
        raise InvalidInput(faults=(Fault("/url", f"destination_{refused.reason}", str(refused)),)) from refused
    if not policy.reaches_inside and destination.host not in hosts:
        raise InvalidInput(faults=(Fault("/url", "scheme_unknown", "no scheme of this platform"),))
    return destination.url.rstrip("/")


def _refuse_asking(opened: Unit, insurer: int) -> None:
    """What may be settled at one address must not be settled at another too; what was given up is asked for where it
    was asked first, whatever the connection says.
    """
    asking = (Settlement.insurer == insurer, Settlement.state.in_([State.COMMITTING, State.REVERSING]))
    if opened.first(opened.select(Settlement).where(*asking, Settlement.given_up_at.is_(None)).limit(1)):
        raise WrongState("the scheme is being asked to settle or to reverse", code="scheme_being_asked")


def _keep_former_key(opened: Unit, row: SchemeConnection) -> None:
    keys = open_former_keys(opened, row.id, row.former_keys) | {row.url: open_key(opened, row.id, row.key)}
    row.former_keys = seal_former_keys(opened, row.id, keys)


def _refuse_other_than_insurer(insurer: PublicId) -> None:
    """The tenant itself is asked: the directory follows later."""
    with unit(insurer.scope) as reading:
        try:
            profile = profile_of(reading)
        except NotFound:
            profile = None
    if profile is None or (profile.id, profile.kind) != (insurer.id, Kind.INSURER):
        fault = Fault("/insurer", "not_an_insurer", "no insurer of this platform")
        raise InvalidInput("a scheme is an insurer's", code="not_an_insurer", faults=(fault,))
